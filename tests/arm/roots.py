"""File systems of 64-bit ARM with the project as docs/raspberry-pi.md installs it, cached.

::

    python -m tests.arm.roots      # Debian's packages for the emulation, and both roots; needs root

NumPy is Debian's, as on a board, where picamera2 brings it; the rest are wheels of PyPI. Both are
only unpacked: nothing of ARM runs while a root is made but one import at the end. Roots lie in
``$XDG_CACHE_HOME/edge-landmarks/arm`` under a digest of what went into them. What is in the cache
is never changed: every use gets a tree of hard links to it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from packaging.requirements import Requirement

CHECKOUT = Path(__file__).resolve().parents[2]
DEBIAN = "http://deb.debian.org/debian"
TOOLS = {  # what the emulation runs, and Debian's package for it
    "mmdebstrap": "mmdebstrap",
    "qemu-aarch64-static": "qemu-user-static",
    "qemu-aarch64": "qemu-user",  # the static one loads no plugin
    "gcc": "gcc",
}
# glibc of Bookworm; pip takes a wheel's platform as it is written
PLATFORMS = ("manylinux2014_aarch64", *(f"manylinux_2_{n}_aarch64" for n in range(17, 37)))
# Seen from inside a root.
QEMU, SITE, PROJECT = "/qemu-aarch64-static", "/opt/site", "/opt/project"
# Where Debian keeps the BLAS that NumPy links to, for want of its alternatives system.
LIBRARIES = "/usr/lib/aarch64-linux-gnu/blas:/usr/lib/aarch64-linux-gnu/lapack"
# QEMU hands its environment on to the guest, which no setting of this machine's Python is to reach.
HOST = {"PATH": os.environ["PATH"]}
WARM = (
    "import ai_edge_litert.interpreter, cv2, hypothesis, numpy, onnxruntime, pytest;"
    "pytest.main(['--help'])"
)


@dataclass(frozen=True)
class Release:
    """A Debian release, which Raspberry Pi OS is built on, and its Python."""

    name: str
    python: str

    @property
    def packages(self) -> tuple[str, ...]:
        """What its Python and the wheels need to start."""
        minimal = (f"python{self.python}-minimal", f"libpython{self.python}-stdlib")
        return ("base-files", *minimal, "python3-numpy", "libstdc++6")


BOOKWORM = Release("bookworm", "3.11")
TRIXIE = Release("trixie", "3.13")
RELEASES = (BOOKWORM, TRIXIE)


def requirements(release: Release) -> tuple[str, ...]:
    """Return what pip is asked for on a board, and what the tests need."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    target = {
        "python_version": release.python,
        "platform_machine": "aarch64",
        "platform_system": "Linux",
    }
    asked = map(Requirement, (*project["dependencies"], *extras["pi"], *extras["onnx"]))
    wanted = [item for item in asked if item.marker is None or item.marker.evaluate(target)]
    # without its marker: pip download would hold it against the Python that runs pip
    plain = tuple(f"{item.name}{item.specifier}" for item in wanted)
    return (*plain, "hypothesis", "pytest")


@contextmanager
def fresh_root(release: Release) -> Iterator[Path]:
    """Yield a root of its own, with the project's wheel and its tests in ``PROJECT``."""
    base = base_root(release)
    with TemporaryDirectory(prefix=f"{release.name}-", dir=base.parent) as folder:
        root = Path(folder) / "root"
        subprocess.run(["cp", "-al", base, root], check=True)
        project = _inside(root, PROJECT)
        with zipfile.ZipFile(BytesIO(_built_wheel())) as wheel:
            wheel.extractall(project)
        shutil.copytree(CHECKOUT / "tests", project / "tests")
        shutil.copy(CHECKOUT / "pyproject.toml", project)
        yield root


def base_root(release: Release) -> Path:
    """Return the cached root of a release; make it if it is not there."""
    recipe = repr((release, release.packages, requirements(release), PLATFORMS, WARM))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edge-landmarks/arm"
    cache.mkdir(parents=True, exist_ok=True)
    root = cache / f"{release.name}-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    with (cache / f"{release.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not root.is_dir():
            print(f"{root.name}: making it", file=sys.stderr)
            with TemporaryDirectory(prefix=f"{release.name}-", dir=cache) as folder:
                _make(release, Path(folder) / "root", Path(folder) / "wheels")
                os.rename(Path(folder) / "root", root)
    return root


def _make(release: Release, root: Path, wheels: Path) -> None:
    subprocess.run(
        ["mmdebstrap", "--quiet", "--variant=extract", "--architectures=arm64"]
        + [f"--include={','.join(release.packages)}", release.name, str(root), DEBIAN],
        check=True,
    )
    (numpy,) = (root / "usr/lib/python3/dist-packages").glob("numpy-*-info")
    version = numpy.name.split("-")[1].removesuffix(".egg").removesuffix(".dist")
    subprocess.run(
        [*_pip("download"), "--dest", wheels, "--only-binary=:all:", "--implementation=cp"]
        + [f"--python-version={release.python}", *(f"--platform={name}" for name in PLATFORMS)]
        + [*requirements(release), f"numpy=={version}"],
        check=True,
    )
    for path in set(wheels.iterdir()) - set(wheels.glob("numpy-*")):
        with zipfile.ZipFile(path) as wheel:
            wheel.extractall(_inside(root, SITE))
    shutil.copy(_tool("qemu-aarch64-static"), _inside(root, QEMU))
    # Leaves compiled modules behind, which halves the start of every later run. The core is named
    # because QEMU's own choice signs pointers, as Trixie's Python asks: slow to emulate.
    subprocess.run(
        ["chroot", root, QEMU, "-cpu", "cortex-a72", "-E", f"PYTHONPATH={SITE}"]
        + ["-E", f"LD_LIBRARY_PATH={LIBRARIES}"]
        + [f"/usr/bin/python{release.python}", "-c", WARM],
        check=True,
        env=HOST,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # the root does not describe its processor yet: a complaint
    )
    assert list(_inside(root, SITE).rglob("*.pyc")), "nothing was compiled"


def _inside(root: Path, path: str) -> Path:
    return root / path.removeprefix("/")


@cache
def _built_wheel() -> bytes:
    """The project's wheel, built once for all roots."""
    with TemporaryDirectory() as folder:
        subprocess.run([*_pip("wheel"), "--no-deps", "--wheel-dir", folder, CHECKOUT], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        return wheel.read_bytes()


def _pip(command: str) -> Sequence[str]:
    return (sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check")


def _tool(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        sys.exit(f"{name} is not installed: python -m tests.arm.roots, as root, installs it")
    return path


def install_tools() -> None:
    """Install Debian's packages that are missing."""
    missing = [package for tool, package in TOOLS.items() if shutil.which(tool) is None]
    if missing:
        print(f"installing {', '.join(missing)}", file=sys.stderr)
        apt = ["apt-get", "-qq"]
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run([*apt, "update"], check=True, env=environment)
        subprocess.run(
            [*apt, "install", "--yes", "--no-install-recommends", *missing],
            check=True,
            env=environment,
            stdout=sys.stderr,
        )


def main() -> None:
    """Install what is missing and fill the cache."""
    if os.geteuid() != 0:
        sys.exit("the emulation of ARM needs root, for chroot and apt-get: run it with sudo")
    install_tools()
    for release in RELEASES:
        print(base_root(release))


if __name__ == "__main__":
    main()
