"""Argument types that the commands share: a wrong number is said in one line."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import NoReturn, TypeVar

from landmarks.shown import one_line

Number = TypeVar("Number", int, float)
MOST = 2**31 - 1  # what the libraries below take as a number


class Parser(argparse.ArgumentParser):
    """A parser whose message is one line, whatever was typed."""

    def error(self, message: str) -> NoReturn:
        """End the program with the usage and one line."""
        super().error(one_line(message))


def positive(kind: Callable[[str], Number], most: float = MOST) -> Callable[[str], Number]:
    """Return an argparse type for finite numbers above 0.

    Args:
        kind: ``int`` or ``float``.
        most: largest number that makes sense.
    """

    def parse(text: str) -> Number:
        value = kind(text)
        if not 0 < value <= most:
            raise argparse.ArgumentTypeError(f"must be above 0, {_up_to(most)}received {text}")
        return value

    parse.__name__ = "positive number"  # argparse puts it into its message for text that is none
    return parse


def at_least(least: Number, most: float = MOST) -> Callable[[str], Number]:
    """Return an argparse type for finite numbers from ``least`` up: whole ones if it is an int.

    Args:
        least: smallest number that makes sense.
        most: largest one.
    """
    kind = type(least)

    def parse(text: str) -> Number:
        value = kind(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(
                f"must be {least} or more, {_up_to(most)}received {text}"
            )
        return value

    parse.__name__ = "whole number" if kind is int else "number"
    return parse


def _up_to(most: float) -> str:
    return "" if most == MOST else f"up to {most}, "


def percent(text: str) -> float:
    """Parse a share that is not empty: above 0, up to 100."""
    value = float(text)
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"must be above 0 and up to 100, received {text}")
    return value
