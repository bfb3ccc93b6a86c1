"""``python -m train evaluate``: measure the errors of model files.

::

    python -m train evaluate default --data 300w --json
    python -m train evaluate a.tflite b.onnx --data wflw68 --ced ced.png --errors faces.csv
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from landmarks.metrics import Frame, Normaliser
from train.commands.facts import print_facts
from train.datasets.registry import DATASETS
from train.settings.evaluate import Boxes, EvaluateConfig

COLUMNS = ("n", "missed", "nme_percent", "fr10_percent", "auc10")


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "evaluate",
        help="measure the errors of model files",
        description="Measure the landmark errors of model files on labelled faces. Networks of 98 "
        "points and labels of 68 (or the other way round) are compared at the 68 that they share.",
    )
    parser.add_argument(
        "models",
        nargs="+",
        metavar="MODEL",
        help=".keras, .tflite or .onnx file, or a shipped model's name; several are measured on "
        "the same faces",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the labelled faces")
    parser.add_argument(
        "--dataset",
        choices=[name for name, dataset in DATASETS.items() if dataset.scheme],
        help="layout of the folder (default: 300W's, prepared faces, or pictures with .pts files)",
    )
    parser.add_argument(
        "--subset",
        help="part of the data set (default: the one for testing); of prepared faces all, train or "
        "held-out",
    )
    how = parser.add_argument_group("how to measure")
    how.add_argument(
        "--boxes",
        choices=get_args(Boxes),
        default="truth",
        help="face boxes: of the labels (the papers' protocol, default), of the data set, or found "
        "by the finder that is shipped; faces that it does not find are counted as missed",
    )
    how.add_argument(
        "--normaliser",
        choices=get_args(Normaliser),
        default="inter-ocular",
        help="what distances are divided by (default: inter-ocular, the outer eye corners)",
    )
    how.add_argument(
        "--frame",
        choices=get_args(Frame),
        default="original",
        help="measure in original pixels (default), or as PIPNet does in the labels' tight box "
        "x 1.1 resized to a square",
    )
    out = parser.add_argument_group("what to report")
    out.add_argument(
        "--by-group",
        action="store_true",
        help="also each group of the data set (300W's common and challenging, WFLW's attributes)",
    )
    out.add_argument(
        "--by-condition",
        action="store_true",
        help="also the faces grey, blurred, dark, 32 px small, partly covered and turned by 45 "
        "degrees",
    )
    out.add_argument("--ced", type=Path, metavar="FILE", help="draw the cumulative error curves")
    out.add_argument("--errors", type=Path, metavar="FILE", help="write every face's error as CSV")
    out.add_argument(
        "--worst",
        type=Path,
        metavar="FILE",
        help="draw the faces with the largest errors, and those under each condition",
    )
    out.add_argument("--force", action="store_true", help="replace existing files")
    out.add_argument("--json", action="store_true", help="print one JSON object a line and model")
    parser.set_defaults(run=_evaluate)


def _evaluate(arguments: argparse.Namespace) -> None:
    from train.evaluation.evaluate import evaluate

    config = EvaluateConfig(
        models=tuple(arguments.models),
        data=arguments.data,
        dataset=arguments.dataset,
        subset=arguments.subset,
        boxes=arguments.boxes,
        normaliser=arguments.normaliser,
        frame=arguments.frame,
        by_group=arguments.by_group,
        by_condition=arguments.by_condition,
        ced=arguments.ced,
        errors=arguments.errors,
        worst=arguments.worst,
        force=arguments.force,
    )
    for place, figures in enumerate(evaluate(config)):
        if arguments.json:
            print_facts(figures, as_json=True)
            continue
        if place:
            print()
        groups, conditions = figures.pop("groups", {}), figures.pop("conditions", {})
        print_facts(figures, as_json=False)
        _print_table("group", groups)
        _print_table("condition", conditions)


def _print_table(title: str, parts: dict[str, dict[str, Any]]) -> None:
    if not parts:
        return
    print("".join([f"{title:>22}", *(f"{column:>14}" for column in COLUMNS)]))
    for name, figures in parts.items():
        cells = (f"{figures.get(column, '-'):>14}" for column in COLUMNS)
        print("".join([f"{name:>22}", *cells]))
