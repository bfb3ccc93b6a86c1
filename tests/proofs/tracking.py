"""Jitter, error, delay and cost of following faces, on virtual clips over still pictures.

::

    python -m tests.proofs.tracking --frames FOLDER
    python -m tests.proofs.tracking --frames calib_data/faces --every 40 --json

Each still becomes clips of a virtual camera (``edge.camera.virtual``), whose motion is known. Each
frame is processed in several ways, one after the other, so that other load on the machine slows all
of them alike.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from command_line.arguments import at_least
from command_line.command import run_command
from edge.camera.virtual import Motion
from edge.finder import FaceFinder
from edge.finder.choose import DEFAULT_FINDER, SPECS, open_finder
from edge.runtime import open_network
from edge.tracking.smooth import OneEuro
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, read_labelled_faces, read_listed_faces
from landmarks.locate import Localizer
from landmarks.measure import comparable
from landmarks.schemes import get_scheme
from tests.proofs.trial import FOUND, WAYS, Trace, TraceFigures, camera_over, figures_of, play

CLIPS: Mapping[str, Motion] = {
    "still": Motion(noise=4),
    "in the hand": Motion(20, zoom=0.03, roll_deg=3, shake_px=3, exposure=0.3, noise=4),
    "moving": Motion(80, zoom=0.3, roll_deg=30, shake_px=3, exposure=0.5, noise=4),
    "fast": Motion(160, zoom=0.3, roll_deg=40, shake_px=3, exposure=0.5, noise=4),
}


@dataclass(frozen=True)
class Row:
    """One way over one kind of clip; means over the clips in which all ways saw the face.

    Attributes:
        clip, way: which.
        n: clips that were measured.
        seen_percent: share of all frames in which the face was reported.
        nme_percent: error against the labels of the still, inter-ocular.
        jitter_percent: movement beside the exact motion, of the inter-ocular distance.
        lag_ms: delay behind the motion; None where nothing moves.
        frame_ms: median over the frames, all stages.
        beside_network_ms: the same of crop, decoding, pose and decisions; where faces are tracked,
            frames with a search are left out.
    """

    clip: str
    way: str
    n: int
    seen_percent: float
    nme_percent: float
    jitter_percent: float
    lag_ms: float | None
    frame_ms: float
    beside_network_ms: float


def measure(
    localizer: Localizer,
    finder: FaceFinder,
    faces: Sequence[LabelledFace],
    *,
    smoothing: OneEuro,
    n_frames: int,
) -> Iterator[Row]:
    """Play all clips over the pictures of labelled faces; yield rows clip by clip.

    Raises:
        DatasetError: labels cannot be compared with the network's, or no face was seen.
    """
    for clip, motion in CLIPS.items():
        traces: list[dict[str, Trace]] = []
        figures: list[dict[str, TraceFigures]] = []
        for seed, labelled in enumerate(faces):
            face, scheme = comparable(labelled, get_scheme(localizer.network.card.scheme))
            camera = camera_over(face, motion, n_frames=n_frames, seed=seed)
            played = play(camera, face.points_frame, localizer, finder, smoothing)
            traces.append(played)
            figures.append(figures_of(played, camera, face.points_frame, scheme))
        for way in WAYS:
            measured = [of_clip[way] for of_clip in figures if of_clip]
            yield _row(clip, way, measured, [played[way] for played in traces])


def _row(clip: str, way: str, figures: Sequence[TraceFigures], traces: Sequence[Trace]) -> Row:
    if not figures:
        raise DatasetError(f"no face was seen for long enough in the clips '{clip}'")
    seen = [points is not None for trace in traces for points in trace.points_frame]
    times = [took for trace in traces for took in trace.times if took.infer_ms > 0]
    beside = [t.crop_ms + t.decode_ms for t in times if way == FOUND or t.find_ms == 0]
    lags = [1000 * of_clip.lag_s for of_clip in figures if of_clip.lag_s is not None]
    return Row(
        clip=clip,
        way=way,
        n=len(figures),
        seen_percent=100 * float(np.mean(seen)),
        nme_percent=100 * float(np.mean([of_clip.nme for of_clip in figures])),
        jitter_percent=100 * float(np.mean([of_clip.jitter for of_clip in figures])),
        lag_ms=float(np.mean(lags)) if lags else None,
        frame_ms=float(np.median([took.total_ms for took in times])),
        beside_network_ms=float(np.median(beside)),
    )


def render(rows: Sequence[Row]) -> str:
    """Return rows as a Markdown table."""
    lines = [
        "| clip | way | clips | seen % | NME % | jitter % | lag ms | frame ms | beside network |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lag = "" if row.lag_ms is None else str(round(row.lag_ms))
        lines.append(
            f"| {row.clip} | {row.way} | {row.n} | {row.seen_percent:.1f} "
            f"| {row.nme_percent:.3f} | {row.jitter_percent:.3f} | {lag} "
            f"| {row.frame_ms:.2f} | {row.beside_network_ms:.2f} |"
        )
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proofs.tracking", description="Jitter, error and cost of tracking."
    )
    parser.add_argument(
        "--frames",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="pictures with .pts files beside them, or with a list of points FOLDER.json",
    )
    parser.add_argument("--every", type=at_least(1), default=1, help="take each so many-th picture")
    parser.add_argument("--length", type=at_least(30), default=60, help="frames of a clip")
    parser.add_argument("--model", default="default", help="file or name of a shipped model")
    parser.add_argument("--finder", default=DEFAULT_FINDER, help=f"{SPECS} (default: own)")
    parser.add_argument("--threads", type=at_least(1), default=1, help="for the networks")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    listing = args.frames.with_name(f"{args.frames.name}.json")
    faces = read_listed_faces(listing) if listing.exists() else read_labelled_faces(args.frames)
    localizer = Localizer.of(open_network(args.model, threads=args.threads))
    chosen = faces[:: args.every]
    rows = []
    finder = open_finder(args.finder, threads=args.threads)
    for row in measure(localizer, finder, chosen, smoothing=OneEuro(), n_frames=args.length):
        print(render([row]).splitlines()[-1], file=sys.stderr)
        rows.append(row)
    card = localizer.network.card
    if args.json:
        figures = [asdict(row) for row in rows]
        print(json.dumps({"model": card.name, "precision": card.precision, "rows": figures}))
    else:
        print(f"{card.name} {card.precision}, {len(chosen)} pictures\n")
        print(render(rows))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
