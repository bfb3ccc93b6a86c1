"""What a model file is, in a few facts and its whole card."""

from __future__ import annotations

from typing import Any

from edge.models import model_path
from landmarks.model_file import read_model


def describe(model: str) -> dict[str, Any]:
    """Return what is known of a model file, or of a shipped model by name, ready for JSON.

    Parameters and multiply-accumulates were counted when the float network was trained; an INT8
    file has them from its parent.
    """
    path = model_path(model)
    file = read_model(path)
    card = file.card
    return {
        "model": str(path),
        "name": card.name,
        "architecture": card.architecture,
        "precision": card.precision,
        "bytes": path.stat().st_size,
        "sha256": file.sha256,
        "input": [1, card.input_size, card.input_size, 3],
        "outputs": list(card.outputs),
        "scheme": card.scheme,
        "parameters": card.training.get("parameters"),
        "macs": card.training.get("macs"),
        "card": card.to_dict(),
    }
