"""Python on a board that is not there: QEMU's user emulation in a root of ``tests.arm.roots``."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.arm.boards import Board
from tests.arm.roots import HOST, LIBRARIES, PROJECT, QEMU, SITE, Release, fresh_root

ENVIRONMENT = {
    "HOME": "/tmp",
    "LD_LIBRARY_PATH": LIBRARIES,
    "PYTHONPATH": f"{SITE}:{PROJECT}",
    "PYTHONHASHSEED": "0",  # instructions are to be the same in every run
}


@dataclass(frozen=True)
class Emulator:
    """A release on a board.

    Attributes:
        root: its file system; a process in it is root and can start no process of ARM.
        release: gives the Python.
        board: gives the core.
        qemu: command of the emulator, seen from inside.
    """

    root: Path
    release: Release
    board: Board
    qemu: tuple[str, ...] = (QEMU,)

    def run(self, *arguments: str, timeout_s: float) -> subprocess.CompletedProcess[str]:
        """Run Python with arguments and wait; paths are seen from inside.

        Raises:
            subprocess.TimeoutExpired: it was killed after ``timeout_s``.
        """
        settings = [part for item in ENVIRONMENT.items() for part in ("-E", "=".join(item))]
        return subprocess.run(
            ["chroot", self.root, *self.qemu, "-cpu", self.board.cpu, *settings]
            + [f"/usr/bin/python{self.release.python}", *arguments],
            capture_output=True,
            text=True,
            env=HOST,
            timeout=timeout_s,
        )


@contextmanager
def emulator(release: Release, board: Board) -> Iterator[Emulator]:
    """Yield a release on a board, new and gone at the end."""
    with fresh_root(release) as root:
        board.describe_in(root)
        yield Emulator(root, release, board)
