"""What lies at a path: the one decision, by what is there and never by the name.

A file is known by its first bytes, a pipe or a device by what the system says. So a picture that is
called ``.mp4`` is a picture, and a film without any suffix a film. GIF, WebP, AVIF and PNG hold one
picture or many; one that holds many is a film.

Example:
    >>> content_of(Path("calib_data/clip.mp4"))
    Content(kind='film', format='MP4')
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from landmarks.errors import PictureError

Kind = Literal["picture", "film", "folder", "device", "pipe", "missing", "unknown"]
HEAD_BYTES = 1 << 18  # a frame of a film of JPEGs, and what stands before the pixels elsewhere
MOST_GIF_BYTES = 1 << 26  # its frames are counted, so that more than its head is read


@dataclass(frozen=True)
class Content:
    """What something is.

    Attributes:
        kind: what can be done with it; ``"unknown"`` for a file of any other kind.
        format: name of the format of a picture or film, such as ``"JPEG"``; empty otherwise.
    """

    kind: Kind
    format: str = ""


def content_of(path: Path | str) -> Content:
    """Say what lies at a path; nothing is opened but a regular file, of which the head is read.

    Raises:
        PictureError: the system does not let it be looked at.
    """
    try:
        mode = os.stat(path).st_mode
        if stat.S_ISDIR(mode):
            return Content("folder")
        if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            return Content("device")
        if not stat.S_ISREG(mode):
            return Content("pipe")  # or a socket: nothing that can be read again
        with open(path, "rb") as file:
            head = file.read(HEAD_BYTES)
            if head.startswith(b"GIF8"):
                head += file.read(MOST_GIF_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return Content("missing")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise PictureError(f"{path}: {reason}") from None
    return content_of_bytes(head)


def content_of_bytes(data: bytes) -> Content:
    """Say what a file is by its first bytes, ``HEAD_BYTES`` or all of them (of a GIF: all)."""
    for name, looks_so in _PICTURES.items():
        if looks_so(data):
            several = _SEVERAL.get(name)
            return Content("film" if several is not None and several(data) else "picture", name)
    for name, looks_so in _FILMS.items():
        if looks_so(data):
            return Content("film", name)
    return Content("unknown")


def passed_over(paths: Iterable[Path]) -> str:
    """Return in words which files of a folder were not read, such as ``2 files (.mp4 2)``."""
    kinds = Counter(path.suffix.lower() or "without a suffix" for path in paths)
    each = ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())
    return f"{kinds.total()} files ({each})"


def _starts(*marks: bytes) -> Callable[[bytes], bool]:
    return lambda data: data.startswith(marks)


def _brands(data: bytes) -> tuple[bytes, ...]:
    """Return the brands of an ISO base media file (MP4, AVIF, HEIC), the major one first."""
    if data[4:8] != b"ftyp":
        return ()
    size = min(int.from_bytes(data[:4], "big"), len(data), 512)
    return (data[8:12], *(data[at : at + 4] for at in range(16, size, 4)))


def _is_avif(data: bytes) -> bool:
    return not {b"avif", b"avis"}.isdisjoint(_brands(data))


def _is_heic(data: bytes) -> bool:
    return not {b"heic", b"heix", b"mif1", b"msf1"}.isdisjoint(_brands(data)[:1])


def _is_pnm(data: bytes) -> bool:
    return len(data) > 2 and data[:1] == b"P" and data[1:2] in b"1234567" and data[2:3].isspace()


def _is_transport_stream(data: bytes) -> bool:
    """Say whether packets of 188 bytes, or 192 with a time stamp first, begin with a mark."""
    return any(
        data[first : first + 3 * step : step] == b"GGG" for first, step in ((0, 188), (4, 192))
    )


def _first_unit(data: bytes) -> int:
    """Return the first byte after the start code of an elementary video stream, or -1."""
    for code in (b"\0\0\0\1", b"\0\0\1"):
        if data.startswith(code) and len(data) > len(code):
            return data[len(code)]
    return -1


# Parameter sets, delimiters and remarks, with which the streams of the two codecs begin.
_H264_UNITS = (0x06, 0x09, 0x27, 0x47, 0x67)
_H265_UNITS = (0x40, 0x42, 0x44, 0x46, 0x4E)
_MPEG_UNITS = (0xB0, 0xB3, 0xB5, 0xBA)

_PICTURES: dict[str, Callable[[bytes], bool]] = {
    "JPEG": _starts(b"\xff\xd8\xff"),
    "PNG": _starts(b"\x89PNG\r\n\x1a\n"),
    "GIF": _starts(b"GIF87a", b"GIF89a"),
    "WebP": lambda data: data[:4] == b"RIFF" and data[8:12] == b"WEBP",
    "BMP": lambda data: data[:2] == b"BM" and data[6:10] == bytes(4),
    "TIFF": _starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    "AVIF": _is_avif,
    "HEIC": _is_heic,
    "JPEG 2000": _starts(b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"),
    "PNM": _is_pnm,
    "Sun raster": _starts(b"\x59\xa6\x6a\x95"),
    "Radiance HDR": _starts(b"#?RADIANCE", b"#?RGBE"),
    "OpenEXR": _starts(b"\x76\x2f\x31\x01"),
}
_FILMS: dict[str, Callable[[bytes], bool]] = {
    "MP4": lambda data: data[4:8] in (b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"),
    "Matroska": _starts(b"\x1a\x45\xdf\xa3"),
    "AVI": lambda data: data[:4] == b"RIFF" and data[8:12] == b"AVI ",
    "MPEG-TS": _is_transport_stream,
    "H.264": lambda data: _first_unit(data) in _H264_UNITS,
    "H.265": lambda data: _first_unit(data) in _H265_UNITS,
    "MPEG": lambda data: _first_unit(data) in _MPEG_UNITS,
    "FLV": _starts(b"FLV\1"),
    "Ogg": _starts(b"OggS"),
    "ASF": _starts(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
    "YUV4MPEG": _starts(b"YUV4MPEG2 "),
}


def _is_stream_of_jpegs(data: bytes) -> bool:
    """Say whether one JPEG follows another, as in ``.mjpeg``.

    Phones put further pictures behind the one that counts, and say so in a segment ``MPF``.
    """
    start = data.find(b"\xff\xda")
    end = data.find(b"\xff\xd9", start)
    follows = data[end + 2 : end + 5] == b"\xff\xd8\xff"
    return start > 0 and end > 0 and follows and b"MPF\0" not in data[:start]


def _gif_has_several(data: bytes) -> bool:
    """Walk the blocks of a GIF to its second picture."""
    at = 13 + _table_bytes(data[10:11])
    pictures = 0
    while at < len(data) and pictures < 2:
        mark = data[at]
        if mark == 0x2C:
            pictures += 1
            at += 11 + _table_bytes(data[at + 9 : at + 10])  # and the size of its codes
        elif mark == 0x21:
            at += 2
        else:
            break
        while at < len(data) and data[at]:  # blocks of data, up to one of length 0
            at += data[at] + 1
        at += 1
    return pictures > 1


def _table_bytes(flags: bytes) -> int:
    """Return the length of the table of colours that follows some flags."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


_SEVERAL: dict[str, Callable[[bytes], bool]] = {
    "JPEG": _is_stream_of_jpegs,
    "PNG": lambda data: b"acTL" in data[: data.find(b"IDAT")],
    "GIF": _gif_has_several,
    "WebP": lambda data: data[12:16] == b"VP8X" and bool(data[20:21] and data[20] & 2),
    "AVIF": lambda data: b"avis" in _brands(data),
    "HEIC": lambda data: b"msf1" in _brands(data)[:1],
}
