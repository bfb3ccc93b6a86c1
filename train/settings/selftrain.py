"""What decides a self-training, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from train.settings.fit import FitConfig

TaskName = Literal["std", "cls1", "cls2", "cls3"]
# What each round teaches on the unlabelled faces; labelled ones are always taught everything.
METHODS: dict[str, tuple[TaskName, ...]] = {
    "stc": ("cls3", "cls2", "std", "std", "std"),
    "plain": ("std", "std", "std"),
    "supervised": (),
}


@dataclass(frozen=True)
class SelftrainConfig:
    """A self-training: round 0 on labelled faces, then one round for each task.

    Attributes:
        fit: of every round; ``data`` holds the labelled faces, ``out`` gets a folder a round.
            ``epochs`` are epochs of every round.
        unlabelled: prepared folders without landmarks.
        tasks: what the unlabelled faces are taught in each round, see ``METHODS``.
        steps: of an epoch; 0 for one pass over all faces of the round, as published. A fixed
            number gives every round, and the supervised one, the same budget.
        confidence: whether an unlabelled face counts the less the more its mirror image disagrees;
            off as published, where all count alike.
        labelled_share: of the faces of an epoch; 0 for one shuffled list of all, as published.
        relabel_every: epochs after which the averaged weights of the network itself label anew,
            and the network goes on from round to round; 0 for new labels and new weights in each
            round, as published.
    """

    fit: FitConfig
    unlabelled: tuple[Path, ...]
    tasks: tuple[TaskName, ...] = METHODS["stc"]
    steps: int = 0
    confidence: bool = False
    labelled_share: float = 0.0
    relabel_every: int = 0
