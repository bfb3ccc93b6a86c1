"""How every command ends: one line for an error, the right exit code, no traceback.

Results go to stdout, everything else to stderr. Exit codes: 0 ok, 1 runtime failure, 2 usage,
3 bad model or data, 4 no camera, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from command_line.terminal import guarded_streams
from landmarks.errors import LandmarkError, MissingExtraError
from landmarks.shown import one_line

INTERRUPTED = 130
OUR_PACKAGES = ("landmarks", "command_line", "edge", "train", "quantize", "calib_data")


def run_command(
    main: Callable[[Sequence[str]], int | None],
    argv: Sequence[str] | None = None,
    *,
    extra: str | None = None,
) -> int:
    """Run a command's ``main`` and turn how it ended into an exit code.

    Args:
        main: takes the arguments after the program's name; returns an exit code or None for 0.
        argv: arguments; ``sys.argv[1:]`` when None.
        extra: of the install, which brings what the command imports beyond the base install.

    Returns:
        The exit code, for ``sys.exit``.
    """
    _open_closed_streams()
    with guarded_streams():
        return _run(main, sys.argv[1:] if argv is None else argv, extra)


def _run(
    main: Callable[[Sequence[str]], int | None], argv: Sequence[str], extra: str | None
) -> int:
    try:
        with _missing_packages_named(extra):
            code = main(argv)
        sys.stdout.flush()
        return code or 0
    except LandmarkError as error:
        print(f"error: {one_line(str(error))}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`head`, a closed terminal) has seen enough: that is no failure. Point stdout
        # at nothing, so that the interpreter's own flush at exit stays silent too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        print(f"error: {one_line(f'{place}{error.strerror or error}')}", file=sys.stderr)
        return LandmarkError.exit_code


@contextmanager
def _missing_packages_named(extra: str | None) -> Iterator[None]:
    """Say which extra of the install brings a package that is not there.

    Raises:
        MissingExtraError: a package of ``extra`` is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if extra is None or _is_ours(package):
            raise
        raise MissingExtraError(
            f"{package} is not installed: pip install 'edge-landmarks[{extra}]'"
        ) from None


def _is_ours(package: str) -> bool:
    """Say whether a module is missing that no extra brings: the project's or Python's own."""
    return package in OUR_PACKAGES or package in sys.stdlib_module_names


def _open_closed_streams() -> None:
    """Point a standard stream that was closed (``command >&-``) at nothing.

    Else the next file that is opened would get its number, and what is meant for the terminal.
    """
    for name, number in (("stdout", 1), ("stderr", 2)):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            if nowhere != number:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, os.fdopen(number, "w"))
