"""Print the median processor time of an inference in milliseconds: ``speed.py MODEL``, one thread.

Processor time, because other work on the machine stretches it less than the time on the wall.
"""

import sys
import time

import numpy as np

from edge.runtime import open_network

WARM_UP, RUNS = 10, 50
network = open_network(sys.argv[1], threads=1)
size = network.card.input_size
crop = np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)
times_ms = []
for _ in range(WARM_UP + RUNS):
    start_ns = time.process_time_ns()
    network.infer(crop)
    times_ms.append((time.process_time_ns() - start_ns) / 1e6)
print(np.median(times_ms[WARM_UP:]))
