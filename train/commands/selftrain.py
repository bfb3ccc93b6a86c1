"""``python -m train selftrain``: learn from labelled and unlabelled faces, in rounds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from landmarks.errors import UsageError
from train.commands.fit import add_settings, settings_of
from train.selftrain.config import METHODS, SelftrainConfig


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "selftrain",
        help="learn from unlabelled faces too",
        description="Self-training with curriculum (PIPNet, section 4). Round 0 learns from the "
        "labelled faces; in each further round the last network labels the unlabelled ones and a "
        "new one learns from both. --epochs is the length of every round.",
    )
    parser.add_argument("--labelled", type=Path, dest="data", help="prepared folder")
    parser.add_argument(
        "--unlabelled", type=Path, action="append", default=[], help="prepared; may be repeated"
    )
    parser.add_argument("--out", type=Path, help="folder with a run for every round")
    parser.add_argument(
        "--method",
        choices=list(METHODS),
        default="stc",
        help="; ".join(f"{name}: {', '.join(tasks) or '-'}" for name, tasks in METHODS.items()),
    )
    parser.add_argument("--steps", type=int, default=0, help="of an epoch (default: one pass)")
    parser.add_argument(
        "--confidence",
        action="store_true",
        help="faces count the less, the more their mirror image disagrees",
    )
    parser.add_argument(
        "--labelled-share",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="of labelled faces in an epoch (default: as the lists have it)",
    )
    parser.add_argument(
        "--relabel-every",
        type=int,
        default=0,
        metavar="EPOCHS",
        help="the network's averaged weights label anew, and it goes on from round to round",
    )
    parser.add_argument("--resume", action="store_true", help="go on where it stopped")
    parser.add_argument("--force", action="store_true", help="start over in a used folder")
    add_settings(parser)
    parser.set_defaults(run=_selftrain)


def _selftrain(arguments: argparse.Namespace) -> None:
    from train.fit_settings import resolve
    from train.selftrain.rounds import COLUMNS, selftrain

    tasks = METHODS[arguments.method]
    if tasks and not arguments.unlabelled:
        raise UsageError(f"--method {arguments.method} needs --unlabelled DIR")
    if not 0 <= arguments.labelled_share < 1:
        raise UsageError(f"--labelled-share is 0 to 1, received {arguments.labelled_share}")
    config = SelftrainConfig(
        fit=resolve(settings_of(arguments), arguments.config, arguments.set),
        unlabelled=tuple(arguments.unlabelled),
        tasks=tasks,
        steps=arguments.steps,
        confidence=arguments.confidence,
        labelled_share=arguments.labelled_share,
        relabel_every=arguments.relabel_every,
    )
    rows = selftrain(config, resume=arguments.resume, force=arguments.force)
    print(",".join(COLUMNS))
    for row in rows:
        print(",".join(str(value) for value in row.values()))
