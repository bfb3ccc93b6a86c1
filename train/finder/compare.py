"""Finders side by side on the same frames: what they find, what they imagine, how long they take.

Everything comes from the code that ships: ``edge.finder``. The finders take turns on each frame, so
that drift of the machine hits all alike; each has one thread.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from tqdm import tqdm

from edge.finder.choose import open_finder
from landmarks.find import Detection
from landmarks.types import Image
from train.datasets.frames import read_frames
from train.finder.backgrounds import background_of
from train.finder.score import FinderScore, Outcome, judge, summarise

WARM_UP = 5  # turns whose times do not count


@dataclass(frozen=True)
class Row:
    """A finder's figures.

    Attributes:
        finder: as it was asked for.
        score: on the frames.
        backgrounds: parts of the frames without a face.
        false_backgrounds: boxes that were found in them.
        find_ms: median time of a whole ``find()`` on a frame.
        find_cpu_ms: the same in time of the processor, which other work on it does not lengthen.
    """

    finder: str
    score: FinderScore
    backgrounds: int
    false_backgrounds: int
    find_ms: float
    find_cpu_ms: float

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types."""
        fields = asdict(self)
        return {**fields.pop("score"), **fields}


def compare(specs: Sequence[str], folder: Path) -> list[Row]:
    """Run finders over a folder of frames.

    Args:
        specs: as in ``edge.finder.choose``.
        folder: of frames, see ``train.datasets.frames``.

    Raises:
        UsageError, ModelFileError, MissingExtraError: a finder cannot be opened.
        DatasetError, PictureError: the frames cannot be read.
    """
    frames = read_frames(folder)
    cv2.setNumThreads(1)
    finders = {spec: open_finder(spec, threads=1) for spec in specs}
    outcomes: dict[str, list[Outcome]] = {spec: [] for spec in finders}
    times_ms: dict[str, list[tuple[float, float]]] = {spec: [] for spec in finders}
    imagined = dict.fromkeys(finders, 0)
    backgrounds = 0

    def timed(spec: str, picture: Image) -> tuple[Detection, ...]:
        start, cpu_start = time.perf_counter_ns(), time.thread_time_ns()
        found = finders[spec].find(picture)
        cpu_ns, ns = time.thread_time_ns() - cpu_start, time.perf_counter_ns() - start
        times_ms[spec].append((ns / 1e6, cpu_ns / 1e6))
        return found

    for frame in tqdm(frames, desc="finders", unit="frame", disable=None):
        picture = frame.picture.read()
        background = background_of(frame, picture)
        backgrounds += background is not None
        for spec in finders:
            outcomes[spec].append(judge(frame, timed(spec, picture)))
        if background is not None:
            for spec, finder in finders.items():
                imagined[spec] += len(finder.find(background))
    return [
        Row(
            spec,
            summarise(outcomes[spec]),
            backgrounds,
            imagined[spec],
            *np.median(times_ms[spec][WARM_UP:] or times_ms[spec], axis=0).tolist(),
        )
        for spec in finders
    ]


def render(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| finder | recall at IoU 0.5 | median IoU | false boxes in 20 frames "
        "| in 20 backgrounds | find() p50 ms | of the processor |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        silent = 20 * row.false_backgrounds / row.backgrounds if row.backgrounds else float("nan")
        lines.append(
            f"| {_short(row.finder)} | {row.score.recall:.4f} ({row.score.faces}) "
            f"| {row.score.median_iou:.3f} | {row.score.false_per_20:.2f} ({row.score.frames}) "
            f"| {silent:.2f} ({row.backgrounds}) | {row.find_ms:.2f} | {row.find_cpu_ms:.2f} |"
        )
    return "\n".join(lines)


def _short(spec: str) -> str:
    kind, _, file = spec.partition(":")
    return f"{kind} {Path(file).name}".rstrip()
