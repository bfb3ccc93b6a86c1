"""What a report says in sentences: on what it was measured, and whether to believe it."""

from __future__ import annotations

from edge.bench.report import Run


def subtitle(run: Run) -> str:
    """Return what was measured on what, in one line."""
    faces = "bundled synthetic faces" if run.data.synthetic else "faces of "
    where = "" if run.data.synthetic else ", ".join(run.data.folders)
    kind = "a quick run" if run.quick else "a full run"
    machine = run.board.get("machine", "")
    note = "" if machine in ("aarch64", "armv7l") else " (no Raspberry Pi: times do not carry over)"
    return f"{run.name}, {machine}{note}; {run.data.faces} {faces}{where}; {kind}, {run.started}"


def trust(run: Run) -> tuple[str, ...]:
    """Return why the latencies must not be believed, or what to keep in mind; may be empty."""
    invalid = tuple(f"INVALID: {reason}; measure again" for reason in run.invalid)
    return (*invalid, *(f"Warning: {warning}" for warning in run.warnings))
