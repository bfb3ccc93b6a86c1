"""A short, deterministic slice of ``make hostile``, and that its judges can complain."""

from __future__ import annotations

import pytest

from tests.hostile.__main__ import MOST_MB
from tests.hostile.ended import Ended
from tests.hostile.kinds import KINDS
from tests.hostile.trial import trial

SLICE = {"cards": 6, "models": 3, "recordings": 4, "pictures": 3, "settings": 30, "labels": 3}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_hostile_ends_in_a_traceback_a_hang_or_a_loss(kind):
    verdict = trial(kind, 1000, SLICE[kind])
    assert verdict.complaints == ()
    assert verdict.tried == SLICE[kind]
    assert verdict.peak_mb < MOST_MB


@pytest.mark.parametrize(
    "ended",
    [
        Ended(1, "", "Traceback (most recent call last):\nerror: x"),
        Ended(0, "", "warning: a\x1b[31m"),
        Ended(3, "", "something"),
        Ended(139, "", "error: x"),
    ],
)
def test_a_bad_end_is_complained_of(ended):
    assert ended.complaints()
    assert not Ended(3, "", "error: a.jpg: empty\n").complaints()
