"""A long run in short: many frames through everything that a live run has, and what it costs.

::

    python -m tests.proofs.soak --source calib_data/clip.mp4 --frames 100000

The video plays again and again as a quick camera would, with the watch over it, the real pipeline,
JSON lines in a thread of their own, and the board's health. Every so many frames
resident memory, threads and open files are counted. Exit code 1 if memory grows by more than
``MAX_GROWTH_MB`` in 10,000 frames after the warm-up, or if there are more threads or files.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from command_line.arguments import at_least
from command_line.command import run_command
from edge.camera.files import open_video
from edge.camera.watch import watched
from edge.finder.choose import open_finder
from edge.health import HealthMonitor
from edge.pipeline import Pipeline
from edge.run_loop.health_events import with_health
from edge.run_loop.loop import Limits, work
from edge.run_loop.stop import Stop
from edge.run_loop.tally import Tally
from edge.runtime.load import load_localizer
from edge.sinks.choose import Outputs, open_sinks
from edge.stream import Event, Frame, FrameResult, FrameSource, Stream

MAX_GROWTH_MB = 1.0
WARM_UP_SHARE = 0.1
SAMPLES = 100
CLIP_FRAMES = 150
FRAME_S = 0.005  # 200 frames a second


@dataclass(frozen=True)
class Sample:
    """What the process has at one moment."""

    frame: int
    rss_mb: float
    threads: int
    files: int

    @classmethod
    def now(cls, frame: int) -> Sample:
        """Count, by ``/proc/self``."""
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return cls(
            frame,
            pages * os.sysconf("SC_PAGE_SIZE") / 1e6,
            len(os.listdir("/proc/self/task")),
            len(os.listdir("/proc/self/fd")),
        )


class Sampler:
    """A sink that takes a sample every so many frames."""

    def __init__(self, every: int) -> None:
        """Begin with no sample."""
        self.samples: list[Sample] = []
        self._every, self._seen = every, 0

    def write(self, result: FrameResult) -> None:
        """Count a frame."""
        self._seen += 1
        if self._seen % self._every == 0:
            self.samples.append(Sample.now(self._seen))

    def event(self, event: Event) -> None:
        """Leave events out."""


@contextmanager
def _playing(video: Path) -> Iterator[FrameSource]:
    """Play a video over and over, as a camera; each frame is a new array, as a camera's is."""
    with open_video(video) as source:
        images = [
            frame.image
            for frame, _ in zip(source.frames, range(CLIP_FRAMES), strict=False)
            if frame.image is not None
        ]

    def frames() -> Iterator[Frame]:
        for index in count():
            image = images[index % len(images)].copy()
            yield Frame(index, video.name, 0.0, image, sensor_ns=time.monotonic_ns())
            time.sleep(FRAME_S)

    yield FrameSource(frames(), continuous=True, fps=source.fps)


def soak(video: Path, frames: int) -> tuple[list[Sample], Tally]:
    """Run that many frames; return samples over the run and what was counted."""
    localizer = load_localizer("default", threads=1)
    sampler, tally = Sampler(max(1, frames // SAMPLES)), Tally()
    with (
        watched(lambda: _playing(video)) as watch,
        closing(HealthMonitor()) as monitor,
    ):
        stream = Stream(watch.items(), live=True, continuous=True, fps=watch.fps)
        with open_sinks(Outputs(output=os.devnull), stream, localizer.network.card) as sinks:
            pipeline = Pipeline(open_finder(threads=1), localizer)
            items = with_health(stream.items, monitor, every_s=1.0)
            limits = Limits(max_frames=frames)
            work(items, pipeline, (*sinks, sampler), tally, limits=limits, stop=Stop())
    return sampler.samples, tally


def growth_mb(samples: Sequence[Sample]) -> float:
    """Return the slope of resident memory in MB for 10,000 frames, least squares."""
    slope, _ = np.polyfit([s.frame for s in samples], [s.rss_mb for s in samples], 1)
    return float(slope) * 10_000


def main(argv: Sequence[str]) -> int:
    """Run, print the samples' summary, and judge."""
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.soak", description="A long run.")
    parser.add_argument("--source", type=Path, required=True, help="a video with a face")
    parser.add_argument("--frames", type=at_least(100), default=100_000)
    args = parser.parse_args(argv)
    samples, tally = soak(args.source, args.frames)
    settled = samples[int(WARM_UP_SHARE * len(samples)) :]
    first, last, growth = settled[0], settled[-1], growth_mb(settled)
    print(
        f"{tally.frames} frames in {tally.elapsed_s:.0f} s, {tally.faces} faces, "
        f"{tally.dropped} dropped"
    )
    print(f"memory {first.rss_mb:.1f} to {last.rss_mb:.1f} MB: {growth:+.3f} MB in 10,000 frames")
    print(f"threads {first.threads} to {last.threads}, open files {first.files} to {last.files}")
    fine = growth < MAX_GROWTH_MB and last.threads <= first.threads and last.files <= first.files
    print("ok" if fine else f"not ok: expected below {MAX_GROWTH_MB} MB, no thread or file more")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(run_command(main))
