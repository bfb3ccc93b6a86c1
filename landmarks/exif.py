"""How a camera was held, as the EXIF of its JPEG says.

``landmarks.pictures.read_picture`` turns a picture upright by it. Whoever labelled the picture may
have seen it before that.
"""

from __future__ import annotations

UPRIGHT = 1
_ORIENTATION, _SHORT = 0x0112, 3


def orientation_of(jpeg: bytes) -> int:
    """Return the EXIF orientation of a JPEG, 1 to 8; ``UPRIGHT`` where it says nothing.

    Args:
        jpeg: the file, or its first 64 KiB.
    """
    at = 2
    while jpeg[at : at + 1] == b"\xff" and jpeg[at + 1 : at + 2] not in (b"\xda", b""):
        length = int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if jpeg[at + 1] == 0xE1 and jpeg[at + 4 : at + 10] == b"Exif\0\0":
            return _of_tiff(jpeg[at + 10 : at + 2 + length])
        at += 2 + max(length, 2)
    return UPRIGHT


def _of_tiff(tiff: bytes) -> int:
    """Return the orientation of the first directory."""
    order = {b"II": "little", b"MM": "big"}.get(tiff[:2])
    if order is None:
        return UPRIGHT

    def number(at: int, size: int) -> int:
        return int.from_bytes(tiff[at : at + size], "little" if order == "little" else "big")

    start = number(4, 4)
    for entry in range(start + 2, start + 2 + 12 * number(start, 2), 12):
        if number(entry, 2) == _ORIENTATION and number(entry + 2, 2) == _SHORT:
            value = number(entry + 8, 2)
            return value if 1 <= value <= 8 else UPRIGHT
    return UPRIGHT
