"""``python -m train table``: the table of the landmark networks that are here."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "table",
        help="the table of the shipped landmark networks and the baselines",
        description="Measure the committed files of the shipped landmark networks and of the "
        "published ones that were trained to compare with: size, error with boxes of the labels "
        "and of the finder, latency beside each other, instructions.",
    )
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="such as asmpip-144 or asmnet-224; default: all"
    )
    parser.add_argument(
        "--data", type=Path, required=True, help="300W, or pictures with .pts files beside them"
    )
    parser.add_argument("--ytf", type=Path, metavar="DIR", help="YouTube Faces frames")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.set_defaults(run=_model_table)


def _model_table(arguments: argparse.Namespace) -> None:
    from train.evaluation.model_table import model_table, render
    from train.preparation.any_layout import read_faces

    faces, subset = read_faces(arguments.data, None, None)
    other = read_faces(arguments.ytf, "ytf", None)[0] if arguments.ytf else None
    rows = model_table(arguments.names, faces, other)
    if arguments.json:
        print(
            json.dumps({"subset": subset, "n": len(faces), "rows": [asdict(row) for row in rows]})
        )
        return
    print(f"{len(faces)} faces, {subset}\n\n{render(rows)}")
