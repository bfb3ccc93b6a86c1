"""Whether the figures of a run can be trusted: what makes them worthless, and what doubtful."""

from __future__ import annotations

from collections.abc import Mapping

from edge.bench.environment import Conditions
from edge.bench.statistics import SPREAD_LIMIT_PERCENT
from edge.health import SINCE_BOOT, THROTTLE_BITS
from edge.runtime.delegation import Delegation

BUSY_LOAD = 0.3  # waiting processes a core before the run, above which other work was going on


def why_invalid(before: Conditions, after: Conditions) -> tuple[str, ...]:
    """Return what makes the latencies of a run worthless: the board was held back meanwhile."""
    seen = (before.throttled or 0) | (after.throttled or 0)
    new = ((after.throttled or 0) & ~(before.throttled or 0)) >> SINCE_BOOT
    return tuple(
        f"{word} during the run" for bit, word in THROTTLE_BITS.items() if (seen | new) >> bit & 1
    )


def why_doubtful(before: Conditions, cores: int | None) -> tuple[str, ...]:
    """Return what a reader should know before believing the latencies."""
    doubts = [
        f"{word} since the board was switched on, before the run"
        for bit, word in THROTTLE_BITS.items()
        if (before.throttled or 0) >> SINCE_BOOT >> bit & 1
    ]
    if before.load_1m is not None and before.load_1m > BUSY_LOAD * (cores or 1):
        doubts.append(
            f"other work was going on: load {before.load_1m:.1f} on {cores} cores before the run"
        )
    return tuple(doubts)


def unsteady(spreads_percent: Mapping[str, float]) -> tuple[str, ...]:
    """Return a warning that names what has repeats too far apart; none if nothing has."""
    wide = {key: s for key, s in spreads_percent.items() if s > SPREAD_LIMIT_PERCENT}
    if not wide:
        return ()
    named = ", ".join(f"{key} ({spread:.0f} %)" for key, spread in wide.items())
    return (f"repeats differ by more than {SPREAD_LIMIT_PERCENT:g} %: {named}",)


def undelegated(delegations: Mapping[str, Delegation]) -> tuple[str, ...]:
    """Return a warning for each file of which XNNPACK leaves operations to slower kernels."""
    return tuple(
        f"{name}: {delegation.summary()}"
        for name, delegation in delegations.items()
        if delegation.left_out
    )
