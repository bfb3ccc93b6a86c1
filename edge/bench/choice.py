"""Which files are measured: our models and chosen peers, and how each is opened."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from edge.bench.model import OwnModel
from edge.bench.peers.registry import PeerChoice
from edge.bench.subject import Subject
from edge.models import model_path, shipped_models


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


def shipped_choices() -> tuple[tuple[ModelChoice, ...], tuple[str, ...]]:
    """Return the shipped models that can run here, and why others are left out.

    The one that ``edge-run`` uses comes first.
    """
    default = model_path("default")
    models = sorted(shipped_models(), key=lambda path: path != default)
    has_onnx = find_spec("onnxruntime") is not None
    runnable = [path for path in models if path.suffix != ".onnx" or has_onnx]
    left_out = [path.name for path in models if path not in runnable]
    reasons = [f"{name} is left out: pip install 'edge-landmarks[onnx]'" for name in left_out]
    return tuple(map(ModelChoice, runnable)), tuple(reasons)


def option_of(choice: Choice) -> tuple[str, str]:
    """Return the option and value that choose the same on a command line."""
    return ("--model" if isinstance(choice, ModelChoice) else "--peer", str(choice))
