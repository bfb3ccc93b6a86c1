"""What a network is taught, and how much each part of it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from landmarks.neighbours import Merge

TaughtAt = Literal["truth", "read"]
ErrorKind = Literal["absolute", "wing"]


@dataclass(frozen=True)
class PipTeaching:
    """What is taught beside PIPNet's own loss.

    Attributes:
        at: cells where offsets and votes are taught: those of the ``"truth"``, as PIPNet does, or
            those that are ``"read"``: with the highest score, unless they are farther away from
            the true ones than the next cell.
        merged: weight of the error of the merged points; PIPNet has none.
        error: of places, by its ``"absolute"`` value, as PIPNet does, or by ``"wing"``.
    """

    at: TaughtAt = "truth"
    merged: float = 0.0
    error: ErrorKind = "absolute"


PIPNET = PipTeaching()


@dataclass(frozen=True)
class PipConfig:
    """What is PIPNet's own.

    Attributes:
        k: neighbours of each landmark; 0 for a head without them.
        merge: of the votes: ``"padded"`` as in the released code, or the ``"exact"`` mean.
        stride: pixels of the input to a cell: 16 for asmpip, 16, 32, 64 or 128 for a PIPNet.
        taught_at, merged_weight, error: see ``PipTeaching``.
    """

    k: int = 10
    merge: Merge = "exact"
    stride: int = 16
    taught_at: TaughtAt = "truth"
    merged_weight: float = 0.0
    error: ErrorKind = "absolute"

    @property
    def teaching(self) -> PipTeaching:
        """What is taught beside PIPNet's own loss."""
        return PipTeaching(self.taught_at, self.merged_weight, self.error)


@dataclass(frozen=True)
class AsmConfig:
    """What is ASMNet's own.

    Attributes:
        loss: whether the shape model takes part; without it ASMNet's loss is the plain mse(G, p).
            It may assist a PIP head, too.
        percent: variance that the shape model explains, 0 to 100.
        copies: augmented copies of each shape that the model is made from.
        outputs: unit of the landmark output, see above.
    """

    loss: bool = False
    percent: float = 90.0
    copies: int = 4
    outputs: Literal["published", "standardised"] = "published"


@dataclass(frozen=True)
class PoseConfig:
    """The second task of ASMNet.

    Attributes:
        output: whether the network has a pose output.
        weight: of its loss: 0.5 in the paper, 1 in the released code.
        max_reprojection: faces above this error of the fit that gives their pose, a share of the
            inter-ocular distance, do not count.
    """

    output: bool = True
    weight: float = 0.5
    max_reprojection: float = 0.12
