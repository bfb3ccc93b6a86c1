"""Where a file comes from: digests, the git revision and the versions of tools."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from landmarks import __version__


def sha256(data: bytes) -> str:
    """Return the hexadecimal SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def git_revision() -> str:
    """Return the short revision of the checkout, ``-dirty`` if changed, or ``unknown``."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return done.stdout.strip()


def tool_versions(distributions: Iterable[str]) -> dict[str, str]:
    """Return the versions of this project and of the installed ones of ``distributions``."""
    versions = {"edge-landmarks": __version__}
    for name in distributions:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
