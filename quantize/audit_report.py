"""What an audit found, as data, as JSON and as a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from quantize.networks.fake_quant import Range


@dataclass(frozen=True)
class StepAudit:
    """What rounding one step does.

    Attributes:
        step: name of the operation whose output is rounded.
        kind: of layer; a ReLU in the same operation of the file is not named.
        range: of the output, real numbers.
        scale: of the output, real numbers a level.
        channel_ratio: largest weight of the kernel's largest channel over that of its smallest;
            None for a step without kernel. A large one spoils a dense kernel, which has one scale,
            and hints at channels of unequal size elsewhere.
        sqnr_db: of the step's output with all steps rounded; inf where nothing is lost.
        output_sqnr_db: of each output of the network with this step alone rounded.
        nme_cost_points: what this step alone adds to the NME, percentage points.
        nme_cost_error: standard error of that over the faces; a cost of twice as much is real.
    """

    step: str
    kind: str
    range: Range
    scale: float
    channel_ratio: float | None
    sqnr_db: float
    output_sqnr_db: Mapping[str, float]
    nme_cost_points: float
    nme_cost_error: float

    @property
    def harmed_output(self) -> str:
        """Name of the network's output with the lowest SQNR."""
        return min(self.output_sqnr_db, key=self.output_sqnr_db.__getitem__)

    @property
    def harm_db(self) -> float:
        """The lowest SQNR at the network's outputs."""
        return self.output_sqnr_db[self.harmed_output]


@dataclass(frozen=True)
class Audit:
    """All steps of a network, from input to outputs.

    Attributes:
        steps: one entry for each.
        faces: how many faces the NME is of.
        nme_percent: inter-ocular NME of the float network, boxes of the labels.
        nme_cost_points: what all steps together add, percentage points.
    """

    steps: tuple[StepAudit, ...]
    faces: int
    nme_percent: float
    nme_cost_points: float

    @property
    def worst_by_sqnr(self) -> StepAudit:
        """The step that disturbs an output of the network most."""
        return min(self.steps, key=lambda row: row.harm_db)

    @property
    def worst_by_nme(self) -> StepAudit:
        """The step that costs most NME."""
        return max(self.steps, key=lambda row: row.nme_cost_points)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON types; an infinite SQNR is null."""
        plain: dict[str, Any] = _without_infinities(asdict(self))
        return plain


def audit_table(result: Audit) -> str:
    """Return an audit as plain text, the worst steps marked."""
    width = max(len(row.step) for row in result.steps)
    kinds = max(len(row.kind) for row in result.steps)
    place = max(len(name) for name in result.steps[0].output_sqnr_db)
    lines = [
        f"NME {result.nme_percent:.3f} % over {result.faces} faces, all steps rounded "
        f"{result.nme_cost_points:+.3f} points",
        f"{'step':{width}}  {'kind':{kinds}} {'range':>16} {'scale':>8} {'channels':>8} "
        f"{'own dB':>7} {'outputs dB':>{place + 7}} {'NME points':>16}",
    ]
    for row in result.steps:
        low, high = row.range
        ratio = "" if row.channel_ratio is None else f"{row.channel_ratio:.1f}"
        line = (
            f"{row.step:{width}}  {row.kind:{kinds}} {low:7.2f} {high:8.2f} {row.scale:8.5f} "
            f"{ratio:>8} {row.sqnr_db:7.1f} {row.harmed_output:>{place}} {row.harm_db:6.1f} "
            f"{row.nme_cost_points:+8.4f} ±{row.nme_cost_error:.4f}"
        )
        worst = {"SQNR": result.worst_by_sqnr, "NME": result.worst_by_nme}
        marks = " and ".join(name for name, bad in worst.items() if row is bad)
        lines.append(f"{line}  <- worst {marks}" if marks else line)
    return "\n".join(lines)


def _without_infinities(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_infinities(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_infinities(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
