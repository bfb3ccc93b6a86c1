"""``python -m train prepare``: cut the faces of a data set into arrays."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from command_line.arguments import positive
from train.datasets.registry import DATASETS, get_dataset
from train.preparation.prepared import LARGEST_PREPARED_PX, PREPARED_SIZE


def add_parser(commands: Any) -> None:
    """Add the command."""
    width = max(len(name) for name in DATASETS)
    parser = commands.add_parser(
        "prepare",
        help="cut the faces of a data set into arrays",
        description="Cut the faces of a data set into arrays that training reads from.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="data sets and their subsets (the first is the default):\n"
        + "\n".join(
            f"  {dataset.name:{width}}  {dataset.title}: {', '.join(dataset.subsets)}"
            for dataset in DATASETS.values()
        )
        + "\n\nfolder: found looks for the face of every picture; crop:SIDE,DY says where it lies\n"
        "in all of them, e.g. crop:0.5,0.08: half as wide as the picture, 0.08 below its middle.",
    )
    parser.add_argument("dataset", choices=list(DATASETS), metavar="DATASET", help="see below")
    parser.add_argument("--root", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--subset", help="part of it, see below")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument(
        "--size",
        type=positive(int, LARGEST_PREPARED_PX),
        default=PREPARED_SIZE,
        help="side of a prepared face in pixels (default: %(default)s); what networks see is cut "
        "from its inner three quarters",
    )
    parser.add_argument("--limit", type=positive(int), help="take so many faces, evenly spread")
    parser.add_argument(
        "--skip-bad", action="store_true", help="leave bad files out and count them"
    )
    parser.add_argument("--force", action="store_true", help="replace what is there")
    parser.set_defaults(run=_prepare)


def _prepare(arguments: argparse.Namespace) -> None:
    from landmarks.files import refuse_overwrite
    from train.datasets.bad_files import BadFiles
    from train.datasets.box_agreement import report_box_agreement
    from train.preparation.prepare import prepare
    from train.preparation.prepared import MARKER

    dataset = get_dataset(arguments.dataset)
    subset = arguments.subset or dataset.subsets[0]
    refuse_overwrite(arguments.out / MARKER, force=arguments.force)  # before a long reading
    bad = BadFiles(arguments.skip_bad, hint="; --skip-bad leaves bad files out")
    faces = dataset.read(arguments.root, subset, bad)
    report_box_agreement(faces)
    info = prepare(
        faces,
        arguments.out,
        dataset=dataset.name,
        subset=subset,
        scheme=dataset.scheme,
        terms=dataset.terms,
        bad=bad,
        size=arguments.size,
        limit=arguments.limit,
        force=arguments.force,
    )
    print(
        f"{arguments.out}: {info.n} faces of {info.dataset} {info.subset}, {info.size} px, "
        f"{info.skipped} bad files left out"
    )
