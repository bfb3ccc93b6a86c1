"""``python -m train evaluate``: measure the errors of a model file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from train.commands.facts import print_facts


def add_parser(commands: Any) -> None:
    """Add the command."""
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
    print_facts(figures, as_json=arguments.json)
