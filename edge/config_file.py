"""``--config FILE``: options of a command in TOML, under the names that they have on its line.

::

    source = "rtsp://door/cam"
    faces = 2
    smooth = true
    live = "0.0.0.0:8080"
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path

from landmarks.errors import UsageError
from landmarks.reading import read_text
from landmarks.shown import shown

OPTION = "--config"
MOST_BYTES = 1 << 20
_SOURCES = ("camera", "source")  # of which one command has one


def with_config(argv: Sequence[str]) -> list[str]:
    """Return a command line with the options of its file put before its own, which then win.

    Raises:
        UsageError: the file cannot be read, is no TOML, or holds something else than options.
    """
    path = _path(argv)
    if path is None:
        return list(argv)
    text = read_text(path, what="file of options", error=UsageError, most_bytes=MOST_BYTES)
    try:
        options = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    if any(argument.split("=")[0] in ("--camera", "--source") for argument in argv):
        options = {name: value for name, value in options.items() if name not in _SOURCES}
    before = [argument for name, value in options.items() for argument in _of(path, name, value)]
    return [*before, *argv]


def _path(argv: Sequence[str]) -> Path | None:
    for at, argument in enumerate(argv):
        if argument.startswith(f"{OPTION}="):
            return Path(argument.removeprefix(f"{OPTION}="))
        if argument == OPTION and at + 1 < len(argv):
            return Path(argv[at + 1])
    return None


def _of(path: Path, name: str, value: object) -> list[str]:
    option = "--" + name.replace("_", "-")
    if option == OPTION:
        raise UsageError(f"{path}: a file of options cannot name another one")
    if isinstance(value, bool):
        return [option] if value else []
    if isinstance(value, (str, int, float)):
        return [f"{option}={value}"]
    raise UsageError(f"{path}: {name} = {shown(value)}, expected a text, a number, true or false")
