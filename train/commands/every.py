"""All commands of ``python -m train``, in the order of its help."""

from __future__ import annotations

from train.commands import (
    describe,
    evaluate,
    finders,
    fit,
    label,
    label_frames,
    prepare,
    presence,
    selftrain,
    shape,
    table,
    throughput,
    turn,
)

COMMANDS = (
    prepare,
    shape,
    label,
    label_frames,
    turn,
    fit,
    selftrain,
    presence,
    throughput,
    evaluate,
    finders,
    table,
    describe,
)
