"""What is timed in each turn: a face in a given box, and a whole frame as in ``edge-run``."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from edge.bench.measure import Probe
from edge.bench.subject import Subject
from edge.camera.files import open_video
from edge.finder import FaceFinder
from edge.pipeline import Pipeline
from edge.sinks.jsonl import JsonLines
from edge.stream import Frame, FrameResult, FrameSource
from landmarks.boxes import Box
from landmarks.locate import Localizer
from landmarks.types import Image

FACE_STAGES = ("crop", "infer", "decode")
FRAME_STAGES = ("capture", "find", "crop", "infer", "decode", "emit")
FACE, FRAME = "face", "frame"  # the whole of each


def face_probe(subject: Subject, faces: Sequence[tuple[Image, Box]]) -> Probe:
    """Return a probe that asks a subject for one labelled face after the other.

    Its stages are those of ``FACE_STAGES`` and ``FACE``, their sum.
    """

    def probe(turn: int) -> Mapping[str, float]:
        times = subject.answer(*faces[turn % len(faces)]).times
        return {
            "crop": times.crop_ms,
            "infer": times.infer_ms,
            "decode": times.decode_ms,
            FACE: times.total_ms,
        }

    return probe


class FrameProbe:
    """Frames of a video through the pipeline of ``edge-run``, over and over; it follows one face.

    Its stages are those of ``FRAME_STAGES`` and ``FRAME``, from asking for a frame to its line of
    JSON. ``find`` is absent from frames whose face was followed.
    """

    def __init__(self, localizer: Localizer, finder: FaceFinder, clip: Path) -> None:
        """Get ready; ``close`` lets the video go."""
        self._localizer, self._finder, self._clip = localizer, finder, clip
        self._stack = ExitStack()
        self._start_over()

    def close(self) -> None:
        """Close the video."""
        self._stack.close()

    def __call__(self, turn: int) -> Mapping[str, float]:
        """Take the next frame; the turn is not needed, each model has its own place in the clip."""
        start_ns = time.perf_counter_ns()
        frame = next(self._frames, None)
        captured_ns = time.perf_counter_ns()
        if frame is None or frame.image is None:
            self._start_over()
            return self(turn)
        faces, times = self._pipeline.process(frame.image, frame.time_s)
        processed_ns = time.perf_counter_ns()
        self._sink.write(FrameResult(frame, faces, times))
        end_ns = time.perf_counter_ns()
        stages = {
            "capture": (captured_ns - start_ns) / 1e6,
            "crop": times.crop_ms,
            "infer": times.infer_ms,
            "decode": times.decode_ms,
            "emit": (end_ns - processed_ns) / 1e6,
            FRAME: (end_ns - start_ns) / 1e6,
        }
        return stages | {"find": times.find_ms} if times.find_ms > 0 else stages

    def _start_over(self) -> None:
        self._stack.close()
        source: FrameSource = self._stack.enter_context(open_video(self._clip))
        self._frames: Iterator[Frame] = source.frames
        self._pipeline = Pipeline(self._finder, self._localizer)
        self._sink = JsonLines(io.StringIO())
