"""The loop of a run: frames through the pipeline to the sinks, until something says to stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge.pipeline import Pipeline
from edge.run_loop.stop import Stop
from edge.run_loop.tally import Tally
from edge.sinks import Output, Sink
from edge.stream import Event, FrameResult, Item, StageTimes, Taken


@dataclass(frozen=True)
class Limits:
    """When a run ends by itself; None: never."""

    duration_s: float | None = None
    max_frames: int | None = None

    def reached(self, tally: Tally) -> bool:
        """Say whether it is time to end."""
        if self.max_frames is not None and tally.seen >= self.max_frames:
            return True
        return self.duration_s is not None and tally.elapsed_s >= self.duration_s


def work(
    items: Iterator[Item],
    pipeline: Pipeline,
    sinks: Sequence[Sink],
    tally: Tally,
    *,
    limits: Limits,
    stop: Stop,
) -> None:
    """Work until the stream ends, a limit is reached, all outputs fail or somebody asks to stop.

    Args:
        items: frames and events; None says that there is nothing to do for a moment.
        pipeline: finds the faces of a frame.
        sinks: take the results, in this order.
        tally: counts what happened.
        limits: when to end.
        stop: looked at after every item.
    """
    tally.start()
    for item in items:
        if isinstance(item, Event):
            tally.add_event(item)
            for sink in sinks:
                sink.event(item)
        elif item is not None:
            result = _process(item, pipeline)
            tally.add(result)
            for sink in sinks:
                sink.write(result)
        if stop.requested or limits.reached(tally) or _none_left(sinks):
            return


def failures(sinks: Sequence[Sink]) -> list[str]:
    """Return why outputs have failed, a line each."""
    outputs = [sink for sink in sinks if isinstance(sink, Output)]
    return [sink.failure for sink in outputs if sink.failure is not None]


def _none_left(sinks: Sequence[Sink]) -> bool:
    """Say whether there were outputs and all of them have failed."""
    return 0 < sum(isinstance(sink, Output) for sink in sinks) == len(failures(sinks))


def _process(taken: Taken, pipeline: Pipeline) -> FrameResult:
    frame = taken.frame
    if frame.image is None:
        return FrameResult(frame, (), StageTimes(), taken.dropped)
    faces, times = pipeline.process(frame.image, frame.time_s, small=frame.small)
    return FrameResult(frame, faces, times, taken.dropped)
