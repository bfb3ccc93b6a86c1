"""``python -m train finders``: face finders side by side on frames with known faces.

::

    python -m train finders own haar yunet:yunet_n_320_320.onnx --data frames/test
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "finders",
        help="compare face finders on frames with known faces",
        description="Compare face finders: recall of the labelled faces at IoU 0.5 with the "
        "canonical box, boxes that hit neither a labelled face nor one that another detector saw, "
        "boxes in parts of the frames without a face, and the median time of find(), one thread, "
        "taking turns.",
    )
    parser.add_argument(
        "finders", nargs="+", metavar="FINDER", help="own, own:FILE, haar or yunet:FILE"
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of frames with FOLDER.json beside it"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    parser.set_defaults(run=_finders)


def _finders(arguments: argparse.Namespace) -> None:
    from train.finder.compare import compare, render

    rows = compare(arguments.finders, arguments.data)
    if arguments.json:
        for row in rows:
            print(json.dumps(row.to_dict()))
    else:
        print(render(rows))
