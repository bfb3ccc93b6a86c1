"""``edge-run``: landmarks of a picture, a folder, a video or a camera, as lines on stdout.

::

    edge-run --source me.jpg --annotate out.jpg
    edge-run --source clip.mp4 --annotate out.mp4 --output faces.jsonl
    edge-run --camera --faces 2 --record session --mqtt broker.local
    edge-run --source session --model other.tflite
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing

from edge.camera.choose import open_stream
from edge.finder.choose import open_finder
from edge.health import HealthMonitor
from edge.load import load_localizer
from edge.pipeline import Pipeline, TrackCounts
from edge.running.config import RunConfig, parse
from edge.running.loop import work
from edge.running.service import told_to_systemd
from edge.running.stop import stop_on_signals
from edge.running.stream import Item, Stream, paced, with_health
from edge.running.tally import Tally, summary
from edge.running.thermal import ThermalGuard
from edge.sinks import Sink
from edge.sinks.choose import open_sinks
from edge.tracking.smooth import OneEuro
from landmarks.command import run_command
from landmarks.errors import CameraError, PictureError

HEALTH_EVENT_S = 60.0
USUAL_FPS = 30.0  # of a source that does not say
FOUND_ANEW = (
    "{} does not say whether it sees a face, so no face is followed: the finder looks in every "
    "frame, ids are ranks, and nothing is smoothed"
)


def run(config: RunConfig) -> int:
    """Run until the source ends, a limit is reached or somebody stops it; return the exit code."""
    localizer = load_localizer(config.model, threads=config.threads)
    finder = open_finder(config.finder, threads=config.threads)
    card = localizer.network.card
    tally, tracks = Tally(), TrackCounts()
    sinks: tuple[Sink, ...] = ()
    camera_error: CameraError | None = None
    with closing(HealthMonitor()) as monitor:
        try:
            with (
                open_stream(config.source, config.camera) as stream,
                open_sinks(config.outputs, stream, card) as sinks,
                stop_on_signals() as stop,
            ):
                pipeline = Pipeline(
                    finder,
                    localizer,
                    faces=config.faces,
                    follow=stream.continuous,
                    smoothing=OneEuro() if config.smooth else None,
                    pose=True,
                )
                tracks = pipeline.counts
                if stream.continuous and not pipeline.follows:
                    print(FOUND_ANEW.format(card.name), file=sys.stderr)
                items = _watched_items(stream, monitor, config.thermal_guard_c)
                try:
                    work(items, pipeline, sinks, tally, limits=config.limits, stop=stop)
                except CameraError as error:
                    camera_error = error  # outputs are closed and kept first
        finally:
            for line in summary(tally, card, tracks, sinks, monitor):
                print(line, file=sys.stderr)
    if camera_error is not None:
        raise camera_error
    if stop.interrupted:
        raise KeyboardInterrupt
    return PictureError.exit_code if config.strict and tally.unreadable else 0


def _watched_items(
    stream: Stream, monitor: HealthMonitor, thermal_guard_c: float | None
) -> Iterator[Item]:
    """Return a stream's items with an eye on the board."""
    items = stream.items
    if thermal_guard_c is not None:
        items = paced(items, monitor, ThermalGuard(thermal_guard_c, stream.fps or USUAL_FPS))
    if stream.live:
        items = with_health(items, monitor, every_s=HEALTH_EVENT_S)
    return told_to_systemd(items)


def main(argv: Sequence[str]) -> int:
    """Parse the command line and run."""
    return run(parse(argv))


def cli() -> None:
    """Entry point of ``edge-run``."""
    sys.exit(run_command(main))


if __name__ == "__main__":
    cli()
