"""Print the median of one inference in milliseconds: ``speed.py MODEL``, one thread."""

import sys
import time

import numpy as np

from edge.runtime import open_network

WARM_UP, RUNS = 10, 100
network = open_network(sys.argv[1], threads=1)
size = network.card.input_size
crop = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
times_ms = []
for _ in range(WARM_UP + RUNS):
    start_ns = time.perf_counter_ns()
    network.infer(crop)
    times_ms.append((time.perf_counter_ns() - start_ns) / 1e6)
print(np.median(times_ms[WARM_UP:]))
