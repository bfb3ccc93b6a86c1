"""Environments of their own, in which nothing of the checkout can be imported by accident."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")
TIMEOUT_S = 600


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the project's wheel.

    Attributes:
        folder: where it lies.
    """

    folder: Path

    def run(self, *command: str) -> str:
        """Run a command of the environment outside the checkout; return its stdout.

        Raises:
            AssertionError: it failed.
        """
        environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        done = subprocess.run(
            [str(self.folder / "bin" / command[0]), *command[1:]],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
        assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stderr}"
        return done.stdout

    def package_folder(self, package: str) -> Path:
        """Return where a package was installed."""
        code = f"import {package}; print({package}.__path__[0])"
        return Path(self.run("python", "-c", code).strip())


def build_wheel(folder: Path) -> Path:
    """Build the project's wheel into a folder; return its path."""
    subprocess.run(
        [sys.executable, *PIP, "wheel", "--no-deps", "--wheel-dir", str(folder), str(CHECKOUT)],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def make_environment(folder: Path, *installs: tuple[str, ...]) -> Environment:
    """Make an environment and install into it, one ``pip install`` for each tuple of arguments."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    environment = Environment(folder)
    for arguments in installs:
        environment.run("python", *PIP, "install", *arguments)
    return environment
