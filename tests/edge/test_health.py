"""The board's health, from a planted sysfs and a planted vcgencmd."""

from __future__ import annotations

import threading
import time
from contextlib import closing

import pytest

from edge.health import Health, HealthMonitor, read_health
from edge.run_loop.health_events import with_health
from edge.run_loop.thermal import SLOWEST, ThermalGuard, paced
from edge.stream import Event, Frame, Taken


class PlantedBoard:
    """The files of a Raspberry Pi that health is read from."""

    def __init__(self, root):
        self.root = root

    def write(self, path, text):
        path = self.root / "sys" / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")

    def temperature(self, degrees):
        self.write("class/thermal/thermal_zone0/temp", int(degrees * 1000))

    def throttled(self, bits):
        self.write("devices/platform/soc/soc:firmware/get_throttled", f"{bits:x}")


@pytest.fixture
def board(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return PlantedBoard(tmp_path)


def test_a_raspberry_pi_says_everything(board):
    board.temperature(61.3)
    board.throttled(0x50005)
    board.write("devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", 1_500_000)
    board.write("devices/system/cpu/cpu0/cpufreq/scaling_governor", "ondemand")
    health = read_health(board.root)
    assert health == Health(61.3, 1500.0, "ondemand", 0x50005)
    assert health.held_back_by == ("under-voltage", "throttled")
    assert health.held_back_since_boot_by == ("under-voltage", "throttled")
    assert "61.3 C" in str(health) and "under-voltage" in str(health)


@pytest.mark.parametrize("name", ["soc", "soc@107c000000"])
def test_the_firmware_is_found_on_each_board(board, name):
    board.write(f"devices/platform/{name}/{name}:firmware/get_throttled", "f0000")
    health = read_health(board.root)
    assert health.held_back_by == ()
    assert len(health.held_back_since_boot_by) == 4


def test_vcgencmd_is_asked_where_sysfs_has_no_bits(board):
    command = board.root / "bin" / "vcgencmd"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\necho throttled=0x4\n")
    command.chmod(0o755)
    assert read_health(board.root).held_back_by == ("throttled",)
    command.write_text("#!/bin/sh\nexit 1\n")
    assert read_health(board.root).throttled is None


def test_a_pc_or_a_container_says_nothing_and_nothing_breaks(board):
    health = read_health(board.root)
    assert health == Health()
    assert health.held_back_by == ()
    assert health.to_dict()["temperature_c"] is None
    board.write("class/thermal/thermal_zone0/temp", "no number")
    assert read_health(board.root).temperature_c is None


def test_what_held_the_board_back_between_two_samples_is_known_and_what_did_before_is_not(board):
    board.throttled(1 << 16)  # under-voltage at some time since boot
    with closing(HealthMonitor(board.root, every_s=0.01)) as monitor:
        assert monitor.held_back_by == ()
        board.throttled(5 << 16)
        deadline = time.monotonic() + 5
        while not monitor.held_back_by:
            assert time.monotonic() < deadline
            time.sleep(0.005)
    assert monitor.held_back_by == ("throttled",)


def test_the_monitor_keeps_the_newest_sample_and_the_worst(board):
    board.temperature(40)
    board.throttled(1)
    monitor = HealthMonitor(board.root, every_s=0.01)
    for degrees, bits in ((70, 4), (50, 0)):
        board.temperature(degrees)
        board.throttled(bits)
        deadline = time.monotonic() + 5
        while monitor.latest != Health(degrees, throttled=bits):
            assert time.monotonic() < deadline
            time.sleep(0.005)
    before = threading.active_count()
    monitor.close()
    assert (monitor.hottest_c, monitor.throttled) == (70, 5)
    assert monitor.held_back_by == ("under-voltage", "throttled")
    assert threading.active_count() == before - 1


def test_the_guard_halves_the_rate_while_hot_and_doubles_it_when_cool():
    guard = ThermalGuard(limit_c=75, full_fps=30)
    assert guard.least_interval_s == 0
    for divisor in (2, 4, 8, SLOWEST):
        guard.look(Health(temperature_c=76))
        assert guard.least_interval_s == pytest.approx(divisor / 30)
    guard.look(Health(temperature_c=72))  # neither hot nor cool: no change
    assert guard.divisor == SLOWEST
    for divisor in (4, 2, 1, 1):
        guard.look(Health(temperature_c=65))
        assert guard.divisor == divisor
    assert guard.least_interval_s == 0


@pytest.mark.parametrize("bit", range(4))
def test_the_guard_heeds_each_bit_of_throttling_now_and_none_of_the_past(bit):
    guard = ThermalGuard(limit_c=75, full_fps=30)
    guard.look(Health(temperature_c=50, throttled=1 << bit + 16))
    assert guard.divisor == 1
    guard.look(Health(temperature_c=50, throttled=1 << bit))
    assert guard.divisor == 2


def test_a_guard_without_a_thermometer_never_slows_down():
    guard = ThermalGuard(limit_c=75, full_fps=30)
    guard.look(Health())
    assert guard.divisor == 1


def _frames(n):
    for index in range(n):
        yield Taken(Frame(index, "planted", index / 30, None))


class StillMonitor:
    def __init__(self, health):
        self.latest = health


def test_a_hot_board_gets_frames_more_slowly_and_the_clock_is_still_looked_at():
    guard = ThermalGuard(limit_c=75, full_fps=20)
    start, ticks, frames = time.monotonic(), 0, 0
    for item in paced(_frames(4), StillMonitor(Health(temperature_c=80)), guard):
        frames += item is not None
        ticks += item is None
    assert frames == 4
    assert ticks >= 4
    assert time.monotonic() - start >= 4 * 2 / 20


def test_a_cool_board_is_not_held_up():
    guard = ThermalGuard(limit_c=75, full_fps=20)
    items = list(paced(_frames(50), StillMonitor(Health(temperature_c=50)), guard))
    assert None not in items


def test_health_is_told_now_and_then():
    items = list(with_health(_frames(5), StillMonitor(Health(temperature_c=50)), every_s=0.0))
    events = [item for item in items if isinstance(item, Event)]
    assert len(events) == 5
    assert events[0].kind == "health" and "50.0 C" in events[0].detail
    rare = list(with_health(_frames(5), StillMonitor(Health()), every_s=60.0))
    assert not [item for item in rare if isinstance(item, Event)]
