"""Which files are measured: our models and chosen peers, and how each is opened."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.bench.model import OwnModel
from edge.bench.peers.registry import PeerChoice
from edge.bench.subject import Subject


@dataclass(frozen=True)
class ModelChoice:
    """One of our model files; ``str()`` gives its path back."""

    path: Path
    threaded: bool = True

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """What its rows are called."""
        return self.path.name

    def open(self, threads: int) -> Subject:
        """Load it; errors as for ``OwnModel``."""
        return OwnModel(self.path, threads=threads)


Choice = ModelChoice | PeerChoice


def option_of(choice: Choice) -> tuple[str, str]:
    """Return the option and value that choose the same on a command line."""
    return ("--model" if isinstance(choice, ModelChoice) else "--peer", str(choice))
