from __future__ import annotations

import pytest

from edge.bench.environment import Conditions, describe, look, name_of, why_doubtful, why_invalid


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


def test_the_bits_of_a_board_are_read_where_its_driver_shows_them(tmp_path):
    firmware = tmp_path / "sys/devices/platform/soc/soc:firmware"
    firmware.mkdir(parents=True)
    (firmware / "get_throttled").write_text("50005\n")
    clock = tmp_path / "sys/devices/system/cpu/cpu0/cpufreq"
    clock.mkdir(parents=True)
    (clock / "scaling_cur_freq").write_text("1800000\n")
    seen = look(tmp_path)
    assert (seen.throttled, seen.clock_mhz) == (0x50005, 1800.0)


def test_a_machine_that_says_nothing_gives_nulls_not_a_crash(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))  # no vcgencmd
    seen = look(tmp_path)
    assert seen.throttled is None
    assert seen.clock_mhz is None
    assert name_of(describe())
