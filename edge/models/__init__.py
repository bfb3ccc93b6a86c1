"""The shipped INT8 files, each with its card inside, and their names.

Landmark networks, and the face finders, whose names begin with ``finder-``.
"""

from __future__ import annotations

from pathlib import Path

from landmarks.errors import ModelFileError

MODELS_DIR = Path(__file__).parent
DEFAULT = "asmpip-144"
FINDER = "finder-224"
FINDERS = "finder-"


def shipped_models() -> tuple[Path, ...]:
    """Return the paths of the shipped landmark networks, sorted."""
    return tuple(path for path in _shipped() if not path.name.startswith(FINDERS))


def shipped_finders() -> tuple[Path, ...]:
    """Return the paths of the shipped finder networks, sorted."""
    return tuple(path for path in _shipped() if path.name.startswith(FINDERS))


def _shipped() -> list[Path]:
    return sorted(path for path in MODELS_DIR.iterdir() if path.suffix in (".tflite", ".onnx"))


def model_path(model: str | Path) -> Path:
    """Return the file that a path or a name means.

    Args:
        model: a path; or ``default``, or a name such as ``asmpip-144`` (its INT8 TFLite file) or
            ``asmpip-144-int8.onnx``.

    Raises:
        ModelFileError: a bare name that no shipped model has.
    """
    path = Path(model)
    if path.exists() or path.suffix in (".tflite", ".onnx", ".keras") and len(path.parts) > 1:
        return path
    name = DEFAULT if str(model) == "default" else str(model)
    for candidate in (name, f"{name}.tflite", f"{name}-int8.tflite"):
        if (MODELS_DIR / candidate).is_file():
            return MODELS_DIR / candidate
    names = ", ".join(path.name for path in _shipped())
    raise ModelFileError(f"{model}: no such file, and no shipped model of that name ({names})")
