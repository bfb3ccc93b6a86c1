"""Everything that decides a quantization, as plain data; nothing here is slow to import."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Format = Literal["tflite", "onnx"]
FloatPrecision = Literal["float32", "float16", "dynamic", "int16x8"]
Estimator = Literal["minmax", "percentile", "mse", "entropy"]
DEFAULT_FACES = 128


@dataclass(frozen=True)
class PtqConfig:
    """How ranges are found, and which kernels are rounded.

    Attributes:
        estimator: of activation ranges, see ``quantize.ranges``.
        float_head: leave the last kernels, those of the outputs, in float.
    """

    estimator: Estimator = "minmax"
    float_head: bool = False

    def __str__(self) -> str:
        """Say it in words, for cards and reports."""
        return f"{self.estimator}, float head" if self.float_head else self.estimator


@dataclass(frozen=True)
class FineTuneConfig:
    """How a network is trained on.

    Attributes:
        data: prepared folder with landmarks.
        epochs, batch: length of the run and faces in a step.
        learning_rate: peak of a cosine.
        frozen_share: of the epochs, at the end, in which ranges are no longer learned.
        distill: weight of the squared distance to the answers of the float network; 0 for labels
            alone. With it no network of experiment E17 is worse than its control; with labels alone
            two of three are.
        seed: of order and augmentation.
    """

    data: Path
    epochs: int = 10
    batch: int = 32
    learning_rate: float = 2e-4
    frozen_share: float = 0.3
    distill: float = 100.0
    seed: int = 1


@dataclass(frozen=True)
class QuantizeConfig:
    """One run of ``python -m quantize``.

    Attributes:
        model: float network, a ``.keras`` file.
        calib: faces to calibrate with: pictures with ``.pts`` files, or a prepared folder.
        out: folder for the files.
        data: folder of labelled faces to score on.
        calib_faces: how many of them.
        dataset, subset: layout and part of it, see ``train.preparation.any_layout.read_faces``.
        formats: of the INT8 network.
        also: further precisions to write, as TFLite (float32 also in the other formats).
        ptq: how ranges are found.
        qat: fine-tune with the roundings; None for post-training quantization alone.
        resume: go on with a fine-tuning that was interrupted.
        audit: measure what each step costs.
        max_nme_drop: NME in percentage points that INT8 may lose; None for any.
        force: replace existing files.
    """

    model: Path
    calib: Path
    out: Path
    data: Path
    calib_faces: int = DEFAULT_FACES
    dataset: str | None = None
    subset: str | None = None
    formats: tuple[Format, ...] = ("tflite", "onnx")
    also: tuple[FloatPrecision, ...] = ()
    ptq: PtqConfig = field(default_factory=PtqConfig)
    qat: FineTuneConfig | None = None
    resume: bool = False
    audit: bool = False
    max_nme_drop: float | None = None
    force: bool = False
