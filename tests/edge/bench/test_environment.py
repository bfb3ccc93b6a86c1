from __future__ import annotations

from edge.bench.environment import describe, look, name_of


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
