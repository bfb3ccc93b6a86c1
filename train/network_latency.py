"""The latency of networks alone, without faces, crops or landmarks."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from edge.bench.measure import Probe, measure, pooled
from edge.bench.rules import Rules
from landmarks.locate import Network
from landmarks.types import Image

INFER = "infer"


def network_medians_ms(networks: Sequence[tuple[Network, Image]], samples: int) -> list[float]:
    """Return the median latency of each network for its crop; they take turns.

    Args:
        networks: each with a crop, uint8 (size, size, 3).
        samples: of each network.
    """
    rules = Rules(warm_up_s=0.0, samples=samples, sample_s=0.0, repeats=1)
    taken = measure([_probe(network, crop) for network, crop in networks], rules)
    return [pooled(repeats)[INFER].p50_ms for repeats in taken]


def _probe(network: Network, crop: Image) -> Probe:
    def probe(turn: int) -> Mapping[str, float]:
        start_ns = time.perf_counter_ns()
        network.infer(crop)
        return {INFER: (time.perf_counter_ns() - start_ns) / 1e6}

    return probe
