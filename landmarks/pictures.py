"""Picture files to RGB ``uint8`` and back: the only place where files meet BGR."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from landmarks.errors import PictureError
from landmarks.files import atomic_write
from landmarks.picture_size import KINDS, SCAN, claimed_size, jpeg_segments
from landmarks.types import Image, check_image

MAX_PIXELS = 1 << 26  # 67 million, 200 MB in memory
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")


def read_picture(path: Path | str) -> Image:
    """Read a picture upright, whatever its channels and depth.

    Grey, palette, alpha and 16-bit files come out as 8-bit RGB; an EXIF orientation is applied.

    Returns:
        RGB uint8 (height, width, 3).

    Raises:
        PictureError: the file is missing, empty, truncated or no picture.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise PictureError(f"{path}: no such picture") from None
    except IsADirectoryError:
        raise PictureError(f"{path}: is a folder, expected a picture") from None
    if not data:
        raise PictureError(f"{path}: the file is empty")
    if data.startswith(b"\xff\xd8") and not _jpeg_has_end(data):
        # The decoder would fill the missing part with grey and say nothing to the caller.
        raise PictureError(f"{path}: truncated JPEG (no end marker), copy the file again")
    size = claimed_size(data)
    if size is None:
        raise PictureError(f"{path}: not a picture ({len(data)} bytes), expected {KINDS}")
    if size[0] * size[1] > MAX_PIXELS:
        raise PictureError(
            f"{path}: claims {size[0]} x {size[1]} pixels, expected at most {MAX_PIXELS:,}: "
            "scale it down"
        )
    try:
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:  # e.g. a side that is longer than OpenCV agrees to decode
        picture = None
    if picture is None:
        raise PictureError(f"{path}: not a picture that OpenCV can read ({len(data)} bytes)")
    return np.asarray(picture, np.uint8)


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
