"""Argument types that the commands share: a wrong number is said in one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from math import inf
from typing import TypeVar

Number = TypeVar("Number", int, float)


def positive(kind: Callable[[str], Number]) -> Callable[[str], Number]:
    """Return an argparse type for numbers above 0, ``kind`` being ``int`` or ``float``."""

    def parse(text: str) -> Number:
        value = kind(text)
        if value <= 0:
            raise argparse.ArgumentTypeError(f"must be above 0, received {text}")
        return value

    parse.__name__ = "positive number"  # argparse puts it into its message for text that is none
    return parse


def at_least(least: Number) -> Callable[[str], Number]:
    """Return an argparse type for finite numbers from ``least`` up: whole ones if it is an int."""
    kind = type(least)

    def parse(text: str) -> Number:
        value = kind(text)
        if not least <= value < inf:
            raise argparse.ArgumentTypeError(f"must be {least} or more, received {text}")
        return value

    parse.__name__ = "whole number" if kind is int else "number"
    return parse


def percent(text: str) -> float:
    """Parse a share that is not empty: above 0, up to 100."""
    value = float(text)
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"must be above 0 and up to 100, received {text}")
    return value
