"""``edge-run``: landmarks of a picture, a folder, a video or a camera, as lines on stdout.

::

    edge-run --source me.jpg --annotate out.jpg
    edge-run --source clip.mp4 --annotate out.mp4 --output faces.jsonl
    edge-run --source clip.mp4 --measure --format csv --crops faces
    edge-run --camera --faces 2 --record session --mqtt broker.local
    edge-run --source session --model other.tflite
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import closing

from command_line.command import run_command
from edge.camera.choose import open_stream
from edge.finder.choose import open_finder
from edge.health import HealthMonitor
from edge.pipeline import Pipeline
from edge.run_config import RunConfig, parse
from edge.run_loop.health_events import with_health
from edge.run_loop.loop import failures, work
from edge.run_loop.service import notify_systemd
from edge.run_loop.stop import stop_on_signals
from edge.run_loop.tally import Tally, summary
from edge.run_loop.thermal import ThermalGuard, paced
from edge.runtime.load import load_localizer
from edge.sinks import Sink
from edge.sinks.choose import open_sinks
from edge.sinks.turned_hint import TurnedHint
from edge.stream import Item, Stream
from edge.tracking.counts import TrackCounts
from edge.tracking.smooth import OneEuro
from landmarks.card import ModelCard
from landmarks.cross_scheme import has_68
from landmarks.errors import CameraError, LandmarkError, PictureError, UsageError
from landmarks.schemes import get_scheme

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
    refuse_without_68(config, card)
    tally, tracks = Tally(), TrackCounts()
    sinks: tuple[Sink, ...] = ()
    camera_error: CameraError | None = None
    with closing(HealthMonitor()) as monitor:
        try:
            with (
                open_stream(config.source, config.camera, config.handling) as stream,
                open_sinks(config.outputs, stream, card) as sinks,
                stop_on_signals() as stop,
            ):
                pipeline = Pipeline(
                    finder,
                    localizer,
                    faces=config.faces,
                    min_evidence=config.min_score,
                    follow=stream.continuous,
                    smoothing=OneEuro() if config.smooth else None,
                    pose=True,
                    measure=config.outputs.measures,
                )
                tracks = pipeline.counts
                if stream.continuous and not pipeline.follows:
                    print(FOUND_ANEW.format(card.name), file=sys.stderr)
                items = _watched_items(stream, monitor, config.thermal_guard_c)
                try:
                    hint = TurnedHint(finder, config.handling.view)
                    to = (*sinks, hint)
                    work(items, pipeline, to, tally, limits=config.limits, stop=stop)
                except CameraError as error:
                    camera_error = error  # outputs are closed and kept first
        finally:
            for line in summary(tally, card, tracks, sinks, monitor):
                print(line, file=sys.stderr)
    if camera_error is not None:
        raise camera_error
    if failed := failures(sinks):
        raise LandmarkError("; ".join(failed))
    if stop.interrupted:
        raise KeyboardInterrupt
    return PictureError.exit_code if config.strict and tally.unreadable else 0


def refuse_without_68(config: RunConfig, card: ModelCard) -> None:
    """Raise UsageError where a face is to be measured or cut out by points that it lacks."""
    asked = [("--measure", config.outputs.measures), ("--crops", config.outputs.crops is not None)]
    options = " and ".join(option for option, given in asked if given)
    if options and not has_68(get_scheme(card.scheme)):
        raise UsageError(
            f"{options}: {card.name} gives {card.scheme}, which does not hold the 68 points of "
            "300W: choose another --model"
        )


def _watched_items(
    stream: Stream, monitor: HealthMonitor, thermal_guard_c: float | None
) -> Iterator[Item]:
    """Return a stream's items with an eye on the board."""
    items = stream.items
    if thermal_guard_c is not None:
        items = paced(items, monitor, ThermalGuard(thermal_guard_c, stream.fps or USUAL_FPS))
    if stream.live:
        items = with_health(items, monitor, every_s=HEALTH_EVENT_S)
    return notify_systemd(items)


def main(argv: Sequence[str]) -> int:
    """Parse the command line and run."""
    return run(parse(argv))


def cli() -> None:
    """Entry point of ``edge-run``."""
    sys.exit(run_command(main))


if __name__ == "__main__":
    cli()
