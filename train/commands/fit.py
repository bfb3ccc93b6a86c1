"""``python -m train fit``: train a network."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from command_line.arguments import positive
from landmarks.errors import UsageError
from landmarks.neighbours import Merge
from train.settings.augmentation import PRESETS
from train.settings.finder import FinderConfig
from train.settings.fit import Precision
from train.settings.limits import LARGEST_INPUT_PX
from train.settings.network import PIPNET_STRIDES
from train.settings.recipes import RECIPE_OF_MODEL, recipe_names
from train.settings.resolve import DEFAULT_MODEL, resolve_any


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "fit",
        help="train a network",
        description="Train a network. Settings come from the recipe of the model, then from "
        "--config, then from the command line; the run folder keeps what came out.",
    )
    parser.add_argument("--data", type=Path, help="prepared folder")
    parser.add_argument(
        "--also",
        type=Path,
        action="append",
        metavar="DIR",
        help="prepared folder with more faces to train on; may be repeated",
    )
    parser.add_argument(
        "--empty",
        type=Path,
        action="append",
        metavar="DIR",
        help="PIP: frames whose faces are known, to learn from what lies beside them",
    )
    parser.add_argument("--out", type=Path, help="run folder")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--force", action="store_true", help="start over in a used run folder")
    add_settings(parser)
    parser.set_defaults(run=_fit)


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add the settings that ``settings_of`` reads."""
    parser.add_argument("--model", choices=list(RECIPE_OF_MODEL), help=f"default: {DEFAULT_MODEL}")
    parser.add_argument(
        "--config", metavar="FILE", help=f"TOML file, or a recipe: {', '.join(recipe_names())}"
    )
    run = parser.add_argument_group("length and speed")
    run.add_argument("--epochs", type=positive(int), help="length of the run")
    run.add_argument("--batch", type=positive(int), help="faces in a step")
    run.add_argument(
        "--size", type=positive(int, LARGEST_INPUT_PX), help="side of the input in pixels"
    )
    run.add_argument("--learning-rate", type=positive(float), help="peak of the schedule")
    run.add_argument("--precision", choices=get_args(Precision))
    run.add_argument("--weights", metavar="imagenet|FILE", help="initial weights (default: random)")
    run.add_argument("--seed", type=int, help="of weights, order and augmentation")
    run.add_argument(
        "--distribute",
        action=argparse.BooleanOptionalAction,
        help="train in several processes or on several devices, as the environment says",
    )
    run.add_argument("--early-stop", type=int, metavar="N", help="validations without a better one")
    run.add_argument("--validation-percent", type=float, help="share of the faces held out")
    how = parser.add_argument_group("method")
    how.add_argument("--augment", choices=list(PRESETS), help="how faces are changed")
    how.add_argument(
        "--neighbours", type=int, metavar="K", help="PIP: of each landmark, 0 for none"
    )
    how.add_argument("--stride", type=int, choices=PIPNET_STRIDES, help="PIP: pixels to a cell")
    how.add_argument("--merge", choices=get_args(Merge), help="PIP: how votes are averaged")
    how.add_argument("--percent", type=float, help="ASM: variance that the shape model explains")
    how.add_argument(
        "--asm-loss", action=argparse.BooleanOptionalAction, help="ASM: the shape model's term"
    )
    how.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="any other setting, such as schedule.kind=cosine; may be repeated",
    )


def settings_of(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what was given on the command line, nested as in a TOML file."""
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    flat = (
        "model data out epochs batch size learning_rate precision weights seed early_stop "
        "validation_percent distribute also empty"
    )
    nested = {
        "augment": {"preset": "augment"},
        "pip": {"k": "neighbours", "stride": "stride", "merge": "merge"},
        "asm": {"percent": "percent", "loss": "asm_loss"},
    }
    settings = {name: _plain(given[name]) for name in flat.split() if name in given}
    for section, names in nested.items():
        if values := {name: given[flag] for name, flag in names.items() if flag in given}:
            settings[section] = values
    return settings


def _plain(value: Any) -> Any:
    """Return a value as a TOML file has it."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def _fit(arguments: argparse.Namespace) -> None:
    from train.finder.fit import fit_finder
    from train.fit import fit

    config = arguments.config
    if arguments.resume and config is None and arguments.out:
        saved = arguments.out / "config.toml"
        if not saved.exists():
            raise UsageError(f"{arguments.out}: no run to resume here (config.toml is missing)")
        config = str(saved)
    chosen = resolve_any(settings_of(arguments), config, arguments.set)
    how = {"resume": arguments.resume, "force": arguments.force}
    print(fit_finder(chosen, **how) if isinstance(chosen, FinderConfig) else fit(chosen, **how))
