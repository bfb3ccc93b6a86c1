r"""Text of others in a message: a value that was received, a name, whatever is in them.

A file name, an option or a card may hold line ends, which fake a second message, control sequences,
which a terminal obeys, and bytes that are no text. ``printable`` is what ``landmarks.command`` puts
between every message and the terminal.

Example:
    >>> shown("a" * 100)
    "'aaaaaaaaaaaaaaaaaa...aaaaaaaaaaaaaaaaaaa'"
    >>> one_line("photo\x1b[31m.jpg\n")
    'photo\\\x1b[31m.jpg\\\n'
"""

from __future__ import annotations

import re
import reprlib

# C0 and C1 controls, what turns the direction of writing round, other line ends, lone surrogates.
_CONTROLS = "\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_IN_A_LINE = re.compile(f"[{_CONTROLS}]")
_IN_A_TEXT = re.compile(f"(?![\n\r\t])[{_CONTROLS}]")

# USER:PASSWORD@ at the beginning of a word or of an address. Greedy: a password may hold an @ or a
# slash of its own, so that more is hidden rather than less; a port before a path is none.
_LOGIN = re.compile(r"""((?<![^\s'"=(])(?:[\w+.-]+://)?[^\s'":/@]*):(?!//|\d{1,5}/)[^\s'"]+@""")
_SECRET_QUERY = re.compile(r"""(?i)([?&](?:pass|passwd|password|pwd|token|key)=)[^&\s'"]+""")


class _Short(reprlib.Repr):
    """Short forms of values; a number of many digits, which Python refuses to print, by its size.

    Values are nested two deep, so that the whole stays one line.
    """

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 2, 43, 60

    def repr_int(self, x: int, level: int) -> str:
        """Return the digits, or how many bits there are."""
        return f"a number of {x.bit_length()} bits" if x.bit_length() > 128 else repr(x)


def shown(value: object) -> str:
    """Return a short form of a value, to be named in a message."""
    return one_line(_Short().repr(value))


def one_line(text: str) -> str:
    """Return text with every control character, line ends too, as the escape that stands for it."""
    return _IN_A_LINE.sub(_escape, text)


def printable(text: str) -> str:
    """Return text as a terminal may see it: as ``one_line``, but line ends and tabs stay."""
    return _IN_A_TEXT.sub(_escape, text)


def without_passwords(text: str) -> str:
    """Return text with the passwords of its addresses as ``***``.

    Example:
        >>> without_passwords("rtsp://pi:secret@cam/1?pwd=secret: cannot be opened")
        'rtsp://pi:***@cam/1?pwd=***: cannot be opened'
    """
    return _SECRET_QUERY.sub(r"\1***", _LOGIN.sub(r"\1:***@", text))


def _escape(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape", "surrogatepass").decode("ascii")
