"""Tremble, error, delay and cost of following faces, on virtual clips over still pictures.

::

    python -m edge.track_bench --frames FOLDER
    python -m edge.track_bench --frames calib_data/faces --every 40 --json

Each still becomes clips of a virtual camera (``edge.camera.virtual``), whose motion is known: in the
coordinates of the still a perfect tracker does not move at all. Each frame is looked at in several
ways, one after the other, so that the machine's moods hit all alike.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from edge.camera.virtual import Motion, VirtualCamera
from edge.finder import FaceFinder
from edge.finder.haar import HaarFinder
from edge.pipeline import Pipeline
from edge.result import Face, StageTimes
from edge.runtime import open_network
from edge.smooth import OneEuro
from edge.track import same_face
from landmarks.arguments import at_least
from landmarks.boxes import face_box
from landmarks.command import run_command
from landmarks.cross_scheme import to_68
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, read_labelled_faces, read_listed_faces
from landmarks.locate import Localizer
from landmarks.metrics import jitter, lag_s, nme, normaliser_length
from landmarks.schemes import Scheme, get_scheme
from landmarks.score import comparable
from landmarks.types import Floats

# Frames of 640 x 480 with a face of 168 px: somebody at arm's length before a webcam.
FACE_SHARE = 0.35
CLIPS: Mapping[str, Motion] = {
    "still": Motion(noise=4),
    "in the hand": Motion(20, zoom=0.03, roll_deg=3, shake_px=3, exposure=0.3, noise=4),
    "moving": Motion(80, zoom=0.3, roll_deg=30, shake_px=3, exposure=0.5, noise=4),
    "fast": Motion(160, zoom=0.3, roll_deg=40, shake_px=3, exposure=0.5, noise=4),
}
WAYS = ("found in each frame", "tracked", "tracked and smoothed")
FIRST_MEASURED = 10  # before it, filters and boxes are still on their way
LEAST_SEEN = 10  # frames; a clip that shows less of a face has no tremble


@dataclass(frozen=True)
class Figures:
    """One way over one kind of clip, means over the clips.

    Attributes:
        clip, way: which.
        n: clips that were measured.
        seen_percent: share of all frames in which the face was reported.
        nme_percent: error against the labels of the still, inter-ocular.
        jitter_percent: tremble against the exact motion, of the inter-ocular distance.
        lag_ms: delay behind the motion; None where nothing moves.
        frame_ms: median of all stages of a frame.
        beside_network_ms: median of crop, decode, pose and decisions of a frame; searches left out.
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


@dataclass
class Trace:
    """What one way said of one clip: frames in which the face was seen, points there, times."""

    indices: list[int]
    points_frame: list[Floats]
    times: list[StageTimes]

    def add(self, index: int, points_frame: Floats | None, times: StageTimes) -> None:
        """Take in a frame; None: the face was not seen."""
        self.times.append(times)
        if points_frame is not None:
            self.indices.append(index)
            self.points_frame.append(points_frame)


def measure(
    localizer: Localizer,
    finder: FaceFinder,
    faces: Sequence[LabelledFace],
    *,
    smoothing: OneEuro,
    n_frames: int,
) -> Iterator[Figures]:
    """Play all clips over the pictures of labelled faces; yield figures clip by clip."""
    for clip, motion in CLIPS.items():
        rows: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
        traces: dict[str, list[Trace]] = {way: [] for way in WAYS}
        for seed, labelled in enumerate(faces):
            face, scheme = comparable(labelled, get_scheme(localizer.network.card.scheme))
            camera = camera_over(face, motion, n_frames=n_frames, seed=seed)
            for way, trace in play(camera, face, localizer, finder, smoothing).items():
                traces[way].append(trace)
                rows[way].append(_figures_of(trace, camera, face.points_frame, scheme))
        for way in WAYS:
            yield _summary(clip, way, rows[way], traces[way])


def camera_over(face: LabelledFace, motion: Motion, *, n_frames: int, seed: int) -> VirtualCamera:
    """Return the camera that shows a labelled face at the size of ``FACE_SHARE``."""
    box = face_box(face.points_frame)
    height = VirtualCamera.height
    return VirtualCamera(
        face.picture.read(),
        box.centre,
        FACE_SHARE * height / box.width,
        motion,
        n_frames=n_frames,
        seed=seed,
    )


def play(
    camera: VirtualCamera,
    face: LabelledFace,
    localizer: Localizer,
    finder: FaceFinder,
    smoothing: OneEuro,
) -> dict[str, Trace]:
    """Look at each frame of a clip in all ways."""
    scheme = get_scheme(localizer.network.card.scheme)
    single = Pipeline(finder, localizer, follow=False, pose=True)
    tracking = Pipeline(finder, localizer, smoothing=smoothing, pose=True)
    traces = {way: Trace([], [], []) for way in WAYS}
    for index in range(camera.n_frames):
        frame = camera.image(index)
        truth = camera.to_frame(face.points_frame, index)
        for way, pipeline in (("found in each frame", single), ("tracked", tracking)):
            found, times = pipeline.process(frame, index / camera.fps)
            seen = next((f for f in found if same_face(f.box, face_box(truth))), None)
            for name, points in _points_of(seen, way).items():
                shared = points if points is None else to_shared(points, scheme, len(truth))
                traces[name].add(index, shared, times)
    return traces


def _points_of(face: Face | None, way: str) -> dict[str, Floats | None]:
    raw = None if face is None else face.points_frame
    if way != "tracked":
        return {way: raw}
    return {way: raw, "tracked and smoothed": None if face is None else face.points_smooth}


def to_shared(points: Floats, scheme: Scheme, n_points: int) -> Floats:
    """Return points in the scheme of the labels."""
    return points if len(points) == n_points else to_68(points, scheme)


def _figures_of(
    trace: Trace, camera: VirtualCamera, points_still: Floats, scheme: Scheme
) -> dict[str, float]:
    """Return the figures of one clip; those that need a face in sight are left out without."""
    figures = {"seen_percent": 100 * len(trace.indices) / camera.n_frames}
    late = [i for i, index in enumerate(trace.indices) if index >= FIRST_MEASURED]
    if len(late) < LEAST_SEEN:
        return figures
    indices = [trace.indices[i] for i in late]
    given = np.array([trace.points_frame[i] for i in late], np.float64)
    back = np.array([camera.to_still(p, i) for p, i in zip(given, indices, strict=True)])
    true = np.array([camera.to_frame(points_still, i) for i in indices])
    length = normaliser_length(points_still, scheme, "inter-ocular")
    figures["nme_percent"] = 100 * float(np.mean([nme(p, points_still, scheme) for p in back]))
    figures["jitter_percent"] = 100 * jitter(back, length)
    lag = lag_s(given, true, np.array(indices) / camera.fps)
    if lag is not None:
        figures["lag_ms"] = 1000 * lag
    return figures


def _summary(
    clip: str, way: str, rows: Sequence[Mapping[str, float]], traces: Sequence[Trace]
) -> Figures:
    measured = [row for row in rows if "jitter_percent" in row]
    if not measured:
        raise DatasetError(f"no face was seen for {LEAST_SEEN} frames in the clips '{clip}'")
    times = [t for trace in traces for t in trace.times if t.infer_ms > 0]
    beside = [t.crop_ms + t.decode_ms for t in times if way == WAYS[0] or t.find_ms == 0]
    lags = [row["lag_ms"] for row in measured if "lag_ms" in row]
    return Figures(
        clip=clip,
        way=way,
        n=len(measured),
        seen_percent=float(np.mean([row["seen_percent"] for row in rows])),
        nme_percent=float(np.mean([row["nme_percent"] for row in measured])),
        jitter_percent=float(np.mean([row["jitter_percent"] for row in measured])),
        lag_ms=float(np.mean(lags)) if lags else None,
        frame_ms=float(np.median([t.total_ms for t in times])),
        beside_network_ms=float(np.median(beside)),
    )


def render(rows: Sequence[Figures]) -> str:
    """Return figures as a Markdown table."""
    lines = [
        "| clip | way | clips | seen % | NME % | jitter % | lag ms | frame ms | beside network ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lag = "" if row.lag_ms is None else f"{row.lag_ms:.0f}"
        lines.append(
            f"| {row.clip} | {row.way} | {row.n} | {row.seen_percent:.1f} "
            f"| {row.nme_percent:.3f} | {row.jitter_percent:.3f} | {lag} "
            f"| {row.frame_ms:.2f} | {row.beside_network_ms:.2f} |"
        )
    return "\n".join(lines)


def main(argv: Sequence[str]) -> int:
    """Measure and print a table, or JSON."""
    parser = argparse.ArgumentParser(
        prog="python -m edge.track_bench", description="Tremble, error and cost of tracking."
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
    parser.add_argument("--threads", type=at_least(1), default=1, help="for the network")
    parser.add_argument("--json", action="store_true", help="print JSON")
    args = parser.parse_args(argv)
    listing = args.frames.with_name(f"{args.frames.name}.json")
    faces = read_listed_faces(listing) if listing.exists() else read_labelled_faces(args.frames)
    localizer = Localizer.of(open_network(args.model, threads=args.threads))
    rows = []
    for row in measure(
        localizer,
        HaarFinder(),
        faces[:: args.every],
        smoothing=OneEuro(),
        n_frames=args.length,
    ):
        print(f"{row.clip}, {row.way}: done", file=sys.stderr)
        rows.append(row)
    card = localizer.network.card
    if args.json:
        figures = [asdict(row) for row in rows]
        print(json.dumps({"model": card.name, "precision": card.precision, "rows": figures}))
    else:
        print(f"{card.name} {card.precision}, {len(faces[:: args.every])} pictures\n")
        print(render(rows))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
