"""From the options of a run to its open sinks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from edge.live import LivePage, open_live
from edge.sinks import Sink
from edge.sinks.annotate import open_annotator
from edge.sinks.console import Console
from edge.sinks.crops import open_crops
from edge.sinks.detached import detached
from edge.sinks.drawing import Look
from edge.sinks.jsonl import JsonLines
from edge.sinks.mqtt import Publishing, open_mqtt
from edge.sinks.named import named
from edge.sinks.output import STDOUT, open_growing, open_whole
from edge.sinks.record import open_recorder
from edge.sinks.records import start_record
from edge.sinks.table import Table
from edge.stream import Stream
from landmarks.card import ModelCard
from landmarks.schemes import get_scheme

Format = Literal["jsonl", "csv"]


@dataclass(frozen=True)
class Outputs:
    """Where results go; see ``edge-run --help``.

    Attributes:
        output: of the lines; None for nowhere.
    """

    output: str | None = STDOUT
    output_format: Format = "jsonl"
    measures: bool = False
    annotate: Path | None = None
    look: Look = Look()
    crops: Path | None = None
    record: Path | None = None
    record_limit_mb: int = 1000
    mqtt: Publishing | None = None
    live: LivePage | None = None
    force: bool = False


@contextmanager
def open_sinks(outputs: Outputs, stream: Stream, card: ModelCard) -> Iterator[tuple[Sink, ...]]:
    """Open all sinks; those of a live stream each have a thread, and cost it frames but no time.

    Raises:
        OutputExistsError: an output is there already.
        UsageError: an output that cannot be.
        MissingExtraError: what an output needs is not installed.
    """
    with ExitStack() as stack:

        def opened(name: str, opening: AbstractContextManager[Sink]) -> Sink:
            if stream.live:
                return stack.enter_context(detached(opening, name))
            return stack.enter_context(named(opening, name))

        sinks: list[Sink] = [Console()]
        if (page := outputs.live) is not None:  # it has a thread of its own, and drops nothing
            sinks.append(stack.enter_context(open_live(page, f"{card.name} {card.precision}")))
        sinks += [opened(name, sink) for name, sink in _sinks(outputs, stream, card)]
        yield tuple(sinks)


def _sinks(
    outputs: Outputs, stream: Stream, card: ModelCard
) -> Iterator[tuple[str, AbstractContextManager[Sink]]]:
    start, force = start_record(card), outputs.force
    if outputs.annotate is not None:
        drawn = open_annotator(
            outputs.annotate, stream.fps, outputs.look, continuous=stream.continuous, force=force
        )
        yield "--annotate", drawn
    if outputs.crops is not None:
        scheme = get_scheme(card.scheme)
        yield "--crops", open_crops(outputs.crops, scheme, force=force)
    if outputs.record is not None:
        limit_bytes = outputs.record_limit_mb * 1_000_000
        yield "--record", open_recorder(outputs.record, start, limit_bytes=limit_bytes, force=force)
    if outputs.mqtt is not None:
        yield "--mqtt", open_mqtt(outputs.mqtt, start)
    if outputs.output is not None:
        yield "--output", _open_lines(outputs.output, outputs, stream, card)


@contextmanager
def _open_lines(output: str, outputs: Outputs, stream: Stream, card: ModelCard) -> Iterator[Sink]:
    opening = open_growing if stream.live else open_whole
    with opening(output, force=outputs.force) as text:
        if outputs.output_format == "csv":
            n_points = get_scheme(card.scheme).n_points
            yield Table(text, n_points, measured=outputs.measures)
            return
        lines = JsonLines(text)
        if stream.live:
            lines.line(start_record(card))
        yield lines
