"""Films of all kinds, made here: OpenCV writes them, and damage and time stamps are put in."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

CODECS = {".avi": "MJPG", ".mjpeg": "MJPG", ".webm": "VP80", ".wmv": "WMV2", ".flv": "FLV1"}


def write_film(path, images, *, fps=25.0, codec=None):
    """Write RGB images; the suffix chooses the container."""
    height, width = images[0].shape[:2]
    fourcc = cv2.VideoWriter.fourcc(*(codec or CODECS.get(path.suffix, "mp4v")))
    writer = cv2.VideoWriter(str(path), cv2.CAP_FFMPEG, fourcc, fps, (width, height))
    assert writer.isOpened()
    for image in images:
        writer.write(cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def plain_images(n, height=48, width=64):
    """Images that a decoder tells apart: each brighter than the one before."""
    return [np.full((height, width, 3), 20 + 200 * i // n, np.uint8) for i in range(n)]


def with_durations(mp4: Path, durations_s: list[float]) -> Path:
    """Give the frames of an MP4 of OpenCV's, whose index stands at its end, these durations."""
    data = mp4.read_bytes()
    at = data.rindex(b"mdhd")
    scale = int.from_bytes(data[at + 16 : at + 20], "big")
    at = data.rindex(b"stts") - 4
    old = int.from_bytes(data[at : at + 4], "big")
    entries = b"".join(_u32(1) + _u32(round(s * scale)) for s in durations_s)
    box = _u32(16 + len(entries)) + b"stts" + _u32(0) + _u32(len(durations_s)) + entries
    longer = len(box) - old
    data = bytearray(data[:at] + box + data[at + old :])
    for name in (b"stbl", b"minf", b"mdia", b"trak", b"moov"):
        where = data.rindex(name) - 4
        size = int.from_bytes(data[where : where + 4], "big")
        data[where : where + 4] = _u32(size + longer)
    for name, place in ((b"mdhd", 20), (b"tkhd", 24), (b"mvhd", 20), (b"elst", 12)):
        unit = scale if name == b"mdhd" else 1000
        where = data.rindex(name) + place
        data[where : where + 4] = _u32(round(sum(durations_s) * unit))
    mp4.write_bytes(data)
    return mp4


def film_length_s(path):
    """Return how long a player shows a film of constant rate."""
    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    return film.get(cv2.CAP_PROP_FRAME_COUNT) / film.get(cv2.CAP_PROP_FPS)


def _u32(number):
    return int(number).to_bytes(4, "big")
