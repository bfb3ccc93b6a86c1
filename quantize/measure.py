"""What a graph is worth: its error and its latency, through the runtime of the device."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tqdm import tqdm

from edge.bench.network_latency import network_medians_ms
from edge.runtime import open_network
from landmarks.card import ModelCard
from landmarks.faces import LabelledFace
from landmarks.locate import Localizer, Network
from landmarks.measure import score
from landmarks.model_file import with_card
from landmarks.score import Score
from landmarks.types import Image

RUNS = 60


def score_graph(
    graph: bytes, card: ModelCard, suffix: str, faces: Sequence[LabelledFace], name: str
) -> Score:
    """Score a graph, from a file like any other."""
    with as_file(graph, card, suffix) as path:
        network = open_network(path)
        bar = tqdm(faces, desc=f"scoring {name}", unit="face", disable=None, leave=False)
        return score(Localizer.of(network), bar)


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
