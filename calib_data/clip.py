"""Clips of one synthetic face that turns, comes nearer, blinks, talks, yawns: exact points.

Motion is made in the appearance model's shape space. The direction for "turn the head" is the one
along which the model expects a given measure (here: where the nose is between the jaw's ends) to
change; texture and outline follow the shape by regression (`AppearanceModel.with_shape`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from calib_data.appearance import AppearanceModel
from calib_data.camera import Camera, photograph
from calib_data.head_raster import HeadStyle, draw_style, paint_head
from calib_data.mesh import apply_affine
from calib_data.render import composite, draw_head
from calib_data.scene import draw_background
from landmarks.errors import PictureError

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]

_BLINK_S = 0.28  # from open over closed to open
_YAWN_RAMP_S = 0.7  # from closed to wide open
_CAMERA = Camera(
    ramp=(0.12, -0.05), cast=np.array([1.03, 1.0, 0.97], np.float32), gamma=1.0, contrast=1.05,
    brightness=0.0, saturation=1.0, blur_px=0.4, sharpening=0.3, noise=1.2, jpeg_quality=95,
)  # fmt: skip


@dataclass(frozen=True)
class ClipPlan:
    """Size, length and motion of a clip.

    Attributes:
        width, height: pixels.
        fps: frames a second.
        duration_s: length.
        yaw, pitch, mouth: largest excursion in standard deviations of the training faces.
        roll_deg: largest roll.
        near_px, far_px: side of the face box at its nearest and farthest.
        blinks_s: when blinks begin.
        defocus_px: blur of the background; sharp clutter makes face finders see ghosts.
        talk_s: (begin, end) of the talking.
        yawn: how far the chin drops in a yawn, in sides of the face box.
        yawns_s: (begin, end) of each yawn.
        naps_s: (begin, end) of the times at which the eyes stay shut.
        noise: grey levels of sensor noise.
        blur_px: standard deviation of the lens blur.
    """

    width: int = 480
    height: int = 360
    fps: int = 25
    duration_s: float = 8.0
    yaw: float = 1.5
    pitch: float = 0.9
    mouth: float = 2.2
    roll_deg: float = 11.0
    near_px: float = 145.0
    far_px: float = 92.0
    defocus_px: float = 9.0
    blinks_s: tuple[float, ...] = (0.9, 2.6, 4.4, 5.1, 7.0)
    talk_s: tuple[float, float] = (2.9, 6.2)
    yawn: float = 0.13
    yawns_s: tuple[tuple[float, float], ...] = ()
    naps_s: tuple[tuple[float, float], ...] = ()
    noise: float = 1.2
    blur_px: float = 0.4

    @property
    def n_frames(self) -> int:
        """Number of frames."""
        return round(self.duration_s * self.fps)


DROWSY = ClipPlan(
    width=224,
    height=168,
    fps=12,
    duration_s=12.25,
    yaw=0.8,
    pitch=0.4,
    roll_deg=6.0,
    near_px=88.0,
    far_px=80.0,
    defocus_px=14.0,
    blinks_s=(0.7, 1.3, 3.7, 7.2),
    talk_s=(1.7, 3.5),
    yawns_s=((4.3, 6.7), (9.7, 12.1)),
    naps_s=((7.9, 9.3),),
    noise=0.0,
    blur_px=0.6,
)
"""A tired face: it blinks, talks, yawns, nods off and yawns again."""


@dataclass(frozen=True)
class Actor:
    """One person of the clip: appearance, and the shape directions that move it."""

    coefficients: Float32
    style: HeadStyle
    yaw: Float32
    pitch: Float32
    mouth: Float32


def cast_actor(model: AppearanceModel, rng: np.random.Generator) -> Actor:
    """Draw a person who looks roughly ahead, mouth closed, when at rest."""
    yaw, pitch, mouth = _directions(model)
    coefficients = draw_head(model, rng)
    shape = coefficients[model.slices()["shape"]]
    for direction, rest in ((yaw, 0.0), (pitch, 0.0), (mouth, -0.6)):
        shape = shape + (rest - shape @ direction) * direction
    return Actor(model.with_shape(coefficients, shape), draw_style(rng), yaw, pitch, mouth)


def clip_points(
    model: AppearanceModel, actor: Actor, plan: ClipPlan, frame: int
) -> tuple[Float32, Float32]:
    """Say where the face is in one frame.

    Returns:
        float32 (n,), the head's coefficients, and float32 (68, 2), its points in frame pixels.
    """
    t = frame / plan.fps
    turn = 2 * np.pi * t / plan.duration_s
    fade = float(np.clip(t / 0.8, 0, 1))  # the clip starts from rest
    part = model.slices()["shape"]
    shape = actor.coefficients[part] + fade * (
        plan.yaw * np.sin(1.5 * turn) * actor.yaw + plan.pitch * np.sin(2.5 * turn) * actor.pitch
    )
    yawning = _held(plan.yawns_s, t, _YAWN_RAMP_S)
    shape = shape + plan.mouth * max(_talk(plan, t), yawning) * actor.mouth
    coefficients = model.with_shape(actor.coefficients, shape.astype(np.float32))
    shut = max(_blink(plan, t), _held(plan.naps_s, t, _BLINK_S / 2))
    points = _close_eyes(model.shape(coefficients), shut)
    points = _drop_jaw(points, plan.yawn * yawning)

    angle = np.deg2rad(plan.roll_deg * fade * np.sin(2 * turn + 0.4))
    cos, sin = np.cos(angle), np.sin(angle)
    nearness = 0.5 - 0.5 * np.cos(turn)
    scale = plan.far_px + (plan.near_px - plan.far_px) * nearness
    x = plan.width * (0.5 + 0.10 * np.sin(turn + 0.3))
    y = plan.height * (0.55 - 0.07 * nearness + 0.015 * np.sin(3 * turn))
    pose = np.array([[scale * cos, -scale * sin, x], [scale * sin, scale * cos, y]])
    return coefficients, apply_affine(pose, points).astype(np.float32)


def render_clip(
    model: AppearanceModel, seed: int, plan: ClipPlan, *, progress: bool = False
) -> Iterator[tuple[UInt8, Float32]]:
    """Yield (picture, points) of every frame: RGB uint8 (h, w, 3) and float32 (68, 2)."""
    rng = np.random.default_rng([seed, 0])
    actor, camera = cast_actor(model, rng), replace(_CAMERA, noise=plan.noise, blur_px=plan.blur_px)
    background = draw_background(rng, plan.height, plan.width)
    background = np.asarray(cv2.GaussianBlur(background, (0, 0), plan.defocus_px), np.float32)
    for frame in tqdm(range(plan.n_frames), disable=not progress, unit="frame"):
        coefficients, points = clip_points(model, actor, plan, frame)
        head = paint_head(model, coefficients, actor.style)
        scene = composite(background, head, points, model.mean_shape)
        noise = np.random.default_rng([seed, 1, frame])
        yield photograph(scene, camera, noise), points


def write_video(path: Path, pictures: list[UInt8], fps: int) -> None:
    """Write RGB pictures as an MPEG-4 video.

    Raises:
        PictureError: this OpenCV cannot write the format.
    """
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (width, height))
    if not writer.isOpened():
        raise PictureError(f"{path}: this OpenCV cannot write MPEG-4 video")
    for picture in pictures:
        writer.write(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    writer.release()


def truth_line(frame: int, points: Float32) -> dict[str, object]:
    """Return one frame's truth as it stands in the ``.jsonl`` file."""
    rounded = [[round(float(x), 3), round(float(y), 3)] for x, y in points]
    return {"frame": frame, "faces": [{"points": rounded}]}


def _directions(model: AppearanceModel) -> tuple[Float32, Float32, Float32]:
    """Unit directions in whitened shape space for yaw, pitch and an opening mouth."""
    yaw, pitch, mouth = np.zeros((3, 68, 2), np.float32)
    yaw[30, 0], yaw[[1, 15], 0] = 1.0, -0.5  # nose tip against the ends of the jaw
    pitch[30, 1] = 1.0  # nose tip against the ears' ends of the jaw: lower when looking down
    pitch[[0, 16], 1] = -0.5
    mouth[66, 1], mouth[62, 1] = 1.0, -1.0
    components = model.bases["shape"].components.astype(np.float32)
    out = []
    for measure in (yaw, pitch, mouth):
        direction = components @ measure.ravel()
        out.append((direction / np.linalg.norm(direction)).astype(np.float32))
    return out[0], out[1], out[2]


def _blink(plan: ClipPlan, t: float) -> float:
    """How closed the eyes are, 0 to 1."""
    phases = [(t - begin) / _BLINK_S for begin in plan.blinks_s]
    return max((np.sin(np.pi * p) ** 2 for p in phases if 0 < p < 1), default=0.0)


def _held(spans_s: tuple[tuple[float, float], ...], t: float, ramp_s: float) -> float:
    """How far something is that rises and falls within ``ramp_s`` at the ends of each span."""
    nearness = [min(t - begin, end - t) / ramp_s for begin, end in spans_s]
    return max((np.sin(np.pi / 2 * min(n, 1)) ** 2 for n in nearness if n > 0), default=0.0)


def _talk(plan: ClipPlan, t: float) -> float:
    """How open the mouth is, 0 to 1: syllables of uneven length and weight."""
    begin, end = plan.talk_s
    if not begin < t < end:
        return 0.0
    envelope = min(1.0, (t - begin) / 0.3, (end - t) / 0.3)
    syllable = np.sin(np.pi * 3.3 * (t - begin) + 0.8 * np.sin(2.1 * t)) ** 2
    return float(envelope * syllable * (0.6 + 0.4 * np.sin(1.7 * t) ** 2))


def _close_eyes(points: Float32, closed: float) -> Float32:
    out = points.copy()
    for upper, lower in ((37, 41), (38, 40), (43, 47), (44, 46)):
        meet = 0.2 * points[upper] + 0.8 * points[lower]
        out[upper] += 0.85 * closed * (meet - points[upper])
        out[lower] += 0.85 * closed * (meet - points[lower])
    return out


def _drop_jaw(points: Float32, drop: float) -> Float32:
    """Let chin and lower lip down by ``drop`` and pull the corners of the mouth in: a yawn."""
    out = points.copy()
    side = np.abs(np.arange(17) - 8) / 8
    out[:17, 1] += drop * np.clip(1.2 - 1.6 * side, 0, 1)
    out[[55, 56, 57, 58, 59, 65, 66, 67], 1] += drop
    corners = [48, 54, 60, 64]
    out[corners, 1] += 0.4 * drop
    middle = points[corners, 0].mean()
    lips = slice(48, 68)
    out[lips, 0] += 1.5 * drop * (middle - out[lips, 0])
    return out
