from __future__ import annotations

import pytest

from edge.bench.environment import Conditions
from edge.bench.statistics import SPREAD_LIMIT_PERCENT
from edge.bench.trust import undelegated, unsteady, why_doubtful, why_invalid
from edge.runtime.delegation import Delegation, Operation


def conditions(throttled=None, load=0.0):
    return Conditions(temperature_c=50.0, clock_mhz=1800.0, throttled=throttled, load_1m=load)


@pytest.mark.parametrize(
    "before, after, words",
    [
        (None, None, ()),
        (0x0, 0x0, ()),
        (0x0, 0x4, ("throttled during the run",)),
        (0x1, 0x0, ("under-voltage during the run",)),
        (0x0, 0x20000, ("clock capped during the run",)),  # came and went between the two looks
        (0x40000, 0x40000, ()),  # before the run: a doubt, not a verdict
    ],
)
def test_a_run_on_a_board_that_was_held_back_is_invalid(before, after, words):
    assert why_invalid(conditions(before), conditions(after)) == words


def test_what_happened_before_the_run_and_other_work_are_doubts():
    assert why_doubtful(conditions(0x0, load=0.2), cores=4) == ()
    (word,) = why_doubtful(conditions(0x10000), cores=4)
    assert "under-voltage since" in word
    (word,) = why_doubtful(conditions(load=3.0), cores=4)
    assert "other work was going on: load 3.0" in word


def test_a_spread_above_the_limit_is_warned_of():
    assert unsteady({"a": SPREAD_LIMIT_PERCENT, "b": 0.0}) == ()
    (warning,) = unsteady({"a": 1.0, "b": 6.0, "c": 20.0})
    assert warning == "repeats differ by more than 5 %: b (6 %), c (20 %)"


def test_operations_that_xnnpack_leaves_out_are_warned_of():
    whole = Delegation(operations=62, partitions=1, left_out=())
    cut = Delegation(62, 2, (Operation(7, "RELU6", "x", (1, 8, 8, 6)),))
    (warning,) = undelegated({"whole.tflite": whole, "cut.tflite": cut})
    assert warning.startswith("cut.tflite: 61 of 62 operations delegated in 2 partitions")
