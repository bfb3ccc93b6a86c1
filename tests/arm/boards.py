"""The boards that are imitated: their cores, as QEMU names them and as Linux describes them.

LiteRT and ONNX Runtime choose kernels by what ``/proc/cpuinfo`` and ``/sys`` say; without these two
they fall back to slow ones that no board would run. The descriptions are those of the boards' own
kernels (64-bit), shortened to the lines that are read.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CORES = 4


@dataclass(frozen=True)
class Board:
    """A Raspberry Pi.

    Attributes:
        name: as people say it.
        cpu: its core in QEMU's ``-cpu``.
        features: as in ``/proc/cpuinfo``; ``asimddp`` is the dot product that makes INT8 fast.
        part: ARM's number of the core.
        variant: first half of the core's revision.
        revision: second half of it.
    """

    name: str
    cpu: str
    features: str
    part: str
    variant: str
    revision: int

    def cpuinfo(self) -> str:
        """Return what Linux prints in ``/proc/cpuinfo``."""
        return "".join(
            f"processor\t: {core}\n"
            "BogoMIPS\t: 108.00\n"
            f"Features\t: {self.features}\n"
            "CPU implementer\t: 0x41\n"
            "CPU architecture: 8\n"
            f"CPU variant\t: {self.variant}\n"
            f"CPU part\t: {self.part}\n"
            f"CPU revision\t: {self.revision}\n\n"
            for core in range(CORES)
        )

    def describe_in(self, root: Path) -> None:
        """Write the description where an interpreter looks for it."""
        cpus = root / "sys/devices/system/cpu"
        for folder in (cpus, root / "proc"):
            folder.mkdir(parents=True, exist_ok=True)
        (root / "proc/cpuinfo").write_text(self.cpuinfo())
        for name in ("possible", "present", "online"):
            (cpus / name).write_text(f"0-{CORES - 1}\n")


PI_4 = Board(
    name="Raspberry Pi 4",
    cpu="cortex-a72",
    features="fp asimd evtstrm crc32 cpuid",
    part="0xd08",
    variant="0x0",
    revision=3,
)
PI_5 = Board(
    name="Raspberry Pi 5",
    cpu="cortex-a76",
    features=(
        "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc "
        "dcpop asimddp"
    ),
    part="0xd0b",
    variant="0x4",
    revision=1,
)
