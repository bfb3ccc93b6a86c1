"""The graphs that a run makes and compares: float, INT8 and its controls, other precisions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import keras

from landmarks.card import ModelCard
from landmarks.card_check import Precision
from quantize.calibrate import CalibrationSet
from quantize.config import Format, QuantizeConfig
from quantize.files.onnx import derive_onnx
from quantize.files.tflite import TfliteGraph, export_float, export_int8
from quantize.fine_tune import fine_tune
from quantize.ptq import Rounded, quantize_after_training

REFERENCE: Precision = "float32"
CONTROL = "control int8 ptq"  # trained on for as many epochs as TRAINED, without roundings
TRAINED = "int8 qat"


@dataclass(frozen=True)
class Candidate:
    """A graph to be measured, and perhaps written.

    Attributes:
        name: in the report.
        precision: as in a card.
        graph: without a card; its data are ONNX where the format is.
        format: of the data.
        method: how it was quantized, in words; empty for a float graph.
        kept: whether it is written; what only serves comparison is not.
    """

    name: str
    precision: Precision
    graph: TfliteGraph
    format: Format = "tflite"
    method: str = ""
    kept: bool = False

    @property
    def key(self) -> str:
        """What tells it from the others of a run."""
        return f"{self.name} {self.format}"

    @property
    def suffix(self) -> str:
        """Suffix of its file."""
        return f".{self.format}"


def candidates(
    folded: keras.Model,
    rounded: Rounded,
    card: ModelCard,
    calibration: CalibrationSet,
    config: QuantizeConfig,
    say: Callable[[str], None],
) -> Iterator[Candidate]:
    """Yield the graphs of a run; the float32 TFLite graph, to which all are compared, comes first.

    Args:
        folded: the float network.
        rounded: the same after post-training quantization.
        card: of the network.
        calibration: its calibration set.
        config: of the run.
        say: told each step in one line.
    """
    crops, method = calibration.crops, f"post-training: {config.ptq}"
    say("converting to float32 TFLite")
    reference = Candidate(REFERENCE, "float32", export_float(folded, "float32", crops))
    if "float32" in config.also:
        yield from _kept(reference, config)
    else:
        yield reference
    for precision in config.also:
        if precision != "float32":
            say(f"converting to {precision} TFLite")
            graph = export_float(folded, precision, crops)
            yield Candidate(precision, precision, graph, kept=True)
    say("converting to INT8")
    plain = Candidate("int8", "int8", export_int8(rounded.simulated, crops[0]), method=method)
    if config.qat is None:
        yield from _kept(plain, config)
        return
    yield replace(plain, name="int8 ptq")
    runs = fine_tuning_folder(config, card.name)
    say(f"control: {config.qat.epochs} epochs without roundings")
    control = fine_tune(
        rounded.folded, folded, card, config.qat, runs / "control", resume=config.resume
    )
    yield Candidate("control float32", "float32", export_float(control, "float32", crops))
    again = quantize_after_training(control, calibration, config.ptq)
    graph = export_int8(again.simulated, crops[0])
    yield Candidate(CONTROL, "int8", graph, method=method)
    say(f"quantization-aware training: {config.qat.epochs} epochs")
    tuned = fine_tune(
        rounded.simulated, folded, card, config.qat, runs / "qat", resume=config.resume
    )
    method = f"quantization-aware training of {config.qat.epochs} epochs, from {method}"
    graph = export_int8(tuned, crops[0])
    yield from _kept(Candidate(TRAINED, "int8", graph, method=method), config)


def fine_tuning_folder(config: QuantizeConfig, name: str) -> Path:
    """Return the folder that holds the fine-tuning runs of a network of that name."""
    return config.out / f"{name}-fine-tuning"


def _kept(candidate: Candidate, config: QuantizeConfig) -> Iterator[Candidate]:
    """Yield a TFLite graph and what is derived from it, to be written as the formats say."""
    yield replace(candidate, kept="tflite" in config.formats)
    if "onnx" in config.formats:
        graph = candidate.graph
        derived = derive_onnx(graph.data, graph.outputs).SerializeToString()
        graph = replace(graph, data=derived)
        yield replace(candidate, graph=graph, format="onnx", kept=True)
