"""How many pixels a picture file claims, read from its first bytes: nothing is decoded.

A few kilobytes can claim a picture that fills the memory, so ``landmarks.pictures`` asks here
first. OpenCV has a limit of its own, but only as an environment variable that it reads when it is
loaded, and that would bind the whole process of whoever imports this.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from struct import error as StructError
from struct import unpack_from

KINDS = "JPEG, PNG, BMP, WebP, TIFF, PNM, GIF, AVIF or JPEG 2000"

_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF; not DHT, JPG, DAC
SCAN = 0xDA
_PNM = re.compile(rb"P[1-6](?:\s|#[^\n]*\n)+(\d+)(?:\s|#[^\n]*\n)+(\d+)\s")
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_TYPES = {3: "H", 4: "I"}


def claimed_size(data: bytes) -> tuple[int, int] | None:
    """Return the width and height that a picture file claims.

    Args:
        data: the file, or enough of its beginning.

    Returns:
        (width, height) in pixels, before any orientation is applied; None where the bytes are of
        none of ``KINDS`` or end too early.
    """
    try:
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _pair(unpack_from(">II", data, 16))
        if data.startswith(b"BM"):
            return _bmp(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:4] in (b"II*\0", b"MM\0*"):
            return _tiff(data)
        if data.startswith((b"GIF87a", b"GIF89a")):
            return _pair(unpack_from("<HH", data, 6))
        if data[4:8] == b"ftyp":
            return _avif(data)
        if data.startswith((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")):
            return _jpeg_2000(data)
    except StructError:
        return None
    found = _PNM.match(data)
    return None if found is None else (int(found[1]), int(found[2]))


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int]]:
    """Yield (marker, offset of its length field) of a JPEG's segments, its first scan last."""
    at = 2
    while data[at : at + 1] == b"\xff" and at + 1 < len(data):
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        yield marker, at + 2
        if marker == SCAN:
            return
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")


def _jpeg(data: bytes) -> tuple[int, int] | None:
    for marker, at in jpeg_segments(data):
        if marker in _FRAME_HEADERS:
            height, width = unpack_from(">HH", data, at + 3)
            return width, height
    return None


def _bmp(data: bytes) -> tuple[int, int]:
    (header_size,) = unpack_from("<I", data, 14)
    if header_size == 12:  # OS/2
        return _pair(unpack_from("<HH", data, 18))
    width, height = unpack_from("<ii", data, 18)
    return abs(width), abs(height)  # rows from the top down have a negative height


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8 ":
        width, height = unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X" and len(data) >= 30:
        sides = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        return _pair(tuple(sides))
    return None


def _tiff(data: bytes) -> tuple[int, int] | None:
    order = "<" if data.startswith(b"II") else ">"
    (directory,) = unpack_from(f"{order}I", data, 4)
    (entries,) = unpack_from(f"{order}H", data, directory)
    found = {}
    for index in range(entries):
        at = directory + 2 + 12 * index
        tag, kind = unpack_from(f"{order}HH", data, at)
        if kind in _TIFF_TYPES:
            found[tag] = unpack_from(f"{order}{_TIFF_TYPES[kind]}", data, at + 8)[0]
    if not found.keys() >= {_TIFF_WIDTH, _TIFF_HEIGHT}:
        return None
    return found[_TIFF_WIDTH], found[_TIFF_HEIGHT]


def _avif(data: bytes) -> tuple[int, int] | None:
    """Return the largest extent that a property (``ispe``, ISO/IEC 23008-12) claims."""
    sizes = [
        _pair(unpack_from(">II", data, found.end() + 4)) for found in re.finditer(b"ispe", data)
    ]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _jpeg_2000(data: bytes) -> tuple[int, int] | None:
    """Read the marker SIZ of the code stream: the reference grid, less its offset."""
    at = data.find(b"\xff\x4f\xff\x51")
    if at < 0:
        return None
    right, bottom, left, top = unpack_from(">IIII", data, at + 8)
    return right - left, bottom - top


def _pair(sides: tuple[int, ...]) -> tuple[int, int]:
    width, height = sides
    return width, height
