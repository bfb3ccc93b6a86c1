"""``python -m train presence``: choose from which score on an answer counts as a face."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "presence",
        help="choose from which presence score on an answer counts as a face",
        description="Measure the presence scores of a landmark network on faces and beside them, "
        "and write its file anew with the threshold between the two in its card.",
    )
    parser.add_argument("model", type=Path, help=".keras, .tflite or .onnx file")
    parser.add_argument(
        "--frames", type=Path, required=True, metavar="DIR", help="pictures with DIR.json beside it"
    )
    parser.add_argument("--out", type=Path, required=True, help="file to write, of the same kind")
    parser.add_argument("--force", action="store_true", help="replace what is there")
    parser.set_defaults(run=_presence)


def _presence(arguments: argparse.Namespace) -> None:
    from train.datasets.frames import read_frames
    from train.evaluation.presence_threshold import set_presence

    frames = read_frames(arguments.frames)
    presence = set_presence(arguments.model, frames, arguments.out, force=arguments.force)
    for name, scores, percents in (
        ("faces", presence.faces, (1, 5, 50)),
        ("no face", presence.others, (50, 95, 99)),
    ):
        values = ", ".join(f"{value:.3f}" for value in np.percentile(scores, percents))
        print(f"{name}: {len(scores)} boxes; {', '.join(map(str, percents))} %: {values}")
    print(f"{arguments.out}: a face from {presence.threshold:.4f} on")
