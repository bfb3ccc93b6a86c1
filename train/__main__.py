"""``python -m train``: prepare data, fit a network, evaluate and describe model files.

::

    python -m train prepare w300 --root 300w --out prepared/w300
    python -m train fit --model asmpip --data prepared/w300 --out runs/asmpip
    python -m train evaluate edge/models/asmpip-128-int8.tflite --data 300w --json
    python -m train describe edge/models/asmpip-128-int8.tflite --json
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from landmarks.command import run_command
from landmarks.errors import UsageError
from landmarks.schemes import IBUG68

MODELS = ("asmpip",)


def main(argv: Sequence[str] | None = None) -> int | None:
    """Parse the command line and run one command."""
    parser = argparse.ArgumentParser(prog="python -m train", description="Train landmark networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_prepare(commands)
    _add_fit(commands)
    _add_evaluate(commands)
    _add_describe(commands)
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    return arguments.run(arguments)


def _add_prepare(commands: Any) -> None:
    parser = commands.add_parser("prepare", help="cut the faces of a data set into arrays")
    parser.add_argument("dataset", choices=["w300"], help="which data set")
    parser.add_argument("--root", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--subset", default="train", help="part of it (default: train)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--force", action="store_true", help="replace what is there")
    parser.set_defaults(run=_prepare)


def _prepare(arguments: argparse.Namespace) -> None:
    from train.datasets.w300 import read_w300
    from train.prepared import prepare

    info = prepare(
        read_w300(arguments.root, arguments.subset),
        arguments.out,
        dataset=arguments.dataset,
        subset=arguments.subset,
        scheme=IBUG68.name,
        force=arguments.force,
    )
    print(f"{arguments.out}: {info.n} faces of {info.dataset} {info.subset}, {info.size} px")


def _add_fit(commands: Any) -> None:
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


def _add_evaluate(commands: Any) -> None:
    parser = commands.add_parser("evaluate", help="measure the errors of a model file")
    parser.add_argument("model", help=".keras, .tflite or .onnx file, or a shipped model's name")
    parser.add_argument("--data", type=Path, required=True, help="300W, or a folder with .pts")
    parser.add_argument("--subset", help="of 300W: train, common, challenging, full")
    parser.add_argument("--boxes", choices=["truth", "detector"], default="truth")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> None:
    from train.evaluate import evaluate

    figures = evaluate(
        arguments.model, arguments.data, subset=arguments.subset, boxes=arguments.boxes
    )
    _print_facts(figures, as_json=arguments.json)


def _add_describe(commands: Any) -> None:
    parser = commands.add_parser("describe", help="say what a model file is")
    parser.add_argument("model", help=".keras, .tflite or .onnx file, or a shipped model's name")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_describe)


def _describe(arguments: argparse.Namespace) -> None:
    from train.describe import describe

    _print_facts(describe(arguments.model), as_json=arguments.json)


def _print_facts(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(facts))
        return
    for key, value in facts.items():
        if key == "card":
            continue  # long, and all of it is in --json
        print(f"{key:>22}  {value}")


def _positive(kind: type) -> Any:
    def parse(text: str) -> Any:
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"must be above 0, received {text}")
        return value

    parse.__name__ = f"positive {kind.__name__}"
    return parse


if __name__ == "__main__":
    sys.exit(run_command(main))
