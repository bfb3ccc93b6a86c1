from __future__ import annotations

import itertools
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.plots.axis import axis_for
from edge.bench.plots.ced import ced_plot
from edge.bench.plots.labels import Area, place_labels
from edge.bench.plots.pareto import pareto_front, pareto_plot, precision_pairs
from edge.bench.plots.stages import share_ms, stage_plot
from edge.bench.probes import FRAME, FRAME_STAGES
from edge.bench.statistics import Latency
from tests.edge.bench.planted import float_and_int8, row

positive = st.floats(0.01, 1000.0)


@given(st.lists(positive, min_size=1, max_size=8))
def test_an_axis_holds_its_values_and_has_round_ticks(values):
    axis = axis_for(values, 0.0, 500.0)
    assert all(0.0 <= axis.px(value) <= 500.0 for value in values)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 25
    assert ticks == sorted(ticks)


def test_far_apart_values_get_a_logarithmic_axis():
    assert axis_for([1.0, 20.0], 0, 1).log
    assert not axis_for([3.0, 6.0], 0, 1).log


def test_labels_of_crowded_points_do_not_overlap():
    points = [(100.0 + 6 * i, 100.0 + 3 * (i % 3)) for i in range(8)]
    within = Area(0, 0, 800, 480)
    placed = place_labels(points, [(90.0, 15.0)] * len(points), within, [((50, 100), (700, 100))])
    for a, b in itertools.combinations([label.area for label in placed], 2):
        assert a.shared_with(b) == 0
    for label in placed:
        assert label.area.shared_with(within) == pytest.approx(label.area.size)


def test_the_front_is_what_nothing_beats_in_both():
    fast, good = row("fast", infer_ms=1.0, nme_percent=6.0), row("good", nme_percent=3.0)
    beaten = row("beaten", infer_ms=2.5, nme_percent=3.1)
    assert pareto_front([beaten, good, fast]) == [fast, good]


def test_float_and_int8_of_one_network_in_one_runtime_are_a_pair():
    int8, float32, *_ = float_and_int8()
    other = row("net-int8.onnx", runtime="ONNX Runtime")
    assert precision_pairs([int8, float32, other]) == [(float32, int8)]


def test_every_plot_is_well_formed_and_names_its_subjects():
    rows = float_and_int8()
    bars = [(r, r.frame) for r in rows if r.frame]
    for svg in (
        pareto_plot(rows, title="a & b"),
        ced_plot(rows, title="a < b"),
        stage_plot(bars, FRAME_STAGES, FRAME, "bars"),
    ):
        assert svg is not None
        words = " ".join(ElementTree.fromstring(svg).itertext())
        assert "net INT8" in words
        assert "net float32" in words


def test_plots_of_nothing_are_none():
    assert pareto_plot([row(kind="detector")], title="") is None
    assert ced_plot([], title="") is None
    assert stage_plot([], FRAME_STAGES, FRAME, "") is None


def test_a_stage_that_runs_now_and_then_counts_with_its_share():
    values = {"find": Latency.of([20.0, 20.0]), FRAME: Latency.of([1.0] * 10)}
    assert share_ms(values, "find", FRAME) == pytest.approx(4.0)
    assert share_ms(values, "emit", FRAME) == 0.0
