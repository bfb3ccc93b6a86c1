"""The loop of the benchmark: everything takes turns, so that drift of the machine hits all alike.

Each probe keeps its samples in a container of its own, and no sample is dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from edge.bench.rules import Rules
from edge.bench.statistics import Latency

Probe = Callable[[int], Mapping[str, float]]  # the turn in; milliseconds of each stage that ran
Samples = dict[str, list[float]]  # milliseconds by stage
Clock = Callable[[], float]  # seconds, monotonic


def measure(
    probes: Sequence[Probe],
    rules: Rules,
    *,
    clock: Clock = time.monotonic,
    progress: Callable[[str], None] = lambda text: None,
) -> tuple[tuple[Samples, ...], ...]:
    """Warm all probes up, then sample them in turns.

    Args:
        probes: called with the number of the turn; each turn begins with another one.
        rules: how long and how often.
        clock: for tests.
        progress: is told which repeat begins.

    Returns:
        For each probe, in their order, its samples in each repeat.
    """
    start, turn = clock(), 0
    progress("warming up")
    while turn < rules.warm_up_runs or clock() - start < rules.warm_up_s:
        for probe in probes:
            probe(turn)
        turn += 1
    taken: list[list[Samples]] = [[] for _ in probes]
    for repeat in range(rules.repeats):
        progress(f"repeat {repeat + 1} of {rules.repeats}")
        for repeats in taken:
            repeats.append({})
        start, count = clock(), 0
        while count < rules.samples or clock() - start < rules.sample_s * len(probes):
            for place in range(len(probes)):
                index = (turn + place) % len(probes)
                for stage, ms in probes[index](turn).items():
                    taken[index][repeat].setdefault(stage, []).append(ms)
            turn, count = turn + 1, count + 1
    return tuple(tuple(repeats) for repeats in taken)


def pooled(repeats: Sequence[Samples]) -> dict[str, Latency]:
    """Return each stage over all repeats; one that never ran is absent."""
    stages = dict.fromkeys(stage for samples in repeats for stage in samples)
    return {
        stage: Latency.of([ms for samples in repeats for ms in samples.get(stage, ())])
        for stage in stages
    }


def medians_ms(repeats: Sequence[Samples], stage: str) -> tuple[float, ...]:
    """Return the median of a stage in each repeat in which it ran."""
    return tuple(Latency.of(samples[stage]).p50_ms for samples in repeats if stage in samples)
