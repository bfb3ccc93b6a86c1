"""``python -m train describe``: say what a model file is."""

from __future__ import annotations

import argparse
from typing import Any

from train.commands.facts import print_facts


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("describe", help="say what a model file is")
    parser.add_argument("model", help=".keras, .tflite or .onnx file, or a shipped model's name")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_describe)


def _describe(arguments: argparse.Namespace) -> None:
    from train.evaluation.describe import describe

    print_facts(describe(arguments.model), as_json=arguments.json)
