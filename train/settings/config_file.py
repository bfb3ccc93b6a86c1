"""Run configurations as TOML: read with ``tomllib``, written so that a run can be repeated."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from landmarks.errors import UsageError
from landmarks.files import write_whole
from landmarks.reading import read_text

MOST_CONFIG_BYTES = 1 << 18
# The memory that tomllib takes for a key of many dots grows with their square: 17 GB for 100,000.
LONGEST_LINE = 1000


def write_config(path: Path, fields: Mapping[str, Any]) -> None:
    """Write a configuration; paths become strings, absent (None) values are left out."""
    write_whole(path, tomli_w.dumps(_plain(fields)).encode())


def read_config(path: Path) -> dict[str, Any]:
    """Read a configuration.

    Raises:
        UsageError: the file is missing or no TOML.
    """
    text = read_text(
        path, what="configuration file", error=UsageError, most_bytes=MOST_CONFIG_BYTES
    )
    try:
        return parse_toml(text)
    except ValueError as error:
        raise UsageError(f"{path}: not a TOML file: {error}") from None


def parse_toml(text: str) -> dict[str, Any]:
    """Return what a TOML text says.

    Raises:
        ValueError: it is no TOML, nested too deep, or has a line or a number that is too long.
    """
    if max(map(len, text.splitlines()), default=0) > LONGEST_LINE:
        raise ValueError(f"a line of more than {LONGEST_LINE} characters")
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ValueError("nested too deep") from None


def _plain(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _plain_value(value) for key, value in fields.items() if value is not None}


def _plain_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _plain(value)
    if isinstance(value, tuple | list):
        return [_plain_value(item) for item in value]
    return str(value) if isinstance(value, Path) else value
