"""Odd values and damaged bytes, drawn from a seeded generator: the same for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np

Rng = np.random.Generator
SCALARS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 7, 68, 10**9, -(10**9), 2**63, 10**400, 3.5, -0.0),
    *(1e30, 1e308, -1e308, float("nan"), float("inf"), float("-inf")),
    *(
        "",
        "x",
        "300w-68",
        "NaN",
        "\x1b[31mred\x1b[0m",
        "two\nlines",
        "caf\udce9",
        "\ud800",
        "x" * 999,
    ),
    *("../../etc/passwd", "=1+1", "\u202egnp", "0" * 5000),
)


def value(rng: Rng, depth: int = 0) -> Any:
    """Return any value that JSON can hold, NaN among them."""
    kind = rng.integers(0, 10)
    if depth > 2 or kind < 7:
        return SCALARS[rng.integers(len(SCALARS))]
    items = [value(rng, depth + 1) for _ in range(rng.integers(0, 4))]
    if kind < 9:
        return items
    return {f"key{i}": item for i, item in enumerate(items)}


def changed(fields: dict[str, Any], rng: Rng) -> dict[str, Any]:
    """Return fields of which one to three have other values, are missing, or are new."""
    fields = dict(fields)
    for _ in range(rng.integers(1, 4)):
        name = str(rng.choice([*fields, "unknown"]))
        if rng.random() < 0.15:
            fields.pop(name, None)
        else:
            fields[name] = value(rng)
    return fields


def damaged(data: bytes, rng: Rng) -> bytes:
    """Return bytes that are cut, flipped, doubled, or followed by others."""
    kind, at = rng.integers(0, 6), int(rng.integers(0, max(len(data), 1)))
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data + rng.bytes(100)
    if kind == 2:
        return data[:at] + rng.bytes(8) + data[at:]
    if kind == 3:
        return rng.bytes(len(data) % 500)
    flipped = bytearray(data)
    reach = len(data) if kind == 4 else min(len(data), 64)  # what the head says is believed first
    for place in rng.integers(0, max(reach, 1), 4).tolist():
        if place < len(flipped):
            flipped[place] ^= 1 << int(rng.integers(0, 8))
    return bytes(flipped)
