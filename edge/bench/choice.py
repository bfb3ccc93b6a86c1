"""Which files are measured: our models and chosen peers, and how each is opened."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from edge.bench.model import open_own
from edge.bench.peers.registry import PeerChoice
from edge.bench.subject import Subject
from edge.models import FINDER, model_path, shipped_finders, shipped_models
from edge.runtime.delegation import Delegation, delegation_of
from landmarks.model_file import read_model


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
        """Load it; errors as for ``open_own``."""
        return open_own(self.path, threads=threads)

    def delegation(self) -> Delegation | None:
        """Return what XNNPACK takes of it; None for an ONNX file."""
        if self.path.suffix != ".tflite":
            return None
        return delegation_of(read_model(self.path).graph)


Choice = ModelChoice | PeerChoice


def shipped_choices() -> tuple[tuple[ModelChoice, ...], tuple[str, ...]]:
    """Return the shipped files that can run here, and why others are left out.

    The model that ``edge-run`` uses comes first, finders last.
    """
    defaults = (model_path("default"), model_path(FINDER))
    models = [
        path
        for paths in (shipped_models(), shipped_finders())
        for path in sorted(paths, key=lambda path: path not in defaults)
    ]
    has_onnx = find_spec("onnxruntime") is not None
    runnable = [path for path in models if path.suffix != ".onnx" or has_onnx]
    left_out = [path.name for path in models if path not in runnable]
    reasons = [f"{name} is left out: pip install 'edge-landmarks[onnx]'" for name in left_out]
    return tuple(map(ModelChoice, runnable)), tuple(reasons)


def option_of(choice: Choice) -> tuple[str, str]:
    """Return the option and value that choose the same on a command line."""
    return ("--model" if isinstance(choice, ModelChoice) else "--peer", str(choice))
