"""All commands of ``python -m train``, in the order of its help."""

from __future__ import annotations

from train.commands import (
    describe,
    evaluate,
    finders,
    fit,
    label,
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
