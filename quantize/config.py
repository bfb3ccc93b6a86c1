"""Everything that decides a quantization, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from quantize.calibrate import DEFAULT_FACES
from quantize.files.tflite import FloatPrecision
from quantize.fine_tune import FineTuneConfig
from quantize.ptq import PtqConfig

Format = Literal["tflite", "onnx"]


@dataclass(frozen=True)
class QuantizeConfig:
    """One run of ``python -m quantize``.

    Attributes:
        model: float network, a ``.keras`` file.
        calib: faces to calibrate with: pictures with ``.pts`` files, or a prepared folder.
        out: folder for the files.
        data: folder of labelled faces to score on.
        calib_faces: how many of them.
        dataset, subset: layout and part of it, see ``train.datasets.any_layout.read_faces``.
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
