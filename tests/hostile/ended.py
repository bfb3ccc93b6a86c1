"""How a command ended, and what is never right about it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from command_line.command import run_command
from landmarks.strict_json import parse_json

CODES = (0, 1, 2, 3)
CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


@dataclass(frozen=True)
class Ended:
    """What a command left.

    Attributes:
        code: exit code.
        out, err: what it printed.
    """

    code: int
    out: str
    err: str

    def complaints(self) -> list[str]:
        """Return what is wrong with how it ended, a line each."""
        found = []
        if self.code not in CODES:
            found.append(f"exit code {self.code}")
        if "Traceback" in self.err:
            found.append("a traceback")
        if CONTROLS.search(self.err):
            found.append(f"control characters: {self.err!r}")
        if self.code not in (0, 2) and not self.err.splitlines()[-1:][0].startswith("error: "):
            found.append(f"no line says what went wrong: {self.err!r}")
        return found


def called(main: Callable[[Sequence[str]], int | None], argv: Sequence[object]) -> Ended:
    """Call a command as the shell would; an error that is not ours goes through."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = run_command(main, [str(word) for word in argv])
        except SystemExit as ended:  # argparse
            code = ended.code if isinstance(ended.code, int) else 1
    return Ended(code, out.getvalue(), err.getvalue())


def records(text: str) -> list[Any]:
    """Return the objects of JSON lines; ValueError where one is no JSON."""
    return [parse_json(line) for line in text.splitlines()]
