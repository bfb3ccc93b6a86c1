"""The loop of the benchmark on planted probes and a planted clock."""

from __future__ import annotations

import itertools

import pytest

from edge.bench.measure import measure, medians_ms, pooled
from edge.bench.rules import FULL, QUICK, Rules

RULES = Rules(warm_up_runs=3, warm_up_s=0.0, samples=5, sample_s=0.0, repeats=2)


def planted(value):
    return lambda turn: {"infer": value, "face": 2 * value}


def test_no_model_sees_the_samples_of_another():
    values = (1.0, 100.0, 10.0)
    taken = measure([planted(value) for value in values], RULES)
    for value, repeats in zip(values, taken, strict=True):
        latency = pooled(repeats)["infer"]
        assert latency.min_ms == latency.max_ms == latency.p50_ms == value
        assert latency.n == RULES.samples * RULES.repeats
        assert medians_ms(repeats, "face") == (2 * value, 2 * value)


def test_the_order_of_models_does_not_matter():
    forth = measure([planted(1.0), planted(7.0)], RULES)
    back = measure([planted(7.0), planted(1.0)], RULES)
    assert forth == back[::-1]


def test_models_take_turns_and_another_one_begins_each_turn():
    called = []

    def probe(name):
        return lambda turn: called.append((turn, name)) or {"infer": 1.0}

    measure([probe("a"), probe("b")], Rules(0, 0.0, samples=4, sample_s=0.0, repeats=1))
    turns = [[name for _, name in calls] for _, calls in itertools.groupby(called, lambda c: c[0])]
    assert turns == [["a", "b"], ["b", "a"], ["a", "b"], ["b", "a"]]


def test_samples_of_the_warm_up_are_not_counted():
    calls = itertools.count()

    def slow_at_first(turn):
        return {"infer": 1000.0 if next(calls) < RULES.warm_up_runs else 1.0}

    (repeats,) = measure([slow_at_first], RULES)
    assert pooled(repeats)["infer"].max_ms == 1.0


def test_a_repeat_lasts_as_long_as_the_rules_say():
    now = itertools.count()  # each look at the clock is a second later
    rules = Rules(warm_up_runs=0, warm_up_s=0.0, samples=1, sample_s=10.0, repeats=1)
    (first, second) = measure([planted(1.0), planted(2.0)], rules, clock=lambda: float(next(now)))
    assert len(first[0]["infer"]) == len(second[0]["infer"]) == 20


def test_a_stage_that_ran_now_and_then_is_summarised_over_the_times_it_ran():
    def finds_once_in_five(turn):
        return {"frame": 1.0} | ({"find": 20.0} if turn % 5 == 0 else {})

    (repeats,) = measure([finds_once_in_five], Rules(0, 0.0, 10, 0.0, 1))
    latencies = pooled(repeats)
    assert (latencies["find"].n, latencies["find"].p50_ms) == (2, 20.0)
    assert latencies["frame"].n == 10
    assert medians_ms(repeats, "capture") == ()


@pytest.mark.parametrize("rules, samples, seconds", [(FULL, 200, 10.0), (QUICK, 50, 2.0)])
def test_the_rules_are_those_that_the_docs_promise(rules, samples, seconds):
    assert (rules.samples, rules.sample_s, rules.repeats) == (samples, seconds, 3)
    assert (rules.warm_up_runs, rules.warm_up_s) == (10, 2.0)
