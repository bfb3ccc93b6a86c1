"""The latency of networks alone, without faces, crops or landmarks."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from landmarks.locate import Network
from landmarks.types import Image

WARM_UP_TURNS = 10


def network_medians_ms(networks: Sequence[tuple[Network, Image]], samples: int) -> list[float]:
    """Return the median latency of each network for its crop; they take turns, so drift hits all.

    Args:
        networks: each with a crop, uint8 (size, size, 3).
        samples: of each network.
    """
    taken_ms = np.empty((WARM_UP_TURNS + samples, len(networks)))
    for turn in taken_ms:
        for place, (network, crop) in enumerate(networks):
            start_ns = time.perf_counter_ns()
            network.infer(crop)
            turn[place] = (time.perf_counter_ns() - start_ns) / 1e6
    return [float(median) for median in np.median(taken_ms[WARM_UP_TURNS:], axis=0)]
