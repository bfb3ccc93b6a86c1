"""From a model file to a localizer that has answered once."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from edge.models import model_path
from edge.runtime import open_network
from landmarks.boxes import Box
from landmarks.errors import ModelFileError
from landmarks.locate import Localizer


def load_localizer(model: str | Path, *, threads: int | None = None) -> Localizer:
    """Open a model file and let it answer a black picture.

    The first answer is slow, which a camera should not feel, and it shows whether the graph's
    outputs are what the card says.

    Args:
        model: path, or name of a shipped model.
        threads: for the interpreter; its default when None.

    Raises:
        ModelFileError: no such file or name, damaged, or not what its card says.
        MissingExtraError: the interpreter is not installed.
    """
    localizer = Localizer.of(open_network(model, threads=threads))
    size = localizer.network.card.input_size
    try:
        localizer.locate(np.zeros((size, size, 3), np.uint8), Box(0, 0, size, size))
    except (ValueError, KeyError, IndexError) as error:
        raise ModelFileError(
            f"{model_path(model)}: its outputs are not what its card says: {error}"
        ) from None
    return localizer
