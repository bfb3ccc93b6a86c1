"""What a graph is worth: its error and its latency, through the runtime of the device."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from tqdm import tqdm

from edge.runtime import open_network
from landmarks.card import ModelCard
from landmarks.faces import LabelledFace
from landmarks.locate import Localizer, Network
from landmarks.measure import score
from landmarks.model_file import with_card
from landmarks.score import Score
from landmarks.types import Image

WARM_UP_RUNS = 10
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
    networks: dict[str, Network] = {}
    for name, (graph, card, suffix) in graphs.items():
        with as_file(graph, card, suffix) as path:
            networks[name] = open_network(path, threads=threads)
    samples: dict[str, list[int]] = {name: [] for name in networks}
    for turn in range(WARM_UP_RUNS + RUNS):
        for name, network in networks.items():
            start = time.perf_counter_ns()
            network.infer(crop)
            if turn >= WARM_UP_RUNS:
                samples[name].append(time.perf_counter_ns() - start)
    return {name: float(np.median(values)) / 1e6 for name, values in samples.items()}


@contextmanager
def as_file(graph: bytes, card: ModelCard, suffix: str) -> Iterator[Path]:
    """Hold a graph with its card in a temporary file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"graph{suffix}"
        path.write_bytes(with_card(graph, card, suffix))
        yield path
