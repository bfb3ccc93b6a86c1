import time

import numpy as np

from edge.bench.network_latency import network_medians_ms
from edge.models import model_path
from edge.runtime import open_network
from landmarks.decode import OutputTensor


class Sleeper:
    """A network that takes its time, and keeps the order of the calls."""

    def __init__(self, name, seconds, calls):
        self.name, self.seconds, self.calls = name, seconds, calls

    def infer(self, crop):
        self.calls.append((self.name, crop.shape))
        time.sleep(self.seconds)
        return {"score": OutputTensor(np.zeros(1, np.float32))}


def test_networks_take_turns_and_keep_their_places():
    calls = []
    slow, fast = Sleeper("slow", 0.004, calls), Sleeper("fast", 0.0, calls)
    small, large = np.zeros((8, 8, 3), np.uint8), np.zeros((16, 16, 3), np.uint8)
    slow_ms, fast_ms = network_medians_ms([(slow, small), (fast, large)], samples=6)
    assert slow_ms >= 4 > fast_ms
    names = [name for name, _ in calls]
    assert names.count("slow") == names.count("fast") == 6 + 10  # and a warm-up
    pairs = zip(names[::2], names[1::2], strict=True)
    assert all(set(pair) == {"slow", "fast"} for pair in pairs)
    assert set(calls) == {("slow", (8, 8, 3)), ("fast", (16, 16, 3))}


def test_shipped_network_has_a_latency():
    network = open_network(model_path("asmpip-80-int8.tflite"), threads=1)
    (latency_ms,) = network_medians_ms([(network, np.zeros((80, 80, 3), np.uint8))], samples=5)
    assert 0 < latency_ms < 1000
