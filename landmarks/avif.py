"""How an AVIF picture is to be turned: the decoder of OpenCV leaves that to its caller.

An AVIF file says it in two properties of its picture, ``irot`` and ``imir``, which are what counts;
an EXIF orientation beside them says the same or is to be passed over (ISO/IEC 23008-12, 6.5.10).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from landmarks.types import Image


def upright(picture: Image, data: bytes) -> Image:
    """Turn and mirror a decoded picture as its file says.

    Args:
        picture: as decoded.
        data: the AVIF file.
    """
    try:
        properties = _properties(data)
    except (IndexError, ValueError):  # cut short: the decoder had what it needed
        return picture
    for kind, content in properties:
        if kind == b"irot":
            picture = np.rot90(picture, content[0] & 3)  # anti-clockwise, quarters
        elif kind == b"imir":
            picture = picture[:, ::-1] if content[0] & 1 else picture[::-1]
    return np.ascontiguousarray(picture)


def _properties(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the properties of the main picture in the order in which they apply."""
    meta = dict(_boxes(dict(_boxes(data))[b"meta"][4:])) if b"meta" in dict(_boxes(data)) else {}
    if not {b"pitm", b"iprp"} <= meta.keys():
        return []
    pitm = meta[b"pitm"]
    main = int.from_bytes(pitm[4:6] if pitm[0] == 0 else pitm[4:8], "big")
    inside = dict(_boxes(meta[b"iprp"]))
    known = list(_boxes(inside.get(b"ipco", b"")))
    return [known[index - 1] for index in _associated(inside.get(b"ipma", b""), main) if index]


def _associated(ipma: bytes, item: int) -> list[int]:
    """Return which properties, counted from 1, an item has."""
    id_bytes = 2 if ipma[0] == 0 else 4
    index_bytes = 2 if ipma[3] & 1 else 1
    mask = (1 << (8 * index_bytes - 1)) - 1  # the first bit says whether one must be understood
    at = 8
    for _ in range(int.from_bytes(ipma[4:8], "big")):
        found = int.from_bytes(ipma[at : at + id_bytes], "big")
        count, at = ipma[at + id_bytes], at + id_bytes + 1
        if found == item:
            places = range(at, at + count * index_bytes, index_bytes)
            return [int.from_bytes(ipma[p : p + index_bytes], "big") & mask for p in places]
        at += count * index_bytes
    return []


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and content of the boxes that follow each other in ``data``."""
    at = 0
    while at + 8 <= len(data):
        size, head = int.from_bytes(data[at : at + 4], "big"), 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        if size == 0:  # to the end
            size = len(data) - at
        if size < head:
            raise ValueError(f"a box of {size} bytes")
        yield data[at + 4 : at + 8], data[at + head : at + size]
        at += size
