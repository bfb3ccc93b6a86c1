"""``python -m train turn``: turn prepared faces out of plane, to train on them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from command_line.arguments import at_least, percent, positive


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "turn",
        help="turn prepared faces out of plane",
        description="Turn the faces of a prepared folder and their landmarks out of plane with a "
        "morphable face, and write a prepared folder for --also of python -m train fit.",
    )
    parser.add_argument("--data", type=Path, required=True, help="prepared folder, 68 points")
    parser.add_argument(
        "--face", type=Path, required=True, metavar="DIR", help="folder of the morphable face"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument(
        "--percent",
        type=percent,
        default=100.0,
        metavar="P",
        help="share of the faces that are turned (default: 100)",
    )
    parser.add_argument(
        "--copies", type=positive(int), default=1, help="poses of each of them (default: 1)"
    )
    parser.add_argument(
        "--yaw",
        type=float,
        nargs=2,
        default=(20.0, 60.0),
        metavar=("FROM", "TO"),
        help="yaw of the turned faces to either side, degrees (default: 20 60)",
    )
    parser.add_argument("--seed", type=at_least(0), default=1, help="of the poses (default: 1)")
    parser.add_argument("--force", action="store_true", help="replace what is there")
    parser.set_defaults(run=_turn)


def _turn(arguments: argparse.Namespace) -> None:
    from train.pose_augmentation.turn import turn_folder

    low, high = arguments.yaw
    turned = turn_folder(
        arguments.data,
        arguments.face,
        arguments.out,
        percent=arguments.percent,
        copies=arguments.copies,
        yaw_range_deg=(low, high),
        seed=arguments.seed,
        force=arguments.force,
    )
    info = turned.info
    print(f"{arguments.out}: {info.n} faces of {info.dataset} {info.subset}")
    print(f"left out: {turned.beyond} that look as far aside, {turned.ill_fitted} badly fitted")
