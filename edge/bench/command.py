"""The command line of ``edge-bench``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from command_line.arguments import Parser, at_least
from command_line.command import run_command
from edge.bench.choice import Choice, ModelChoice, shipped_choices
from edge.bench.config import BUNDLED_CLIP, BUNDLED_FACES, BenchConfig
from edge.bench.contact_sheet import contact_sheet
from edge.bench.instructions import instructions_of, read_instructions
from edge.bench.merge import merge
from edge.bench.peers.registry import PEERS, PeerChoice
from edge.bench.render import refuse_report, write_report
from edge.bench.report import Report, read_report
from edge.bench.run import open_subjects, run_bench
from edge.bench.verdict import verdicts
from edge.models import model_path
from edge.runtime import MOST_THREADS
from landmarks.errors import LandmarkError
from landmarks.faces import read_labelled_faces
from landmarks.pictures import write_picture


def main(argv: Sequence[str]) -> int:
    """Measure, or merge reports."""
    if argv and argv[0] == "merge":
        return _merge(argv[1:])
    args = _parser().parse_args(argv)
    choices = (*_models(args.models), *(PeerChoice.parse(text) for text in args.peer))
    config = BenchConfig(
        choices=choices,
        data=tuple(args.data),
        clip=args.clip,
        threads=tuple(dict.fromkeys(args.threads)),
        quick=args.quick,
        pictures=not args.no_pictures,
    )
    if args.contact_sheet is not None:
        return _contact_sheet(config, args.contact_sheet, force=args.force)
    refuse_report(args.out, force=args.force)
    if args.instructions is not None:
        read_instructions(args.instructions)  # a bad file is said before minutes of work
    run = run_bench(config)
    counts = instructions_of([row.facts.sha256 for row in run.rows], args.instructions)
    write_report(Report((run,), counts), args.out, force=args.force)
    for line in (*run.invalid, *run.warnings):
        print(f"warning: {line}", file=sys.stderr)
    print("\n".join(verdicts(run)))
    print(f"written: {args.out / 'report.html'}", file=sys.stderr)
    return 0


def cli() -> None:
    """Entry point of ``edge-bench``."""
    sys.exit(run_command(main))


def _models(given: Sequence[str] | None) -> tuple[Choice, ...]:
    """Return the models that were given, or else the shipped ones that can run here."""
    if given:
        return tuple(ModelChoice(model_path(model)) for model in given)
    choices, left_out = shipped_choices()
    for reason in left_out:
        print(reason, file=sys.stderr)
    if not choices:
        raise LandmarkError("no model is shipped with this installation: give --models FILE")
    return choices


def _contact_sheet(config: BenchConfig, path: Path, *, force: bool) -> int:
    subjects = [subject for _, subject in open_subjects(config)]
    faces = [face for folder in config.data for face in read_labelled_faces(folder)]
    write_picture(path, contact_sheet(subjects, faces), force=force)
    return 0


def _merge(argv: Sequence[str]) -> int:
    parser = Parser(prog="edge-bench merge", description="Join reports of several boards.")
    parser.add_argument("reports", nargs="+", type=Path, metavar="report.json")
    parser.add_argument("--out", type=Path, required=True, help="folder for the joined report")
    parser.add_argument("--force", action="store_true", help="replace an existing report")
    args = parser.parse_args(argv)
    joined = merge([read_report(path) for path in args.reports])
    write_report(joined, args.out, force=args.force)
    print(f"{len(joined.runs)} runs: {args.out / 'report.html'}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="edge-bench",
        description="Latency against NME on this machine.",
        epilog="edge-bench merge A/report.json B/report.json --out DIR joins reports of boards.",
    )
    parser.add_argument(
        "--models", nargs="+", metavar="FILE", help="files or names (default: all shipped)"
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="NAME[=FILE]",
        help=f"measure a public network too, may be repeated: {', '.join(PEERS)}",
    )
    parser.add_argument(
        "--data",
        nargs="+",
        type=Path,
        default=[BUNDLED_FACES],
        metavar="DIR",
        help="pictures with .pts files (default: the bundled faces)",
    )
    parser.add_argument(
        "--clip", type=Path, default=BUNDLED_CLIP, help="video for whole frames (default: bundled)"
    )
    parser.add_argument(
        "--threads",
        nargs="+",
        type=at_least(1, MOST_THREADS),
        default=[1],
        metavar="N",
        help="(default: 1)",
    )
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    parser.add_argument(
        "--no-pictures", action="store_true", help="leave pictures of faces out of the report"
    )
    parser.add_argument(
        "--instructions",
        type=Path,
        metavar="FILE",
        help="instruction counts to show (default: shipped ones)",
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--out", type=Path, metavar="DIR", help="folder for the report")
    where.add_argument(
        "--contact-sheet",
        type=Path,
        metavar="FILE",
        help="measure nothing, draw what each network answers to the same faces",
    )
    parser.add_argument("--force", action="store_true", help="replace existing outputs")
    return parser
