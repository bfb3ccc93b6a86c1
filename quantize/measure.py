"""Graphs as files with their cards, and their latency in the runtime of the device."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from edge.bench.network_latency import network_medians_ms
from edge.runtime import open_network
from landmarks.card import ModelCard
from landmarks.locate import Network
from landmarks.model_file import with_card
from landmarks.types import Image

RUNS = 60


def latencies_ms(
    graphs: Mapping[str, tuple[bytes, ModelCard, str]], crop: Image, threads: int
) -> dict[str, float]:
    """Return the median time of the networks for one crop; they take turns, so drift hits all.

    Args:
        graphs: graph, card and suffix of each, by a name.
        crop: uint8 (size, size, 3).
        threads: of the interpreters.
    """
    networks: list[tuple[Network, Image]] = []
    for graph, card, suffix in graphs.values():
        with as_file(graph, card, suffix) as path:
            networks.append((open_network(path, threads=threads), crop))
    return dict(zip(graphs, network_medians_ms(networks, RUNS), strict=True))


@contextmanager
def as_file(graph: bytes, card: ModelCard, suffix: str) -> Iterator[Path]:
    """Hold a graph with its card in a temporary file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph{suffix}"
        path.write_bytes(with_card(graph, card, suffix))
        yield path
