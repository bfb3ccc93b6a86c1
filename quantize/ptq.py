"""Post-training quantization: from a folded network and some faces to one with roundings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras

from quantize.calibrate import CalibrationSet, observe
from quantize.networks.correct_bias import correct_biases
from quantize.networks.equalise import equalise
from quantize.networks.fake_quant import Range
from quantize.networks.simulate import simulate_int8
from quantize.networks.steps import Step, scales_of, steps_of
from quantize.ranges import Estimator, estimate


@dataclass(frozen=True)
class PtqConfig:
    """How ranges are found, and what is done to the weights before.

    Attributes:
        estimator: of activation ranges, see ``quantize.ranges``.
        equalise: even out the channels of neighbouring kernels, see ``quantize.networks.equalise``.
        correct_bias: take back what rounding does to the mean of each channel, see
            ``quantize.networks.correct_bias``.
        float_head: leave the last kernels, those of the outputs, in float.
    """

    estimator: Estimator = "minmax"
    equalise: bool = False
    correct_bias: bool = False
    float_head: bool = False

    def __str__(self) -> str:
        """Say it in words, for cards and reports."""
        words = [self.estimator]
        words += ["equalised"] if self.equalise else []
        words += ["biases corrected"] if self.correct_bias else []
        words += ["float head"] if self.float_head else []
        return ", ".join(words)


@dataclass(frozen=True)
class Rounded:
    """A network with INT8's roundings and what they were made from.

    Attributes:
        simulated: the network with roundings.
        folded: the float network that it rounds.
        steps: which steps are rounded.
        ranges: of their outputs, by name; that of a join for what is joined.
    """

    simulated: keras.Model
    folded: keras.Model
    steps: tuple[Step, ...]
    ranges: Mapping[str, Range]


def quantize_after_training(
    folded: keras.Model, calibration: CalibrationSet, config: PtqConfig
) -> Rounded:
    """Give a folded network the roundings of INT8; it stays as it is.

    Raises:
        QuantizationError: a kind of layer has no rounded form.
    """
    if config.equalise:
        folded = equalise(folded)
    steps = steps_of(folded)
    if config.float_head:
        steps = tuple(step for step in steps if step.output not in folded.output)
    histograms = observe(folded, steps, calibration)
    own = {name: estimate(seen, config.estimator) for name, seen in histograms.items()}
    ranges = {name: own[scale] for name, scale in scales_of(folded, steps).items()}
    if config.correct_bias:
        folded = correct_biases(folded, ranges, steps, calibration.crops)
    return Rounded(simulate_int8(folded, ranges, steps), folded, steps, ranges)
