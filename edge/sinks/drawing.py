"""Faces drawn into a picture: lines or dots, id, box corners and where the nose points.

What is drawn is sized by the face, so that it can be seen in large pictures and does not cover
small faces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from edge.stream import Face
from landmarks.pose import pose_rotation
from landmarks.types import Floats, Image

Style = Literal["lines", "dots", "none"]
# Points that are joined, by the number of points: first, last, whether it is closed. The page of
# --live joins the same (edge/live/static/drawing.js).
_LINES: dict[int, tuple[tuple[int, int, bool], ...]] = {
    68: (
        *((0, 16, False), (17, 21, False), (22, 26, False), (27, 30, False), (31, 35, False)),
        *((36, 41, True), (42, 47, True), (48, 59, True), (60, 67, True)),
    ),
    98: (
        *((0, 32, False), (33, 41, True), (42, 50, True), (51, 54, False), (55, 59, False)),
        *((60, 67, True), (68, 75, True), (76, 87, True), (88, 95, True)),
    ),
}
_NOSE_TIP = {68: 30, 98: 54}
_COLOURS = (
    *((90, 214, 160), (122, 167, 255), (240, 182, 79)),
    *((229, 138, 214), (111, 211, 232), (195, 217, 90)),
)
_DARK, _LIGHT = (20, 20, 20), (255, 255, 255)
_AXES = ((235, 80, 70), (90, 200, 90), (80, 130, 255))  # to the face's left, down, out of the nose
_SUBPIXEL_BITS = 4
BLUR_SQUARES = 6  # along each side of a face; nobody is known by 36 colours


@dataclass(frozen=True)
class Look:
    """How faces are drawn.

    Attributes:
        style: of the landmarks; with ``"none"`` nothing is drawn at all.
        blur_faces: make the faces unrecognisable, below what is drawn.
    """

    style: Style = "lines"
    blur_faces: bool = False


def draw_faces(image: Image, faces: tuple[Face, ...], look: Look) -> Image:
    """Return a copy of an RGB image with its faces drawn; smoothed points where there are any."""
    canvas = image.copy()
    if look.blur_faces:
        for face in faces:
            _blur(canvas, face)
    if look.style != "none":
        for face in faces:
            _draw(canvas, face, look.style)
    return canvas


def _draw(canvas: Image, face: Face, style: Style) -> None:
    points = face.points_frame if face.points_smooth is None else face.points_smooth
    side = max(face.box.width, 1.0)
    thickness = max(1, round(side / 130))
    colour = _COLOURS[face.id % len(_COLOURS)]
    corners = _corners(face)
    lines = _lines(points) if style == "lines" else []
    for rgb, extra in ((_DARK, max(1, thickness // 2) * 2), (colour, 0)):
        for path in (*corners, *lines):
            _polyline(canvas, path, rgb, thickness + extra)
    radius = side / 110 if style == "dots" or not lines else side / 180
    for x, y in _fixed(points).tolist():
        size = int(max(1.0, radius) * (1 << _SUBPIXEL_BITS))
        cv2.circle(canvas, (x, y), size, _LIGHT, -1, cv2.LINE_AA, _SUBPIXEL_BITS)
    if face.pose_deg is not None:
        _draw_axes(canvas, points, face, thickness)
    _draw_id(canvas, face, colour, thickness)


def _lines(points: Floats) -> list[Floats]:
    spans = _LINES.get(len(points), ())
    return [
        np.concatenate([points[first : last + 1], points[first : first + 1]])
        if closed
        else points[first : last + 1]
        for first, last, closed in spans
    ]


def _corners(face: Face) -> list[Floats]:
    box, arm = face.box, face.box.width / 10
    places = (
        *((box.x0, box.y0, 1, 1), (box.x1, box.y0, -1, 1)),
        *((box.x1, box.y1, -1, -1), (box.x0, box.y1, 1, -1)),
    )
    return [
        np.array([[x + arm * right, y], [x, y], [x, y + arm * down]], np.float32)
        for x, y, right, down in places
    ]


def _draw_axes(canvas: Image, points: Floats, face: Face, thickness: int) -> None:
    """Draw the axes of the head from the tip of the nose, as they are seen from the front."""
    assert face.pose_deg is not None
    tip = _NOSE_TIP.get(len(points))
    start = points.mean(axis=0) if tip is None else points[tip]
    across, down, depth = pose_rotation(face.pose_deg).T[:, :2] * face.box.width / 3
    for axis, rgb in zip((across, down, -depth), _AXES, strict=True):
        _polyline(canvas, np.stack([start, start + axis]), rgb, thickness)


def _draw_id(canvas: Image, face: Face, colour: tuple[int, int, int], thickness: int) -> None:
    scale = max(0.4, face.box.width / 350)
    place = (round(face.box.x0), round(face.box.y0 - 4 * thickness))
    for rgb, width in ((_DARK, thickness + 2), (colour, thickness)):
        font = cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(canvas, str(face.id), place, font, scale, rgb, width, cv2.LINE_AA)


def _polyline(canvas: Image, path: Floats, rgb: tuple[int, int, int], thickness: int) -> None:
    cv2.polylines(canvas, [_fixed(path)], False, rgb, thickness, cv2.LINE_AA, _SUBPIXEL_BITS)


def _fixed(points: Floats) -> npt.NDArray[np.int32]:
    """Return points in OpenCV's fixed point; what is far outside is drawn at the 16-bit border."""
    limit = np.iinfo(np.int16).max
    rounded = np.rint(np.clip(points, -limit, limit) * (1 << _SUBPIXEL_BITS))
    return np.asarray(rounded, np.int32)


def _blur(canvas: Image, face: Face) -> None:
    """Replace the box of a face, a little enlarged, by a few large squares."""
    height, width = canvas.shape[:2]
    margin = 0.15 * face.box.width
    x0, y0 = (max(0, int(low - margin)) for low in (face.box.x0, face.box.y0))
    x1, y1 = min(width, int(face.box.x1 + margin)), min(height, int(face.box.y1 + margin))
    if x1 <= x0 or y1 <= y0:
        return
    few = cv2.resize(
        canvas[y0:y1, x0:x1], (BLUR_SQUARES, BLUR_SQUARES), interpolation=cv2.INTER_AREA
    )
    canvas[y0:y1, x0:x1] = cv2.resize(few, (x1 - x0, y1 - y0), interpolation=cv2.INTER_NEAREST)
