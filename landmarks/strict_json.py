"""JSON as the standard has it: numbers are finite, and what is no JSON is a ValueError.

Python's own reader takes ``NaN``, ``Infinity`` and ``1e999``, which then come out of every program
that hands them on, and ends with RecursionError where brackets are nested too deep.

Example:
    >>> parse_json('{"time_s": NaN}')
    Traceback (most recent call last):
    ValueError: NaN is no number of JSON
"""

from __future__ import annotations

import json
from math import isfinite
from typing import Any, NoReturn


def parse_json(text: str | bytes) -> Any:
    """Return what a JSON text says, in Python's types.

    Raises:
        ValueError: it is no JSON, has a number that is not finite, or is nested too deep.
    """
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not isfinite(value):
        raise ValueError(f"{digits[:20]} is too large for a number")
    return value
