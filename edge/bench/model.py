"""Our own models as subjects: the very network and ``Localizer`` that ``edge-run`` uses, timed."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from edge.bench.subject import Answer, Facts
from edge.runtime import open_network
from edge.runtime.delegation import Delegation, delegation_of
from edge.stage_clock import StageClock
from landmarks.boxes import Box
from landmarks.locate import Localizer
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
        self.localizer = Localizer.of(open_network(path, threads=threads))

    @cached_property
    def facts(self) -> Facts:
        """See ``Subject``."""
        card = self.localizer.network.card
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
        """See ``Subject``; the steps are those of ``Localizer.locate`` and of the pipeline."""
        clock = StageClock()
        transform = self.localizer.transform(box)
        crop = transform.cut(frame)
        clock.lap("crop")
        outputs = self.localizer.network.infer(crop)
        clock.lap("infer")
        face = self.localizer.read(outputs, transform)
        clock.lap("decode")
        return Answer(clock.times(), face)
