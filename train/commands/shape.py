"""``python -m train shape``: fit ASMNet's shape model and look at it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from train.commands.facts import print_facts
from train.commands.fit import add_settings, settings_of
from train.settings.resolve import resolve


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "shape",
        help="fit ASMNet's shape model and look at it",
        description="Fit the shape model that ASMNet's loss uses (fit does so by itself) and say "
        "how far it smooths faces that it was not made from.",
    )
    parser.add_argument("--data", type=Path, required=True, help="prepared folder")
    parser.add_argument("--out", type=Path, help=".npz: mean, components, variances")
    parser.add_argument("--picture", type=Path, help="draw the first three modes")
    parser.add_argument("--force", action="store_true", help="replace existing files")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_settings(parser)
    parser.set_defaults(run=_shape, model="asmnet")


def _shape(arguments: argparse.Namespace) -> None:
    from landmarks.files import refuse_overwrite
    from train.evaluation.shape_report import shape_report, write_modes, write_shape_model

    outputs = [path for path in (arguments.out, arguments.picture) if path]
    for path in outputs:
        refuse_overwrite(path, force=arguments.force)
    settings = settings_of(arguments) | {"out": "."}  # nothing is trained, no run folder is made
    model, facts = shape_report(resolve(settings, arguments.config, arguments.set))
    if arguments.out:
        write_shape_model(arguments.out, model, force=arguments.force)
    if arguments.picture:
        write_modes(arguments.picture, model, force=arguments.force)
    print_facts(facts, as_json=arguments.json)
