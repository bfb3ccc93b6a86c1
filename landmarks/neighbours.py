"""PIPNet's neighbours: which landmarks each landmark also predicts, and how votes are merged.

Source: PIPNet (IJCV 2021), section 3.2, and the mean-face files of its released code.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from landmarks.types import Floats, Ints, check_points

Merge = Literal["exact", "padded"]


@dataclass(frozen=True)
class NeighbourTable:
    """The neighbours of every landmark and the weight of every vote.

    Attributes:
        indices: int (L, K); landmark ``indices[l, k]`` is the k-th neighbour of l.
        own_weight: float (L,); weight of a landmark's own prediction in its merged point.
        vote_weight: float (L, K); weight of l's vote in the merged point of its k-th neighbour.
    """

    indices: Ints
    own_weight: Floats
    vote_weight: Floats

    @property
    def n_points(self) -> int:
        """L."""
        return int(self.indices.shape[0])

    @property
    def k(self) -> int:
        """K."""
        return int(self.indices.shape[1])

    @cached_property
    def vote_places(self) -> Ints:
        """Where each coordinate of each vote counts, int (L * 2 * K,).

        Votes in the order landmark, axis, neighbour; places in the order landmark, axis.
        """
        return (2 * self.indices[:, None] + np.arange(2)[:, None]).ravel()


def nearest_neighbours(mean_face: Floats, k: int) -> Ints:
    """Return the k nearest landmarks of each landmark of the mean face, int64 (L, k).

    Raises:
        ValueError: k is not between 0 and L - 1.
    """
    check_points(mean_face)
    n = len(mean_face)
    if not 0 <= k < n:
        raise ValueError(f"{n} landmarks can have 0 to {n - 1} neighbours, received {k}")
    difference = mean_face[:, None].astype(np.float64) - mean_face[None]
    distance = (difference**2).sum(axis=-1)
    np.fill_diagonal(distance, -1.0)  # a landmark is always first in its own list
    return np.argsort(distance, axis=1, kind="stable")[:, 1 : k + 1]


def voters(indices: Ints) -> list[list[tuple[int, int]]]:
    """Return for each landmark m all (l, k) with ``indices[l, k] == m``, in reading order."""
    lists: list[list[tuple[int, int]]] = [[] for _ in range(len(indices))]
    for owner, row in enumerate(indices):
        for place, target in enumerate(row):
            lists[int(target)].append((owner, place))
    return lists


def neighbour_table(mean_face: Floats, k: int, merge: Merge = "exact") -> NeighbourTable:
    """Build the table from a mean face.

    Args:
        mean_face: float (L, 2), any unit.
        k: neighbours of each landmark; 0 for a head without neighbours.
        merge: ``"exact"`` is the mean of a landmark's own prediction and all its votes.
            ``"padded"`` is the released PIPNet code: voter lists are repeated cyclically to the
            length of the longest, so that some votes count twice.

    Returns:
        A table whose weights sum to 1 for every landmark.
    """
    if merge not in get_args(Merge):
        raise ValueError(f"merge must be one of {get_args(Merge)}, received {merge!r}")
    indices = nearest_neighbours(mean_face, k)
    lists = voters(indices)
    longest = max(len(votes) for votes in lists)
    own = np.empty(len(indices))
    weight = np.zeros(indices.shape)
    for target, votes in enumerate(lists):
        # A landmark nobody votes for (possible for small k) keeps its own prediction.
        total = longest if merge == "padded" and votes else len(votes)
        own[target] = 1.0 / (total + 1)
        for turn in range(total):
            weight[votes[turn % len(votes)]] += 1.0 / (total + 1)
    return NeighbourTable(indices, own, weight)
