"""``python -m train prepare``: cut the faces of a data set into arrays."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from landmarks.schemes import IBUG68


def add_parser(commands: Any) -> None:
    """Add the command."""
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
