"""``python -m train finders``: face finders side by side on frames with known faces.

::

    python -m train finders own haar yunet:FILE.onnx --data frames/test --empty frames/none
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from command_line.arguments import at_least
from landmarks.errors import UsageError


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "finders",
        help="compare face finders on frames with known faces",
        description="Compare face finders on frames, each searched whole and in parts: the share "
        "of the known faces that is found at IoU 0.5 with the canonical box, and that the whole "
        "pipeline reports; boxes and faces in frames that show none; and the median time of "
        "find() on a whole frame, one thread, taking turns.",
    )
    parser.add_argument(
        "finders", nargs="+", metavar="FINDER", help="own, own:FILE, haar, yunet:FILE or blazeface"
    )
    parser.add_argument(
        "--data",
        type=Path,
        required=True,
        action="append",
        help="folder of frames with FOLDER.json beside it; may be repeated",
    )
    parser.add_argument(
        "--empty",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="folder of frames that show no face; may be repeated",
    )
    parser.add_argument(
        "--model", default="asmpip-144-int8.tflite", help="landmark network of the pipeline"
    )
    parser.add_argument(
        "--held-out",
        type=Path,
        metavar="MODEL",
        help="only frames that this finder's training held out, by its card",
    )
    parser.add_argument(
        "--every", type=at_least(1), default=1, metavar="N", help="look at every Nth frame only"
    )
    parser.add_argument(
        "--trials", action="store_true", help="the frames again: dark, blurred and rolled"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=_finders)


def _finders(arguments: argparse.Namespace) -> None:
    from train.finder.compare import compare
    from train.finder.comparison_table import figures, render

    tallies = compare(
        arguments.finders,
        arguments.data,
        arguments.empty,
        model=arguments.model,
        held_out=_held_out(arguments.held_out) if arguments.held_out else None,
        every=arguments.every,
        trials=arguments.trials,
    )
    if arguments.json:
        for row in figures(tallies):
            print(json.dumps(row))
    else:
        print(render(tallies))


def _held_out(model: Path) -> Any:
    from landmarks.model_file import read_model
    from train.finder.held_out import HeldOut

    config = read_model(model).card.training.get("config", {})
    try:
        return HeldOut(float(config["validation_percent"]), tuple(config["held_out_sets"]))
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            f"{model}: its card does not say which frames were held out; expected a finder of "
            "python -m train fit"
        ) from None
