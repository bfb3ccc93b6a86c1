"""The run in words: which model should run on this board, and what INT8 gains and loses."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from edge.bench.probes import FACE
from edge.bench.report import Row, Run

SAME_ERROR = 0.1  # NME points within which a faster model is the better choice
CAMERA_FPS = 30
FRAME_MS = 1000 / CAMERA_FPS  # nine of ten faces must be done within it


def verdicts(run: Run) -> tuple[str, ...]:
    """Return the sentences that a reader should take home, the choice of a model first."""
    choice = recommendation(run.rows)
    pairs = [
        compare(row, other)
        for row in run.rows
        for other in run.rows
        if row.facts.precision == "float32"
        and other.facts.precision == "int8"
        and _same_but_precision(row, other)
    ]
    return (*([choice] if choice else []), *pairs)


def recommendation(rows: Sequence[Row]) -> str | None:
    """Return which of our models to run: the best that keeps up with a camera on this board.

    Of those that are nearly as good, the fastest; where none keeps up, the fastest of all.
    """
    own = [(row, error) for row in rows if (error := _own_error(row)) is not None]
    if not own:
        return None
    quick = [pair for pair in own if pair[0].face[FACE].p90_ms <= FRAME_MS]
    best = min((error for _, error in quick), default=None)
    good = [pair for pair in quick if best is not None and pair[1] <= best + SAME_ERROR]
    row, error = min(good or own, key=lambda pair: pair[0].face[FACE].p50_ms)
    figures = f"{row.face[FACE].p50_ms:.2f} ms a face at {error:.3f} % NME."
    if not good:
        return (
            f"Run {row.facts.key}: none of our models keeps up with {CAMERA_FPS} frames a second "
            f"here, and it is the fastest, {figures}"
        )
    return (
        f"Run {row.facts.key}: of our models that keep up with {CAMERA_FPS} frames a second here, "
        f"the fastest within {SAME_ERROR:g} NME points of the best, {figures}"
    )


def compare(slow: Row, fast: Row) -> str:
    """Return what ``fast`` (INT8) gains and loses against ``slow`` (float32), in one sentence."""
    facts = fast.facts
    return (
        f"{facts.network} in {facts.runtime}, {facts.threads} thread"
        f"{'s' if facts.threads > 1 else ''}: INT8 {_speed(slow, fast)} on this board "
        f"(network {fast.face['infer'].p50_ms:.2f} against {slow.face['infer'].p50_ms:.2f} ms), "
        f"{_error(slow, fast)}, and is {slow.facts.bytes / facts.bytes:.1f}x smaller"
        + (f"; {fast.delegation}." if fast.delegation else ".")
    )


def _speed(slow: Row, fast: Row) -> str:
    """Compare repeat by repeat: both took turns in each, so that drift leaves their ratio alone."""
    pairs = zip(slow.repeats_p50_ms["infer"], fast.repeats_p50_ms["infer"], strict=True)
    ratios = [before / after for before, after in pairs]
    if max(ratios) < 1:
        return f"is {_range([1 / ratio for ratio in ratios])} slower"
    if min(ratios) > 1:
        return f"is {_range(ratios)} faster"
    return f"is neither faster nor slower than float32 beyond doubt, {_range(ratios)} its speed"


def _range(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.2f}x ({min(ratios):.2f} to {max(ratios):.2f} over the repeats)"


def _error(slow: Row, fast: Row) -> str:
    before, after = slow.accuracy.nme_percent, fast.accuracy.nme_percent
    if before is None or after is None:
        found = [row.accuracy.figures["recall_percent"] for row in (fast, slow)]
        return "finds {:.1f} against {:.1f} % of the faces".format(*found)
    points = after - before
    word = "costs" if points >= 0 else "gains"
    return f"{word} {abs(points):.3f} NME points ({after:.3f} against {before:.3f} %)"


def _own_error(row: Row) -> float | None:
    return row.accuracy.nme_percent if row.facts.kind == "model" else None


def _same_but_precision(a: Row, b: Row) -> bool:
    return (a.facts.network, a.facts.runtime, a.facts.threads, a.facts.kind) == (
        b.facts.network,
        b.facts.runtime,
        b.facts.threads,
        b.facts.kind,
    )
