"""Our own files as subjects: what ``edge-run`` does with their networks, timed step by step."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from edge.bench.subject import Answer, Facts, Kind
from edge.runtime import open_network
from edge.stage_clock import StageClock
from landmarks.boxes import Box
from landmarks.card import CentreHead, ModelCard
from landmarks.find import NetworkFinder
from landmarks.locate import Localizer, Network
from landmarks.model_file import read_model
from landmarks.types import Image

RUNTIMES = {".tflite": "LiteRT", ".onnx": "ONNX Runtime"}


def open_own(path: Path, *, threads: int) -> OwnModel | OwnFinder:
    """Load one of our files, and no more than ``edge-run`` would: a start is measured round this.

    Raises:
        ModelFileError: it is missing, damaged or not what its card says.
        MissingExtraError: its runtime is not installed.
    """
    network = open_network(path, threads=threads)
    if isinstance(network.card.head, CentreHead):
        return OwnFinder(path, network, threads=threads)
    return OwnModel(path, network, threads=threads)


class OwnModel:
    """A landmark network in the ``Localizer`` of ``edge-run``.

    Attributes:
        localizer: what ``edge-run`` would use.
    """

    def __init__(self, path: Path, network: Network, *, threads: int) -> None:
        """Prepare the network of a file."""
        self._path, self._threads = path, threads
        self.localizer = Localizer.of(network)

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        card = self.localizer.network.card
        note = f"{card.input_size} px RGB, canonical box x {card.crop_scale:g}"
        return _facts(self._path, card, "model", self._threads, scheme=card.scheme, note=note)

    def answer(self, frame: Image, box: Box) -> Answer:
        """See ``Subject``."""
        clock = StageClock()
        face = self.localizer.locate(frame, box, lap=clock.lap)
        return Answer(clock.times(), face)


class OwnFinder:
    """A finder network in the ``NetworkFinder`` of ``edge-run``."""

    def __init__(self, path: Path, network: Network, *, threads: int) -> None:
        """Prepare the network of a file."""
        self._path, self._threads = path, threads
        self._finder = NetworkFinder.of(network)

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        card = self._finder.network.card
        note = f"whole frame letterboxed to {card.input_size} px RGB"
        return _facts(self._path, card, "detector", self._threads, scheme=None, note=note)

    def answer(self, frame: Image, box: Box) -> Answer:
        """See ``Subject``."""
        clock = StageClock()
        found = self._finder.find(frame, lap=clock.lap)
        return Answer(clock.times(), boxes=tuple(detection.box for detection in found))


def _facts(
    path: Path, card: ModelCard, kind: Kind, threads: int, *, scheme: str | None, note: str
) -> Facts:
    return Facts(
        name=path.name,
        kind=kind,
        network=card.name,
        runtime=RUNTIMES[path.suffix],
        precision=card.precision,
        threads=threads,
        bytes=path.stat().st_size,
        sha256=read_model(path).sha256,
        scheme=scheme,
        trained_on=str(card.training.get("dataset", "not said by its card")),
        note=note,
    )
