"""Instruction counts of ARM processors, counted under emulation elsewhere: work, not time.

The file is JSON: ``{"schema_version": 1, "rows": [{"model": ..., "sha256": ..., "runtime": ...,
"cpu": ..., "per_inference": ..., "per_tracked_frame": ...}]}``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from edge.models import MODELS_DIR
from landmarks.errors import DatasetError
from landmarks.reading import read_text
from landmarks.strict_json import parse_json

SCHEMA_VERSION = 1
SHIPPED = MODELS_DIR / "instructions.json"  # counts of the shipped files


@dataclass(frozen=True)
class Instructions:
    """The instructions of one model in one runtime on one processor.

    Attributes:
        model: name of the file.
        sha256: of its graph.
        runtime: what computes it.
        cpu: as QEMU calls it, e.g. ``cortex-a76``.
        per_inference: of the network.
        per_tracked_frame: of a whole frame whose face is followed; None if not counted.
    """

    model: str
    sha256: str
    runtime: str
    cpu: str
    per_inference: float
    per_tracked_frame: float | None


def instructions_of(sha256s: Collection[str], path: Path | None) -> tuple[Instructions, ...]:
    """Return the counts of some graphs; those of others would mislead.

    Args:
        sha256s: of the graphs.
        path: a file of counts; when None, the shipped one, if there is one.

    Raises:
        DatasetError: the file is missing, malformed or of another schema.
    """
    if path is None and not SHIPPED.exists():
        return ()
    return tuple(row for row in read_instructions(path or SHIPPED) if row.sha256 in sha256s)


def read_instructions(path: Path) -> tuple[Instructions, ...]:
    """Read a file of counts.

    Raises:
        DatasetError: it is missing, malformed or of another schema.
    """
    text = read_text(path, what="file of instruction counts", error=DatasetError)
    try:
        fields = parse_json(text)
        if fields["schema_version"] != SCHEMA_VERSION:
            raise DatasetError(f"{path}: counts of schema {fields['schema_version']!r}, expected 1")
        return tuple(Instructions(**row) for row in fields["rows"])
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(f"{path}: not a file of instruction counts: {error!r}") from None
