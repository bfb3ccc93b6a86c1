"""A TFLite graph without repetitions: equal vectors are stored once.

Each per-channel scale comes with a zero point of eight bytes, and in an INT8 graph all of them are
0: the converter's file holds them anew for each tensor, which is an eighth of a small network. A
flatbuffer may point to the same vector from many places.
"""

from __future__ import annotations

import flatbuffers
import numpy as np
import numpy.typing as npt
from ai_edge_litert import schema_py_generated as schema

IDENTIFIER = b"TFL3"


def packed(graph: bytes) -> bytes:
    """Return the same graph in fewer bytes."""
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(graph, 0))
    builder = _SharingBuilder(len(graph))
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())


class _SharingBuilder(flatbuffers.Builder):
    """A builder that writes a vector which it has written before as a reference to that one."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self._written: dict[tuple[str, bytes], int] = {}

    def CreateNumpyVector(self, x: npt.NDArray[np.generic]) -> int:  # noqa: N802, the base's name
        key = (x.dtype.str, x.tobytes())
        if key not in self._written:
            self._written[key] = super().CreateNumpyVector(x)
        return self._written[key]
