"""``python -m train fit``: train a network."""

from __future__ import annotations

import argparse
from dataclasses import fields
from pathlib import Path
from typing import Any

from landmarks.errors import UsageError

MODELS = ("asmpip",)


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("fit", help="train a network")
    parser.add_argument("--model", choices=MODELS, help="architecture (default: asmpip)")
    parser.add_argument("--data", type=Path, help="prepared folder")
    parser.add_argument("--out", type=Path, help="run folder")
    parser.add_argument("--config", type=Path, help="TOML file; the command line wins over it")
    parser.add_argument("--epochs", type=_positive(int), help="length of the run")
    parser.add_argument("--batch", type=_positive(int), help="faces in a step")
    parser.add_argument("--size", type=_positive(int), help="side of the input in pixels")
    parser.add_argument("--learning-rate", type=_positive(float), help="peak of the schedule")
    parser.add_argument("--seed", type=int, help="of weights, order and augmentation")
    parser.add_argument(
        "--validation-percent", type=float, help="share of the faces held out (default: 5)"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint")
    parser.add_argument("--force", action="store_true", help="start over in a used run folder")
    parser.set_defaults(run=_fit)


def _fit(arguments: argparse.Namespace) -> None:
    from train.augment import AugmentConfig
    from train.config_file import read_config
    from train.fit import FitConfig, fit

    chosen = read_config(arguments.config) if arguments.config else {}
    known = {field.name for field in fields(FitConfig)}
    chosen |= {k: v for k, v in vars(arguments).items() if k in known and v is not None}
    if unknown := set(chosen) - known:
        raise UsageError(f"{arguments.config}: unknown setting {', '.join(sorted(unknown))}")
    if missing := {"data", "out"} - set(chosen):
        raise UsageError(f"fit needs --{' and --'.join(sorted(missing))}")
    if chosen.get("model", MODELS[0]) not in MODELS:
        raise UsageError(f"unknown model {chosen['model']!r}, expected {', '.join(MODELS)}")
    try:
        chosen["augment"] = AugmentConfig(**chosen.get("augment", {}))
    except TypeError as error:
        raise UsageError(f"{arguments.config}: augment: {error}") from None
    chosen |= {"data": Path(chosen["data"]), "out": Path(chosen["out"])}
    print(fit(FitConfig(**chosen), resume=arguments.resume, force=arguments.force))


def _positive(kind: type) -> Any:
    def parse(text: str) -> Any:
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"must be above 0, received {text}")
        return value

    parse.__name__ = f"positive {kind.__name__}"
    return parse
