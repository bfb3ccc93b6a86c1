from __future__ import annotations

import pytest

from tests.proofs.soak import Sample, growth_mb, main


def test_growth_is_the_slope_in_ten_thousand_frames():
    leaking = [Sample(frame, 100 + frame * 0.0005, 4, 7) for frame in range(0, 50_000, 500)]
    assert growth_mb(leaking) == pytest.approx(5.0)
    steady = [Sample(frame, 100 + frame // 500 % 2, 4, 7) for frame in range(0, 50_000, 500)]
    assert abs(growth_mb(steady)) < 0.05


def test_a_short_soak_keeps_its_threads_and_files(clip_path, capsys):
    main(["--source", str(clip_path), "--frames", "100"])
    frames, memory, counted, _ = capsys.readouterr().out.splitlines()
    assert frames.startswith("100 frames in")
    threads, files = counted.split(", ")
    for words in (threads, files):
        first, last = words.split()[-3], words.split()[-1]
        assert first == last
