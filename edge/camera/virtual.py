"""A virtual camera: it pans, zooms, turns and shakes over a still picture, by a known motion.

Each frame is the still under one similarity. So landmarks of the still are known exactly in every
frame, and what a tracker says of a frame can be carried back to the still, where nothing moves.

Example:
    >>> import numpy as np
    >>> camera = VirtualCamera(np.zeros((90, 120, 3), np.uint8), (60, 45), 2.0, Motion(pan_px=30))
    >>> with open_virtual(camera) as source:
    ...     frame = next(source.frames)
    >>> frame.image.shape
    (480, 640, 3)
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from edge.stream import Frame, FrameSource
from landmarks.types import Floats, Image, check_image

SLOW_HZ, SHAKE_HZ = (0.2, 0.5), (3.0, 9.0)
SHAKE_WAVES = 3
EXPOSURES = 5  # sharp pictures that a blurred one is the mean of
NOISE_MARGIN_PX = 64


@dataclass(frozen=True)
class Motion:
    """How far a virtual camera moves, and what its sensor adds; all zero: it stands still.

    Attributes:
        pan_px: largest shift along x and along y, pixels of the frame; 0.2 to 0.5 Hz, as for zoom
            and roll.
        zoom: largest magnification is 1 + zoom, smallest 1 / (1 + zoom).
        roll_deg: largest turn to either side.
        shake_px: largest shift by a shaking hand, pixels of the frame; 3 to 9 Hz.
        exposure: share of the time between two frames in which the shutter is open; motion blurs.
        noise: standard deviation of the sensor's noise, grey levels.
    """

    pan_px: float = 0.0
    zoom: float = 0.0
    roll_deg: float = 0.0
    shake_px: float = 0.0
    exposure: float = 0.0
    noise: float = 0.0


@dataclass(frozen=True)
class VirtualCamera:
    """A camera over a still; the same arguments give the same frames.

    Attributes:
        still: RGB uint8.
        centre_still: pixel of the still in the middle of the frame, about which it moves.
        magnification: pixels of the frame for one of the still, at rest.
        motion: how it moves.
        width, height: of its frames.
        fps: frames a second.
        n_frames: after so many it ends.
        seed: of directions, frequencies and noise.
    """

    still: Image
    centre_still: tuple[float, float]
    magnification: float
    motion: Motion
    width: int = 640
    height: int = 480
    fps: float = 30.0
    n_frames: int = 60
    seed: int = 0

    def matrix(self, time_s: float) -> Floats:
        """Return the similarity from still to frame at a time, float64 (2, 3)."""
        waves, motion = self._waves, self.motion
        pan_x, pan_y, zoom, roll = np.sin(waves.slow_rad(time_s))
        shake_x, shake_y = np.sin(waves.shake_rad(time_s)).mean(axis=1)
        size = self.magnification * (1 + motion.zoom) ** zoom
        angle = np.deg2rad(motion.roll_deg) * roll
        cos, sin = size * np.cos(angle), size * np.sin(angle)
        linear = np.array([[cos, -sin], [sin, cos]])
        middle = np.array([(self.width - 1) / 2, (self.height - 1) / 2])
        shift = motion.pan_px * np.array([pan_x, pan_y])
        shift += motion.shake_px * np.array([shake_x, shake_y])
        return np.column_stack([linear, middle + shift - linear @ np.array(self.centre_still)])

    def to_frame(self, points_still: Floats, index: int) -> Floats:
        """Return where points (n, 2) of the still are in a frame, float64."""
        matrix = self.matrix(self._middle_s(index))
        return np.asarray(points_still @ matrix[:, :2].T + matrix[:, 2], np.float64)

    def to_still(self, points_frame: Floats, index: int) -> Floats:
        """Return where points (n, 2) of a frame are in the still, float64."""
        matrix = self.matrix(self._middle_s(index))
        return np.linalg.solve(matrix[:, :2], (points_frame - matrix[:, 2]).T).T

    def image(self, index: int) -> Image:
        """Return one frame, RGB uint8; beyond its edges the still is continued by its edge."""
        check_image(self.still)
        motion, middle_s = self.motion, self._middle_s(index)
        frame = self._expose(middle_s)
        if motion.exposure > 0:
            light = np.zeros(frame.shape, np.float32)
            for share in np.linspace(-0.5, 0.5, EXPOSURES):
                cv2.accumulate(self._expose(middle_s + share * motion.exposure / self.fps), light)
            frame = np.asarray(cv2.convertScaleAbs(light, alpha=1 / EXPOSURES), np.uint8)
        if motion.noise > 0:
            frame = np.asarray(cv2.add(frame, self._noise(index), dtype=cv2.CV_8U), np.uint8)
        return frame

    def _middle_s(self, index: int) -> float:
        """The middle of a frame's exposure."""
        return index / self.fps

    def _expose(self, time_s: float) -> Image:
        frame = cv2.warpAffine(
            self.still,
            self.matrix(time_s),
            (self.width, self.height),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(frame, np.uint8)

    @cached_property
    def _waves(self) -> _Waves:
        rng = np.random.default_rng(self.seed)
        return _Waves(
            rng.uniform(*SLOW_HZ, 4),
            rng.uniform(0, 2 * np.pi, 4),
            rng.uniform(*SHAKE_HZ, (2, SHAKE_WAVES)),
            rng.uniform(0, 2 * np.pi, (2, SHAKE_WAVES)),
        )

    @cached_property
    def _noise_field(self) -> npt.NDArray[np.int16]:
        shape = (self.height + NOISE_MARGIN_PX, self.width + NOISE_MARGIN_PX, 3)
        field = np.random.default_rng([self.seed, 1]).standard_normal(shape, np.float32)
        return np.asarray(np.rint(self.motion.noise * field), np.int16)

    def _noise(self, index: int) -> npt.NDArray[np.int16]:
        """A window of one field of noise, elsewhere in each frame: new noise would cost 20 ms."""
        x, y = np.random.default_rng([self.seed, 2, index]).integers(0, NOISE_MARGIN_PX, 2)
        return np.ascontiguousarray(self._noise_field[y : y + self.height, x : x + self.width])


@dataclass(frozen=True)
class _Waves:
    """Frequencies and phases: (4,) for pan x, pan y, zoom, roll; (2, waves) for the shaking."""

    slow_hz: Floats
    slow_phase: Floats
    shake_hz: Floats
    shake_phase: Floats

    def slow_rad(self, time_s: float) -> Floats:
        return np.asarray(2 * np.pi * self.slow_hz * time_s + self.slow_phase)

    def shake_rad(self, time_s: float) -> Floats:
        return np.asarray(2 * np.pi * self.shake_hz * time_s + self.shake_phase)


@contextmanager
def open_virtual(camera: VirtualCamera) -> Iterator[FrameSource]:
    """Open a virtual camera as a source of frames."""
    frames = (
        Frame(index, f"virtual {camera.seed}", index / camera.fps, camera.image(index))
        for index in range(camera.n_frames)
    )
    yield FrameSource(frames, continuous=True, fps=camera.fps)
