from __future__ import annotations

import pytest

from landmarks.errors import QuantizationError
from quantize.files.outputs import name_outputs


def test_outputs_of_one_shape_are_told_apart_by_their_values(rng):
    """With one neighbour a landmark, offsets and votes have the same shape."""
    expected = {name: rng.normal(size=(4, 4, 136)) for name in ("offsets", "neighbours")}
    expected["score"] = rng.normal(size=(4, 4, 68))
    order = ("neighbours", "score", "offsets")
    answers = [expected[name] + rng.normal(0, 0.1, expected[name].shape) for name in order]
    assert name_outputs(answers, expected) == order


def test_an_answer_that_is_none_of_the_networks_is_refused(rng):
    expected = {"points": rng.normal(size=136)}
    with pytest.raises(QuantizationError, match="output 0 of the file.*none of the network's"):
        name_outputs([rng.normal(size=136)], expected)
    with pytest.raises(QuantizationError, match="no output has this shape"):
        name_outputs([expected["points"][:3]], expected)
    with pytest.raises(QuantizationError, match="output 1 of the file"):
        name_outputs([expected["points"]] * 2, expected)
