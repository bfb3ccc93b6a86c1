"""``python -m train label``: let networks label prepared faces, to train on them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from command_line.arguments import percent


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "label",
        help="let networks label prepared faces",
        description="Label the faces of a prepared folder by the mean answer of one or more "
        "networks, each shown the face as it is and mirrored, and write a prepared folder for "
        "--also of python -m train fit.",
    )
    parser.add_argument("--data", type=Path, required=True, help="prepared folder")
    parser.add_argument(
        "--model",
        type=Path,
        required=True,
        action="append",
        dest="models",
        help=".keras, .tflite or .onnx file that labels; may be repeated",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument(
        "--keep",
        type=percent,
        default=80.0,
        metavar="PERCENT",
        help="of the faces, those on which all answers agree best (default: 80)",
    )
    parser.add_argument("--force", action="store_true", help="replace what is there")
    parser.set_defaults(run=_label)


def _label(arguments: argparse.Namespace) -> None:
    from train.selftrain.pseudo_label_folder import label_folder

    info = label_folder(
        arguments.data,
        arguments.models,
        arguments.out,
        keep_percent=arguments.keep,
        force=arguments.force,
    )
    print(f"{arguments.out}: {info.n} faces of {info.dataset} {info.subset}")
