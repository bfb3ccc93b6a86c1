"""A saved Keras model as a ``landmarks.locate.Network``, to be scored like any other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import keras
import numpy as np

from landmarks.card import ModelCard
from landmarks.decode import OutputTensor
from landmarks.errors import ModelFileError
from landmarks.model_file import read_model
from landmarks.types import Image


class KerasNetwork:
    """A ``.keras`` file as a ``landmarks.locate.Network``."""

    def __init__(self, path: Path) -> None:
        """Verify and load the file.

        Raises:
            ModelFileError: it is missing, damaged or no Keras model.
        """
        self.file = read_model(path)
        self.card: ModelCard = self.file.card
        if path.suffix != ".keras":
            raise ModelFileError(f"{path}: expected a float network, a .keras file")
        try:  # safe mode: a layer of the archive that is Python code of its own is refused
            self.model: keras.Model = keras.models.load_model(path, compile=False, safe_mode=True)
        except (ValueError, TypeError, KeyError, AttributeError, ImportError, OSError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise ModelFileError(f"{path}: Keras does not load it: {reason}") from None

    def infer(self, crop: Image) -> Mapping[str, OutputTensor]:
        """Run the network on one RGB uint8 crop (size, size, 3)."""
        maps = self.model.predict_on_batch(crop[None])
        return {name: OutputTensor(np.asarray(value)[0]) for name, value in maps.items()}
