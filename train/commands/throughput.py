"""``python -m train throughput``: what the input pipeline adds to the network's own step."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from command_line.arguments import positive
from train.commands.facts import print_facts
from train.settings.fit import Precision
from train.settings.limits import LARGEST_INPUT_PX
from train.settings.recipes import RECIPE_OF_MODEL
from train.settings.resolve import resolve


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "throughput",
        help="measure training steps with and without the input pipeline",
        description="Measure, in turns, training steps of the network alone on one fixed batch "
        "and of the whole loop. Settings are those of the model's recipe.",
    )
    parser.add_argument("--model", choices=list(RECIPE_OF_MODEL), required=True)
    parser.add_argument("--data", type=Path, required=True, help="prepared folder")
    parser.add_argument(
        "--size", type=positive(int, LARGEST_INPUT_PX), help="side of the input in pixels"
    )
    parser.add_argument("--batch", type=positive(int), default=32, help="faces in a step")
    parser.add_argument("--precision", choices=get_args(Precision))
    parser.add_argument("--steps", type=positive(int), default=30, help="of each kind")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_throughput)


def _throughput(arguments: argparse.Namespace) -> None:
    from train.evaluation.throughput import throughput

    given = {name: getattr(arguments, name) for name in ("model", "size", "batch", "precision")}
    settings = {name: value for name, value in given.items() if value is not None}
    config = resolve({**settings, "data": str(arguments.data), "out": "unused"})
    print_facts(asdict(throughput(config, arguments.steps)), as_json=arguments.json)
