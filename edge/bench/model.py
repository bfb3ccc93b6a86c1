"""Our own models as subjects: the very network and ``Localizer`` that ``edge-run`` uses, timed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from edge.bench.subject import Answer, Facts, stage_times
from edge.runtime import open_network
from edge.runtime.delegation import Delegation, delegation_of
from landmarks.boxes import Box
from landmarks.card import ModelCard
from landmarks.decode import OutputTensor
from landmarks.locate import Localizer, Network
from landmarks.model_file import read_model
from landmarks.types import Image

RUNTIMES = {".tflite": "LiteRT", ".onnx": "ONNX Runtime"}


class OwnModel:
    """A model file with its card.

    Attributes:
        localizer: what ``edge-run`` would use.
    """

    def __init__(self, path: Path, *, threads: int) -> None:
        """Load it, and no more than ``edge-run`` would: a start is measured round this.

        Raises:
            ModelFileError: it is missing, damaged, not what its card says, or no landmark network.
            MissingExtraError: its runtime is not installed.
        """
        self._path, self._threads = path, threads
        self._network = _TimedNetwork(open_network(path, threads=threads))
        self.localizer = Localizer.of(self._network)

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        card = self._network.card
        return Facts(
            name=self._path.name,
            kind="model",
            network=card.name,
            runtime=RUNTIMES[self._path.suffix],
            precision=card.precision,
            threads=self._threads,
            bytes=self._path.stat().st_size,
            sha256=read_model(self._path).sha256,
            scheme=card.scheme,
            trained_on=str(card.training.get("dataset", "not said by its card")),
            note=f"{card.input_size} px RGB, canonical box x {card.crop_scale:g}",
        )

    def delegation(self) -> Delegation | None:
        """Return what XNNPACK takes of it; None for an ONNX file."""
        if self._path.suffix != ".tflite":
            return None
        return delegation_of(read_model(self._path).graph)

    def answer(self, frame: Image, box: Box) -> Answer:
        """See ``Subject``."""
        start_ns = time.perf_counter_ns()
        face = self.localizer.locate(frame, box)
        return Answer(stage_times(start_ns, *self._network.last_ns), face)


class _TimedNetwork:
    """A network that remembers when it began and ended its last inference."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.card: ModelCard = network.card
        self.last_ns = (0, 0)

    def infer(self, crop: Image) -> Mapping[str, OutputTensor]:
        begun_ns = time.perf_counter_ns()
        outputs = self._network.infer(crop)
        self.last_ns = (begun_ns, time.perf_counter_ns())
        return outputs
