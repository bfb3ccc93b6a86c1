"""Which output of a file is which of the network's: converters reorder and rename them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from landmarks.errors import QuantizationError
from landmarks.types import Floats

MOST_WRONG = 0.5  # mean error of a file's output, in standard deviations of the network's


def name_outputs(answers: Sequence[Floats], expected: Mapping[str, Floats]) -> tuple[str, ...]:
    """Name a file's outputs by their answers to one input; this also checks the answers.

    Args:
        answers: of the file, real numbers, in its order.
        expected: what the network answers, by name.

    Raises:
        QuantizationError: an answer is like none of the network's that has its shape.
    """
    left = dict(expected)
    names: list[str] = []
    for values in answers:
        wrong = {
            name: float(np.abs(values - other).mean() / max(other.std(), 1e-12))
            for name, other in left.items()
            if other.shape == values.shape
        }
        name = min(wrong, key=wrong.__getitem__, default=None)
        if name is None or wrong[name] > MOST_WRONG:
            raise QuantizationError(
                f"output {len(names)} of the file, {values.shape}, is none of the network's: mean "
                f"error in deviations {wrong or 'unknown, no output has this shape'}"
            )
        names.append(name)
        del left[name]
    return tuple(names)
