"""An emulator that counts the instructions of its guest."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from tests.arm.emulate import Emulator

PLUGIN = Path(__file__).with_name("count_instructions.c")
MARK = re.compile(r"^instructions (\d+)$", re.MULTILINE)


def with_counter(emulator: Emulator) -> Emulator:
    """Return an emulator whose guest prints ``instructions N`` to stderr at each ``os.getsid``.

    QEMU's static build loads no plugins; the other one is linked to libraries of this machine, so
    it goes into the root with these and their loader.
    """
    host = emulator.root / "host"
    host.mkdir()
    qemu = shutil.which("qemu-aarch64")
    assert qemu, "tests.arm.roots installs it"
    listed = subprocess.run(["ldd", qemu], capture_output=True, text=True, check=True).stdout
    for library in re.findall(r"(/\S+) \(0x", listed):
        loader = Path(library).name.startswith("ld-linux")
        shutil.copy(library, host / "ld.so" if loader else host)
    shutil.copy(qemu, host / "qemu")
    subprocess.run(
        ["gcc", "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fPIC", "-shared"]
        + ["-o", host / "count.so", PLUGIN],
        check=True,
    )
    command = ("/host/ld.so", "--library-path", "/host", "/host/qemu", "-plugin", "/host/count.so")
    return replace(emulator, qemu=command)


def between_marks(stderr: str) -> list[int]:
    """Return the instructions between one mark and the next."""
    totals = [int(total) for total in MARK.findall(stderr)]
    return [after - before for before, after in zip(totals, totals[1:], strict=False)]
