"""What a file's input tensor wants from a camera's bytes, without float arithmetic for INT8."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from landmarks.errors import ModelFileError
from landmarks.model_file import ModelFile
from landmarks.types import Image

PixelReader = Callable[[Image], npt.NDArray[np.generic]]


def pixel_reader(file: ModelFile, shape: Sequence[int], dtype: np.dtype[np.generic]) -> PixelReader:
    """Return the function from an RGB uint8 crop (size, size, 3) to the input (1, size, size, 3).

    An int8 input reads the byte as ``pixel - 128``, which is one exclusive or; a float or uint8
    input takes 0 to 255 and scales inside the graph. The returned function reuses its buffer.

    Raises:
        ModelFileError: the input is not NHWC of the card's size, or of another type.
    """
    size = file.card.input_size
    expected = [1, size, size, 3]
    if list(shape) != expected:
        raise ModelFileError(
            f"{file.path}: its input is {list(shape)}, expected {expected} (NHWC) by its card"
        )
    if dtype not in (np.int8, np.uint8, np.float32):
        raise ModelFileError(f"{file.path}: its input is {dtype}, expected int8, uint8 or float32")
    buffer = np.empty(expected, dtype)

    def read(crop: Image) -> npt.NDArray[np.generic]:
        if crop.shape != (size, size, 3) or crop.dtype != np.uint8:
            raise ValueError(f"expected uint8 ({size}, {size}, 3), got {crop.dtype} {crop.shape}")
        if dtype == np.int8:
            np.bitwise_xor(crop, np.uint8(0x80), out=buffer[0].view(np.uint8))
        else:
            buffer[0] = crop
        return buffer

    return read
