"""The report: what ``report.json`` holds, and the truth that all other forms are rendered from.

A ``Report`` has one ``Run`` for each board; ``edge-bench merge`` joins reports by their runs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from edge.bench.accuracy import Accuracy
from edge.bench.cold import ColdStart
from edge.bench.environment import Conditions, name_of
from edge.bench.instructions import Instructions
from edge.bench.rules import Rules
from edge.bench.statistics import Latency, spread_percent
from edge.bench.subject import Facts
from landmarks.errors import DatasetError
from landmarks.reading import read_text
from landmarks.strict_json import parse_json

SCHEMA_VERSION = 2  # 1 was a table of network latencies


@dataclass(frozen=True)
class Row:
    """One subject with one number of threads.

    Attributes:
        facts: what it is.
        face: a face in a given box: ``crop``, ``infer``, ``decode`` and their sum ``face``.
        frame: a whole frame of ``edge-run``: ``capture``, ``find``, ``crop``, ``infer``,
            ``decode``, ``emit`` and all of it, ``frame``; empty for peers.
        repeats_p50_ms: medians of ``infer``, ``face`` and ``frame`` in each repeat.
        cold: the start in a fresh process; None where none could be started.
        accuracy: on the faces of the run.
        delegation: what XNNPACK takes of it, in words; None for what is no TFLite file of ours.
    """

    facts: Facts
    face: Mapping[str, Latency]
    frame: Mapping[str, Latency]
    repeats_p50_ms: Mapping[str, tuple[float, ...]]
    cold: ColdStart | None
    accuracy: Accuracy
    delegation: str | None

    def spread_percent(self, stage: str) -> float:
        """Return how far the repeats of a stage lie apart."""
        return spread_percent(self.repeats_p50_ms[stage])


@dataclass(frozen=True)
class Data:
    """The faces that errors are measured on.

    Attributes:
        folders: as they were given.
        faces: how many.
        synthetic: whether they are the bundled faces, which show nobody.
    """

    folders: tuple[str, ...]
    faces: int
    synthetic: bool


@dataclass(frozen=True)
class WorstFace:
    """A face with a large error.

    Attributes:
        name: of its picture.
        nme_percent: its error.
        jpeg_base64: the face with labels and answer drawn in; None if pictures were left out.
    """

    name: str
    nme_percent: float
    jpeg_base64: str | None


@dataclass(frozen=True)
class Run:
    """What was measured on one board.

    Attributes:
        started: UTC, ISO 8601.
        quick: measured with the short rules.
        rules: how long and how often.
        board: ``edge.bench.environment.describe``.
        before, after: the machine round the measurement.
        invalid: why the latencies must not be believed; empty if they may.
        warnings: what a reader should know.
        clip: name of the video that whole frames came from.
        data: the faces.
        rows: one for each subject and number of threads.
        worst_of: name of the subject whose worst faces are shown.
        worst: largest error first.
    """

    started: str
    quick: bool
    rules: Rules
    board: Mapping[str, Any]
    before: Conditions
    after: Conditions
    invalid: tuple[str, ...]
    warnings: tuple[str, ...]
    clip: str
    data: Data
    rows: tuple[Row, ...]
    worst_of: str
    worst: tuple[WorstFace, ...]

    @property
    def name(self) -> str:
        """What a reader calls the board."""
        return name_of(self.board)


@dataclass(frozen=True)
class Report:
    """Runs on one or several boards, and instruction counts if they were given."""

    runs: tuple[Run, ...]
    instructions: tuple[Instructions, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """Return the text of ``report.json``."""
        return json.dumps(asdict(self), indent=1) + "\n"


def read_report(path: Path) -> Report:
    """Read a ``report.json``.

    Raises:
        DatasetError: it is missing, no report, or of another schema.
    """
    text = read_text(path, what="report.json", error=DatasetError)
    try:
        fields = parse_json(text)
        version = fields["schema_version"]
    except (ValueError, KeyError, TypeError):
        raise DatasetError(f"{path}: not a report of edge-bench") from None
    if version != SCHEMA_VERSION:
        raise DatasetError(
            f"{path}: a report of schema {version!r}, this version reads {SCHEMA_VERSION}: "
            "measure again, or upgrade edge-landmarks"
        )
    try:
        return Report(
            runs=tuple(_run(run) for run in fields["runs"]),
            instructions=tuple(Instructions(**row) for row in fields["instructions"]),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: damaged report: {error!r}") from None


def _run(fields: Mapping[str, Any]) -> Run:
    return Run(
        **{
            **fields,
            "rules": Rules(**fields["rules"]),
            "before": Conditions(**fields["before"]),
            "after": Conditions(**fields["after"]),
            "invalid": tuple(fields["invalid"]),
            "warnings": tuple(fields["warnings"]),
            "data": Data(**{**fields["data"], "folders": tuple(fields["data"]["folders"])}),
            "rows": tuple(_row(row) for row in fields["rows"]),
            "worst": tuple(WorstFace(**face) for face in fields["worst"]),
        }
    )


def _row(fields: Mapping[str, Any]) -> Row:
    accuracy = fields["accuracy"]
    return Row(
        facts=Facts(**fields["facts"]),
        face={stage: Latency(**values) for stage, values in fields["face"].items()},
        frame={stage: Latency(**values) for stage, values in fields["frame"].items()},
        repeats_p50_ms={k: tuple(v) for k, v in fields["repeats_p50_ms"].items()},
        cold=None if fields["cold"] is None else ColdStart(**fields["cold"]),
        accuracy=Accuracy(accuracy["figures"], tuple(accuracy["errors_percent"])),
        delegation=fields["delegation"],
    )
