"""``python -m train label-frames``: let YuNet label frames, to train a face finder on them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from landmarks.errors import UsageError


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "label-frames",
        help="let YuNet label frames for a finder",
        description="Copy a folder of pictures and write where YuNet sees faces in them, with its "
        "score and their roll, for python -m train fit --model finder. Landmarks that FOLDER.json "
        "has are kept.",
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of pictures")
    parser.add_argument("--yunet", type=Path, metavar="FILE", help="YuNet as an ONNX file")
    parser.add_argument(
        "--no-faces", action="store_true", help="the pictures show no face: no detector is asked"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write, and its .json")
    parser.add_argument("--force", action="store_true", help="replace labels that are there")
    parser.set_defaults(run=_label)


def _label(arguments: argparse.Namespace) -> None:
    from train.finder.label_frames import label_frames

    if (arguments.yunet is None) != arguments.no_faces:
        raise UsageError("label-frames needs either --yunet FILE or --no-faces")
    entries = label_frames(arguments.data, arguments.out, arguments.yunet, force=arguments.force)
    faces = sum(len(entry["faces"]) for entry in entries.values())
    print(f"{arguments.out}: {len(entries)} frames, {faces} faces seen by the detector")
