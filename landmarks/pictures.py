"""Picture files to RGB ``uint8`` and back: the only place where files meet BGR."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np

from landmarks.avif import upright
from landmarks.content import content_of_bytes
from landmarks.depth import to_8_bits
from landmarks.errors import PictureError
from landmarks.files import atomic_write
from landmarks.picture_size import KINDS, SCAN, claimed_size, jpeg_segments
from landmarks.reading import read_whole
from landmarks.types import Image, check_image

# What can be written, and what a folder of data may call its pictures.
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
MOST_PICTURE_BYTES = 1 << 28
MOST_PIXELS = 1 << 26  # 67 million, 200 MB in memory
# Of 16-bit pictures more are decoded by the container alone: no infrared sensor has as many.
MOST_DEEP_PIXELS = 1 << 24


def read_picture(path: Path | str) -> Image:
    """Read a picture upright, whatever its channels and depth.

    Grey, palette, alpha and 16-bit files come out as 8-bit RGB; an orientation that the file says
    (EXIF, AVIF) is applied, and 16-bit pixels are read by the bits that they use
    (``landmarks.depth``).

    Returns:
        RGB uint8 (height, width, 3).

    Raises:
        PictureError: the file is missing, empty, truncated, no picture, a film, or has more pixels
            than ``MOST_PIXELS``.
    """
    path = Path(path)
    data = read_whole(path, what="picture", most_bytes=MOST_PICTURE_BYTES, error=PictureError)
    if not data:
        raise PictureError(f"{path}: the file is empty")
    content = content_of_bytes(data)
    if content.kind == "film":
        raise PictureError(
            f"{path}: holds several frames ({content.format}), so it is a film; expected a picture"
        )
    if content.format == "JPEG" and not _jpeg_has_end(data):
        # The decoder would fill the missing part with grey and say nothing to the caller.
        raise PictureError(f"{path}: truncated JPEG (no end marker), copy the file again")
    if claimed_size(data) is None:
        what = f"{content.format}, {len(data)} bytes" if content.format else f"{len(data)} bytes"
        raise PictureError(f"{path}: not a picture that can be read ({what}), expected {KINDS}")
    refuse_huge(path, data)
    if content.format == "AVIF":
        flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_IGNORE_ORIENTATION
        return upright(_decoded(path, data, flags, content.format), data)
    picture: Image = _decoded(path, data, cv2.IMREAD_COLOR_RGB, content.format)
    if _may_be_deep(data, content.format) and picture.size <= 3 * MOST_DEEP_PIXELS:
        flags = cv2.IMREAD_COLOR_RGB | cv2.IMREAD_ANYDEPTH
        deep = _decoded(path, data, flags, content.format)
        if deep.dtype == np.uint16:
            return to_8_bits(deep)
    return picture


def refuse_huge(name: Path | str, data: bytes) -> None:
    """Raise PictureError if a picture file claims more than ``MOST_PIXELS``; nothing is decoded."""
    size = claimed_size(data)
    if size is not None and size[0] * size[1] > MOST_PIXELS:
        raise PictureError(
            f"{name}: claims {size[0]} x {size[1]} pixels, expected at most {MOST_PIXELS:,}: "
            "scale it down"
        )


def _may_be_deep(data: bytes, form: str) -> bool:
    """Say whether a file may have 16 bits without a word on how many of them are used."""
    return form in ("TIFF", "PNM") or (form == "PNG" and data[24:25] == b"\x10")


def _decoded(path: Path, data: bytes, flags: int, form: str) -> Any:
    try:
        picture: Any = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    except cv2.error:  # e.g. a side that is longer than OpenCV agrees to decode
        picture = None
    if picture is None:
        what = f"{form}, {len(data)} bytes" if form else f"{len(data)} bytes"
        raise PictureError(f"{path}: not a picture that OpenCV can read ({what})")
    return picture


def check_picture_path(path: Path) -> None:
    """Raise PictureError unless the suffix is one that ``write_picture`` can write."""
    if path.suffix.lower() not in SUFFIXES:
        raise PictureError(
            f"{path}: cannot write a {path.suffix or 'suffixless'} picture, use one of "
            + " ".join(SUFFIXES)
        )


def write_picture(
    path: Path | str, image: Image, *, quality: int = 92, force: bool = False
) -> None:
    """Write an RGB uint8 picture; the suffix of ``path`` chooses the format."""
    check_image(image)
    path = Path(path)
    check_picture_path(path)
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    lossy = path.suffix.lower() in (".jpg", ".jpeg")  # others warn about an option of JPEG
    encoded, data = cv2.imencode(
        path.suffix, bgr, [cv2.IMWRITE_JPEG_QUALITY, quality] if lossy else []
    )
    if not encoded:
        raise PictureError(f"{path}: OpenCV cannot write colours as {path.suffix}, use .png")
    with atomic_write(path, force=force) as temporary:
        temporary.write_bytes(data.tobytes())


def encode_jpeg(image: Image, quality: int) -> bytes:
    """Return an RGB uint8 picture as the bytes of a JPEG file; ``quality`` is 0 to 100."""
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


def _jpeg_has_end(data: bytes) -> bool:
    """Say whether an end marker follows the picture's own scan; a thumbnail's end does not count.

    It need not be near the end of the file: phones append videos and depth maps.
    """
    *_, (marker, at) = [(0, len(data)), *jpeg_segments(data)]
    return marker == SCAN and b"\xff\xd9" in data[at:]
