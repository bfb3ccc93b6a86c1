"""``python -m train selftrain``: learn from labelled and unlabelled faces, in rounds."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from command_line.arguments import at_least
from landmarks.errors import UsageError
from train.commands.fit import add_settings, settings_of
from train.settings.resolve import layered, resolve
from train.settings.selftrain import METHODS, SelftrainConfig

# Settings that go from the command line into ``SelftrainConfig`` under their own names.
OWN = ("unlabelled", "steps", "confidence", "labelled_share", "relabel_every")


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "selftrain",
        help="learn from unlabelled faces too",
        description="Self-training with curriculum (PIPNet, section 4). Round 0 learns from the "
        "labelled faces; in each further round the last network labels the unlabelled ones and a "
        "new one learns from both. --epochs is the length of every round. --out and --resume are "
        "enough to go on.",
    )
    parser.add_argument("--labelled", type=Path, dest="data", help="prepared folder")
    parser.add_argument(
        "--unlabelled", type=Path, action="append", help="prepared folder; may be repeated"
    )
    parser.add_argument("--out", type=Path, help="folder with a run for every round")
    parser.add_argument(
        "--method",
        choices=list(METHODS),
        help="; ".join(f"{name}: {', '.join(tasks) or '-'}" for name, tasks in METHODS.items())
        + " (default: stc)",
    )
    parser.add_argument("--steps", type=at_least(0), help="of an epoch (default: one pass)")
    parser.add_argument(
        "--confidence",
        action=argparse.BooleanOptionalAction,
        help="faces count the less, the more their mirror image disagrees",
    )
    parser.add_argument(
        "--labelled-share",
        type=float,
        metavar="SHARE",
        help="of labelled faces in an epoch (default: as the lists have it)",
    )
    parser.add_argument(
        "--relabel-every",
        type=at_least(0),
        metavar="EPOCHS",
        help="the network's averaged weights label anew, and it goes on from round to round",
    )
    parser.add_argument("--resume", action="store_true", help="go on where it stopped")
    parser.add_argument("--force", action="store_true", help="start over in a used folder")
    add_settings(parser)
    parser.set_defaults(run=_selftrain)


def _selftrain(arguments: argparse.Namespace) -> None:
    from train.selftrain.rounds import COLUMNS, selftrain

    rows = selftrain(_config(arguments), resume=arguments.resume, force=arguments.force)
    print(",".join(COLUMNS))
    for row in rows:
        print(",".join(str(value) for value in row.values()))


def _config(arguments: argparse.Namespace) -> SelftrainConfig:
    """Return the settings of the command line, over those of the run that is resumed."""
    from train.selftrain.rounds import saved_settings

    saved = saved_settings(arguments.out) if arguments.resume and arguments.out else {}
    if arguments.config:
        fit = resolve(settings_of(arguments), arguments.config, arguments.set)
    else:
        settings = layered(saved.get("fit", {}), settings_of(arguments))
        flags = {"data": "--labelled", "out": "--out"}
        if missing := [flag for name, flag in flags.items() if name not in settings]:
            reason = "no self-training to resume here: " if arguments.resume else ""
            raise UsageError(f"{reason}selftrain needs {' and '.join(missing)}")
        fit = resolve(settings, None, arguments.set)
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    chosen = {name: given.get(name, saved.get(name)) for name in OWN}
    tasks = METHODS[given["method"]] if "method" in given else saved.get("tasks", METHODS["stc"])
    config = SelftrainConfig(
        fit=fit,
        unlabelled=tuple(map(Path, chosen.pop("unlabelled") or ())),
        tasks=tuple(tasks),
        **{name: value for name, value in chosen.items() if value is not None},
    )
    if config.tasks and not config.unlabelled:
        raise UsageError("selftrain needs --unlabelled DIR, except with --method supervised")
    if not 0 <= config.labelled_share < 1:
        raise UsageError(f"--labelled-share is 0 to 1, received {config.labelled_share}")
    if fit.distribute:
        raise UsageError("selftrain trains in one process: leave out --distribute")
    return config
