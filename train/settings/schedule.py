"""How the learning rate changes over a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["cosine", "steps", "inverse-time"]


@dataclass(frozen=True)
class ScheduleConfig:
    """How the learning rate changes.

    Attributes:
        kind: ``"cosine"``: linear warm-up, then a cosine down to a hundredth (ours).
            ``"steps"``: times ``factor`` at each milestone (PIPNet).
            ``"inverse-time"``: rate / (1 + decay step) (ASMNet).
        warmup_epochs: of the cosine.
        milestones: epochs, for ``"steps"``.
        factor: for ``"steps"``.
        decay: for ``"inverse-time"``, per step.
    """

    kind: Kind = "cosine"
    warmup_epochs: int = 3
    milestones: tuple[int, ...] = (30, 50)
    factor: float = 0.1
    decay: float = 1e-5
