"""What others published of boards that we do not have: for orientation, not measured here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """One published figure.

    Attributes:
        what: network and precision.
        board: as the source says.
        ms: an inference, milliseconds.
        source: where it was published.
    """

    what: str
    board: str
    ms: float
    source: str


XNNPACK = "XNNPACK README, February 2022"
TERRYKY = "github.com/terryky/tflite_gles_app"
OPENCV_ZOO = "opencv_zoo, benchmark/README.md"

PUBLISHED = (
    Published("MobileNetV2 224 px float32, 4 threads", "Pi 4", 46, XNNPACK),
    Published("MobileNetV2 224 px INT8, 4 threads", "Pi 4", 17, XNNPACK),
    Published("MobileNetV2 224 px float32", "Pi 3 B+", 79, XNNPACK),
    Published("MobileNetV2 224 px INT8", "Pi 3 B+", 30, XNNPACK),
    Published("MediaPipe Face Mesh float32", "Pi 4", 29, TERRYKY),
    Published("MediaPipe Face Mesh INT8", "Pi 4", 24, TERRYKY),
    Published("BlazeFace float32", "Pi 4", 10, TERRYKY),
    Published("BlazeFace INT8", "Pi 4", 7, TERRYKY),
    Published("YuNet 160 x 120 float32, with its decoding", "Pi 4", 6.2, OPENCV_ZOO),
    Published("YuNet 160 x 120 float32, with its decoding", "RK3588 (A76)", 2.3, OPENCV_ZOO),
)
