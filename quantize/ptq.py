"""Post-training quantization: from a folded network and some faces to one with roundings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import keras

from quantize.calibrate import CalibrationSet, observe
from quantize.config import PtqConfig
from quantize.networks.fake_quant import Range
from quantize.networks.simulate import simulate_int8
from quantize.networks.steps import Step, scales_of, steps_of
from quantize.ranges import estimate


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
    steps = steps_of(folded)
    if config.float_head:
        steps = tuple(step for step in steps if step.output not in folded.output)
    histograms = observe(folded, steps, calibration)
    own = {name: estimate(seen, config.estimator) for name, seen in histograms.items()}
    ranges = {name: own[scale] for name, scale in scales_of(folded, steps).items()}
    return Rounded(simulate_int8(folded, ranges, steps), folded, steps, ranges)
