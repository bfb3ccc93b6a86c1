from __future__ import annotations

import pytest

from edge_landmarks import Episode, Episodes, UsualLevel


def feed(episodes, values, step_s=0.1):
    ended = [episodes.add(value, i * step_s) for i, value in enumerate(values)]
    return [episode for episode in ended if episode is not None]


def test_a_measure_that_jitters_at_its_threshold_is_counted_once():
    blinks = Episodes(begins_below=0.7, ends_above=0.8)
    ended = feed(blinks, [1, 0.69, 0.72, 0.68, 0.75, 0.69, 0.81, 1])
    assert ended == [Episode(0.1, pytest.approx(0.6))]
    assert blinks.count == 1
    assert ended[0].duration_s == pytest.approx(0.5)


def test_what_is_too_short_or_too_long_does_not_count():
    values = [1, 0.5, 1, 0.5, 0.5, 0.5, 1, *[0.5] * 10, 1]
    episodes = Episodes(begins_below=0.7, ends_above=0.8, shortest_s=0.2, longest_s=0.5)
    (only,) = feed(episodes, values)
    assert only.begin_s == pytest.approx(0.3)
    assert episodes.count == 1


def test_an_episode_that_lasts_is_told_and_can_be_forgotten():
    shut = Episodes(begins_below=0.7, ends_above=0.8)
    shut.add(0.5, 2.0)
    assert shut.lasting_s(3.5) == 1.5
    shut.forget()
    assert shut.lasting_s(3.6) == 0
    assert shut.add(1.0, 4.0) is None and shut.count == 0


def test_a_measure_is_told_by_its_own_usual_level():
    usual = UsualLevel(window_s=10)
    for i in range(50):
        share = usual.share(0.2, i / 10)
    assert share == pytest.approx(1)
    assert usual.share(0.1, 5.0) == pytest.approx(0.5)
    for i in range(200):  # another person: the old level is forgotten
        share = usual.share(0.4, 5.1 + i / 10)
    assert share == pytest.approx(1)
    assert UsualLevel().share(0.0, 0.0) == 1


@pytest.mark.parametrize(
    "options",
    [
        {"begins_below": 0.8, "ends_above": 0.7},
        {"begins_below": 0.7, "ends_above": 0.8, "shortest_s": 2.0, "longest_s": 1.0},
        {"begins_below": 0.7, "ends_above": 0.8, "shortest_s": -1.0},
    ],
)
def test_thresholds_that_cannot_be_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        Episodes(**options)
    with pytest.raises(ValueError, match="window_s"):
        UsualLevel(0)
