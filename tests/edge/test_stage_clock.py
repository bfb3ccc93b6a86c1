from __future__ import annotations

from edge import stage_clock
from edge.stage_clock import StageClock


def test_laps_add_up_and_belong_to_their_stage(monkeypatch):
    ticks_ns = iter([0, 5_000_000, 6_000_000, 9_000_000, 9_500_000])
    monkeypatch.setattr(stage_clock.time, "perf_counter_ns", lambda: next(ticks_ns))
    clock = StageClock()
    for stage in ("find", "crop", "infer", "crop"):
        clock.lap(stage)
    times = clock.times()
    assert (times.find_ms, times.crop_ms, times.infer_ms, times.decode_ms) == (5.0, 1.5, 3.0, 0.0)
    assert times.total_ms == 9.5
