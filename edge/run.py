"""``edge-run``: landmarks of a picture, a folder, a video or a camera, as lines on stdout.

::

    edge-run --source me.jpg --annotate out.jpg
    edge-run --source clip.mp4 --annotate out.mp4 --output faces.jsonl
    edge-run --camera --faces 2
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TextIO, cast

import numpy as np

from edge.camera import CameraRequest, FrameSource
from edge.camera.choose import open_camera, open_source
from edge.finder.haar import HaarFinder
from edge.pipeline import Pipeline
from edge.result import FrameResult, StageTimes
from edge.runtime import open_network
from edge.sinks import Sink
from edge.sinks.annotate import open_annotator
from edge.sinks.jsonl import JsonLines
from edge.sinks.table import Table
from landmarks.arguments import at_least
from landmarks.card import ModelCard
from landmarks.command import run_command
from landmarks.errors import CameraError, PictureError
from landmarks.files import atomic_write
from landmarks.locate import Localizer
from landmarks.schemes import get_scheme

Format = Literal["jsonl", "csv"]


@dataclass(frozen=True)
class RunConfig:
    """What one run of ``edge-run`` does; see ``--help`` for each field."""

    source: str | None
    model: str
    threads: int | None
    faces: int
    output: str
    output_format: Format
    annotate: Path | None
    camera: CameraRequest
    duration_s: float | None
    max_frames: int | None
    strict: bool
    force: bool


@dataclass
class Tally:
    """What happened so far, for the summary at the end."""

    frames: int = 0
    faces: int = 0
    empty: int = 0
    unreadable: int = 0
    find_ms: list[float] = field(default_factory=list)
    locate_ms: list[float] = field(default_factory=list)

    def add(self, times: StageTimes, faces: int) -> None:
        """Count one frame that was looked at."""
        self.frames += 1
        self.faces += faces
        self.empty += faces == 0
        self.locate_ms.append(times.total_ms - times.find_ms)
        if times.find_ms > 0:
            self.find_ms.append(times.find_ms)


def run(config: RunConfig) -> int:
    """Run until the source ends, a limit is reached or Ctrl-C; return the exit code."""
    network = open_network(config.model, threads=config.threads)
    localizer = Localizer.of(network)
    n_points = get_scheme(network.card.scheme).n_points
    tally = Tally()
    start = time.monotonic()
    ended_by: BaseException | None = None
    try:
        with contextlib.ExitStack() as stack:
            source = stack.enter_context(_open(config))
            stream = stack.enter_context(_open_output(config))
            sinks: list[Sink] = [
                Table(stream, n_points) if config.output_format == "csv" else JsonLines(stream)
            ]
            if config.annotate:
                sinks.append(
                    stack.enter_context(open_annotator(config.annotate, source, force=config.force))
                )
            pipeline = Pipeline(
                HaarFinder(), localizer, faces=config.faces, follow=source.continuous
            )
            try:
                _process(config, source, pipeline, sinks, tally)
            except (KeyboardInterrupt, CameraError) as error:
                ended_by = error  # how live runs end: outputs are closed and kept first
    finally:
        _summarise(tally, network.card, time.monotonic() - start)
    if ended_by is not None:
        raise ended_by
    return PictureError.exit_code if config.strict and tally.unreadable else 0


def _process(
    config: RunConfig,
    source: FrameSource,
    pipeline: Pipeline,
    sinks: Sequence[Sink],
    tally: Tally,
) -> None:
    """Take frames through the pipeline until they end or a limit is reached."""
    start = time.monotonic()
    for frame in source.frames:
        if frame.image is None:
            tally.unreadable += 1
            print(f"warning: {frame.problem}", file=sys.stderr)
            result = FrameResult(frame, (), StageTimes())
        else:
            faces, times = pipeline.process(frame.image)
            tally.add(times, len(faces))
            result = FrameResult(frame, faces, times)
        for sink in sinks:
            sink.write(result)
        seen, elapsed_s = tally.frames + tally.unreadable, time.monotonic() - start
        if seen == config.max_frames or elapsed_s >= (config.duration_s or np.inf):
            break


def _open(config: RunConfig) -> contextlib.AbstractContextManager[FrameSource]:
    if config.source is None:
        return open_camera(config.camera)
    return open_source(config.source, config.camera)


@contextlib.contextmanager
def _open_output(config: RunConfig) -> Iterator[TextIO]:
    if config.output == "-":
        yield sys.stdout
        return
    with (
        atomic_write(config.output, force=config.force) as temporary,
        temporary.open("w", encoding="utf-8") as stream,
    ):
        yield stream


def _summarise(tally: Tally, card: ModelCard, elapsed_s: float) -> None:
    """Say on stderr what was done and how fast, in one or two lines."""
    if not tally.frames + tally.unreadable:
        return
    parts = [
        f"{tally.frames} frames",
        f"{tally.faces} faces",
        f"{tally.empty} frames without a face",
        f"{tally.unreadable} unreadable",
    ]
    print(f"{card.name} {card.precision}: {', '.join(parts)}", file=sys.stderr)
    if tally.frames:
        speed = [f"landmarks p50 {np.median(tally.locate_ms):.2f} ms a frame"]
        if tally.find_ms:
            speed.append(f"finder p50 {np.median(tally.find_ms):.2f} ms x {len(tally.find_ms)}")
        speed.append(f"{tally.frames / elapsed_s:.1f} frames/s all in all")
        print(", ".join(speed), file=sys.stderr)


def main(argv: Sequence[str]) -> int:
    """Parse the command line and run."""
    return run(_parse(argv))


def cli() -> None:
    """Entry point of ``edge-run``."""
    sys.exit(run_command(main))


def _parse(argv: Sequence[str]) -> RunConfig:
    parser = argparse.ArgumentParser(
        prog="edge-run", description="Face landmarks, live or of files."
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--camera", action="store_true", help="the first camera that is found")
    where.add_argument("--source", help="picture, folder, video, or number of a V4L2 camera")
    parser.add_argument("--model", default="default", help="file or name of a shipped model")
    parser.add_argument("--threads", type=at_least(1), help="for the network (default: cores - 1)")
    parser.add_argument("--faces", type=at_least(1), default=1, help="faces at most (default: 1)")
    parser.add_argument("--output", default="-", metavar="FILE", help="default: stdout (-)")
    parser.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    parser.add_argument("--annotate", type=Path, metavar="FILE", help="picture or video to draw")
    parser.add_argument("--width", type=at_least(16), default=640, help="asked of a camera")
    parser.add_argument("--height", type=at_least(16), default=480, help="asked of a camera")
    parser.add_argument("--fps", type=at_least(1), default=30, help="asked of a camera")
    parser.add_argument("--duration", type=at_least(1), metavar="S", help="stop after S seconds")
    parser.add_argument("--max-frames", type=at_least(1), metavar="N", help="stop after N frames")
    parser.add_argument(
        "--strict", action="store_true", help="exit 3 if a picture could not be read"
    )
    parser.add_argument("--force", action="store_true", help="replace existing outputs")
    args = parser.parse_args(argv)
    return RunConfig(
        source=args.source,
        model=args.model,
        threads=args.threads,
        faces=args.faces,
        output=args.output,
        output_format=cast(Format, args.format),
        annotate=args.annotate,
        camera=CameraRequest(args.width, args.height, args.fps),
        duration_s=args.duration,
        max_frames=args.max_frames,
        strict=args.strict,
        force=args.force,
    )


if __name__ == "__main__":
    cli()
