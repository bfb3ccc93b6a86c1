"""Finders side by side on the same frames: what they find, what they imagine, how long they take.

Everything comes from the code that ships: ``edge.finder`` for boxes, ``edge.pipeline`` for what is
left of them when the landmark network has looked. A frame is searched as a picture is, whole and in
parts. The finders take turns on each frame, so that drift of the machine hits all alike; each has
one thread.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from tqdm import tqdm

from edge.finder import FaceFinder
from edge.finder.choose import open_finder
from edge.finder.parts import find_everywhere
from edge.pipeline import Pipeline
from edge.runtime.load import load_localizer
from landmarks.find import Detection
from landmarks.types import Image
from train.datasets.frames import Frame, read_frames
from train.finder.blazeface import BlazeFaceFinder
from train.finder.held_out import HeldOut, set_of
from train.finder.score import HIT_IOU, Outcome, judge, known_faces
from train.finder.skin_tone import typology_angle_deg
from train.finder.trials import TRIALS

MOST_FACES = 200  # that the pipeline may report in a frame
WARM_UP = 5  # turns whose times do not count
AS_THEY_ARE = "as they are"
BLAZEFACE = "blazeface"


class Key(NamedTuple):
    """Which frames an outcome belongs to."""

    condition: str
    set: str


@dataclass
class Tally:
    """What a finder did on all frames so far.

    Attributes:
        found: outcomes of its boxes, for each set of frames in each condition.
        kept: the same of what the whole pipeline reports.
        empty_boxes, empty_faces: of each frame without a face, how many of either it saw.
        find_ms, find_cpu_ms: of one ``find()`` on a whole frame; the second in time of the
            processor, which other work does not lengthen.
        tones: of known faces that were large enough, the typology angle in degrees and whether the
            pipeline reports it.
    """

    found: dict[Key, list[Outcome]] = field(default_factory=dict)
    kept: dict[Key, list[Outcome]] = field(default_factory=dict)
    empty_boxes: list[int] = field(default_factory=list)
    empty_faces: list[int] = field(default_factory=list)
    find_ms: list[float] = field(default_factory=list)
    find_cpu_ms: list[float] = field(default_factory=list)
    tones: list[tuple[float, bool]] = field(default_factory=list)


def compare(
    specs: Sequence[str],
    folders: Sequence[Path],
    empty: Sequence[Path],
    *,
    model: str,
    held_out: HeldOut | None = None,
    every: int = 1,
    trials: bool = False,
) -> dict[str, Tally]:
    """Run finders over folders of frames.

    Args:
        specs: finders, as in ``edge.finder.choose``, or ``blazeface``.
        folders: of frames with known faces, see ``train.datasets.frames``.
        empty: of frames that show no face.
        model: landmark network that looks at the boxes.
        held_out: look only at frames that were held out like this; None for all.
        every: look at every so manieth of them.
        trials: look at each frame again, made harder.

    Raises:
        UsageError, ModelFileError, MissingExtraError: a finder cannot be opened.
        DatasetError, PictureError: the frames cannot be read.
    """
    cv2.setNumThreads(1)
    finders = {spec: _opened(spec) for spec in specs}
    pipelines = {
        spec: Pipeline(finder, load_localizer(model, threads=1), faces=MOST_FACES, follow=False)
        for spec, finder in finders.items()
    }
    tallies = {spec: Tally() for spec in specs}
    frames = [
        frame for folder in folders for frame in _chosen(read_frames(folder), held_out, every)
    ]
    for frame in tqdm(frames, desc="frames with faces", unit="frame", disable=None):
        picture = frame.picture.read()
        _time(finders, picture, tallies)
        for condition, changed, shown in _conditions(frame, picture, trials):
            key = Key(condition, set_of(frame.picture.name))
            for spec in specs:
                found, kept = _look(finders[spec], pipelines[spec], shown)
                long_side_px = max(shown.shape[:2])
                tallies[spec].found.setdefault(key, []).append(judge(changed, found, long_side_px))
                outcome = judge(changed, kept, long_side_px)
                tallies[spec].kept.setdefault(key, []).append(outcome)
                if condition == AS_THEY_ARE:
                    tallies[spec].tones += _tones(changed, shown, outcome)
    nothing = [frame for folder in empty for frame in _chosen(read_frames(folder), held_out, every)]
    for frame in tqdm(nothing, desc="frames without", unit="frame", disable=None):
        picture = frame.picture.read()
        for spec in specs:
            found, kept = _look(finders[spec], pipelines[spec], picture)
            tallies[spec].empty_boxes.append(len(found))
            tallies[spec].empty_faces.append(len(kept))
    return tallies


def _opened(spec: str) -> FaceFinder:
    if spec == BLAZEFACE:
        return BlazeFaceFinder.packaged(threads=1)
    return open_finder(spec, threads=1)


def _chosen(frames: Sequence[Frame], held_out: HeldOut | None, every: int) -> Sequence[Frame]:
    if held_out is None:
        return frames[::every]
    _, indices = held_out.split(frames)
    return [frames[i] for i in indices[::every]]


def _conditions(frame: Frame, picture: Image, trials: bool) -> Iterator[tuple[str, Frame, Image]]:
    yield AS_THEY_ARE, frame, picture
    if trials:
        for name, make in TRIALS.items():
            yield name, *make(frame, picture)


def _time(finders: Mapping[str, FaceFinder], picture: Image, tallies: Mapping[str, Tally]) -> None:
    for spec, finder in finders.items():
        start, cpu_start = time.perf_counter_ns(), time.thread_time_ns()
        finder.find(picture)
        cpu_ns, ns = time.thread_time_ns() - cpu_start, time.perf_counter_ns() - start
        tallies[spec].find_ms.append(ns / 1e6)
        tallies[spec].find_cpu_ms.append(cpu_ns / 1e6)


def _look(
    finder: FaceFinder, pipeline: Pipeline, picture: Image
) -> tuple[list[Detection], list[Detection]]:
    """Return the boxes of a finder, and the faces that the pipeline reports."""
    faces, _ = pipeline.process(picture)
    kept = sorted((Detection(face.box, face.score) for face in faces), key=lambda d: -d.score)
    return find_everywhere(finder, picture), kept


def _tones(frame: Frame, picture: Image, outcome: Outcome) -> Iterator[tuple[float, bool]]:
    for box, iou in zip(known_faces(frame), outcome.ious, strict=True):
        angle_deg = typology_angle_deg(picture, box)
        if angle_deg is not None:
            yield angle_deg, iou >= HIT_IOU


def median_ms(times_ms: Sequence[float]) -> float:
    """Return the median of times without the first turns."""
    return float(np.median(times_ms[WARM_UP:] or times_ms))
