"""What a face does, in numbers: eyes, mouth, brows, which way the head is turned, how large it is.

Each is the published ratio of distances in a picture, told for the same face looking into the
camera: a turned head shows lengths foreshortened, and the fit of the canonical 3-D face
(``landmarks.pose``) says by how much. So a blink is a blink on a head that is turned by 30 degrees.

==================  ===============================================================================
``left_eye_open``   the eye aspect ratio, gap between the lids by width of the eye: Soukupova and
``right_eye_open``  Cech, "Real-time eye blink detection using facial landmarks", CVWW 2016. About
                    0.3 for an open eye, 0.1 for a closed one: lids have a thickness.
``mouth_open``      the same ratio of the inner lips, the mouth aspect ratio: Saurav et al.,
                    "Real-time yawn extraction for driver's drowsiness detection", 2021. 0 for
                    closed lips, 0.1 to 0.5 in speech, above that in a yawn.
``brow_raise``      how far the brows stand above their place on the canonical face, in units of
                    the outer eye corners' distance: action units 1 and 2 of Ekman and Friesen,
                    "Facial action coding system", 1978. Raised by 0.05 to 0.1; people at rest
                    differ by as much, so compare a face with itself.
``turned_deg``      angle between where the head points and the line to the camera, 0 to 180.
==================  ===============================================================================

"Left" is the left of the picture, as everywhere in the project.

Example:
    >>> from landmarks.pose import project_face
    >>> from landmarks.schemes import IBUG68
    >>> points = project_face((30.0, 0.0, 0.0), eye_distance_px=80, centre_px=(120, 100))
    >>> seen = measure_face(points, IBUG68)
    >>> round(seen.turned_deg), round(seen.eye_distance_px), round(seen.left_eye_open, 2)
    (30, 80, 0.32)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import acos, degrees, hypot

import numpy as np

from landmarks.canonical_face import canonical_face
from landmarks.cross_scheme import to_68
from landmarks.head_fit import Rotation, Row
from landmarks.pose import fit_head
from landmarks.schemes import IBUG68, Scheme
from landmarks.types import Floats, check_points

# Pairs of points of scheme 300w-68: (from, to).
_LEFT_LIDS, _LEFT_CORNERS = ((37, 41), (38, 40)), (36, 39)
_RIGHT_LIDS, _RIGHT_CORNERS = ((43, 47), (44, 46)), (42, 45)
_INNER_LIPS, _LIP_CORNERS = ((61, 67), (62, 66), (63, 65)), (60, 64)
_BROWS, _EYE_CORNERS = list(range(17, 27)), [36, 39, 42, 45]

# Where a gap opens to, in head axes (x right, y down, z away from the viewer), for 1 down. Lids
# slide over the eyeball. A jaw turns about its joint, so the lower lip goes back as it goes down:
# the direction is that of ICT-FaceKit's expression jawOpen.
_LIDS_OPEN: Row = (0.0, 1.0, 0.15)
_JAW_OPENS: Row = (0.0, 1.0, 0.58)
_UP: Row = (0.0, -1.0, 0.0)
_COARSE_UNITS = ("_px", "_deg")
_LEAST_SHARE = 0.2  # a length of which less is seen cannot be told from the points' own errors


@dataclass(frozen=True)
class FaceMeasures:
    """What a face does; see the module's text for each definition and its source.

    Attributes:
        left_eye_open, right_eye_open: eye aspect ratios.
        mouth_open: mouth aspect ratio.
        brow_raise: in units of the outer eye corners' distance, may be negative.
        turned_deg: 0 (into the camera) to 180.
        interocular_px: distance of the outer eye corners as the picture shows it.
        eye_distance_px: the same distance when the head looks into the camera; it falls with the
            distance to the camera and not with a turn.
    """

    left_eye_open: float
    right_eye_open: float
    mouth_open: float
    brow_raise: float
    turned_deg: float
    interocular_px: float
    eye_distance_px: float

    @property
    def eyes_open(self) -> float:
        """Mean of both eyes, the number that Soukupova and Cech follow: people blink with both."""
        return (self.left_eye_open + self.right_eye_open) / 2

    def to_dict(self) -> dict[str, float]:
        """Return the measures by name, rounded to what landmarks can tell."""
        return {
            name: round(value, 1 if name.endswith(_COARSE_UNITS) else 3)
            for name, value in asdict(self).items()
        }


def measure_face(points: Floats, scheme: Scheme) -> FaceMeasures:
    """Measure a face.

    Args:
        points: float (n, 2), pixels of any picture that keeps the aspect (frame or crop).
        scheme: of the points; 300w-68, or one that ``landmarks.cross_scheme`` takes to it.

    Raises:
        ValueError: another scheme, or points that are not finite, coincide or lie on a line.
    """
    head = fit_head(points, scheme)
    face = _SeenFace(np.asarray(to_68(points, scheme), np.float64), head.scale_px, head.rotation)
    eye_width_px = face.width_px(_LEFT_CORNERS, _RIGHT_CORNERS)
    lip_width_px = face.width_px(_LIP_CORNERS)
    first, last = IBUG68.eye_corners
    return FaceMeasures(
        left_eye_open=face.gap_px(_LEFT_LIDS, _LIDS_OPEN) / eye_width_px,
        right_eye_open=face.gap_px(_RIGHT_LIDS, _LIDS_OPEN) / eye_width_px,
        mouth_open=face.gap_px(_INNER_LIPS, _JAW_OPENS) / lip_width_px,
        brow_raise=face.brow_raise_px() / head.scale_px,
        turned_deg=degrees(acos(min(1.0, max(-1.0, head.rotation[2][2])))),
        interocular_px=face.distance_px(first, last),
        eye_distance_px=head.scale_px,
    )


def frame_shares(points_frame: Floats, width: int, height: int) -> Floats:
    """Return points as shares of the frame: 0 at its left and top edge, 1 at its right and bottom.

    Args:
        points_frame: float (..., n, 2), pixels of the frame, pixel centres at integers.
        width: of the frame, pixels.
        height: of the frame, pixels.

    Returns:
        float32 (..., n, 2); a point outside the frame is below 0 or above 1.
    """
    check_points(points_frame)
    return np.asarray((points_frame + 0.5) / (width, height), np.float32)


@dataclass(frozen=True)
class _SeenFace:
    """The 68 points of a picture, float64, with the fitted head that shows them."""

    points: Floats
    scale_px: float
    rotation: Rotation

    def distance_px(self, first: int, second: int) -> float:
        """Distance of two points in the picture."""
        return float(np.linalg.norm(self.points[second] - self.points[first]))

    def shown(self, direction: Sequence[float]) -> tuple[float, float]:
        """A direction of the head as the picture shows it."""
        right, down, _ = self.rotation
        return _dot(right, direction), _dot(down, direction)

    def gap_px(self, pairs: tuple[tuple[int, int], ...], opening: Row) -> float:
        """Mean distance of pairs, as it is when the head looks into the camera.

        Only what lies along the opening counts: lips or lids that pass each other are shut.
        """
        x, y = self.shown(opening)
        share = hypot(x, y)
        apart = np.mean([self.points[b] - self.points[a] for a, b in pairs], axis=0)
        along = float(apart @ (x, y)) / share
        return max(along, 0.0) / max(share, _LEAST_SHARE)

    def width_px(self, *pairs: tuple[int, int]) -> float:
        """The width that the pairs have in common, as it is when the head looks into the camera.

        Least squares over the pairs: of two eyes, the one that is seen at its full width says more.
        """
        face = canonical_face()
        seen = np.array([self.distance_px(a, b) for a, b in pairs])
        across = np.array([face[b] - face[a] for a, b in pairs])
        shares = np.array([hypot(*self.shown(row)) for row in across.tolist()])
        whole = np.hypot(across[:, 0], across[:, 1])
        shares = np.maximum(shares / whole, _LEAST_SHARE)
        return float(seen @ shares / (shares @ shares))

    def brow_raise_px(self) -> float:
        """How far the brows stand above their place on the canonical face, seen from the eyes."""
        face = canonical_face()
        usual = face[_BROWS].mean(axis=0) - face[_EYE_CORNERS].mean(axis=0)
        expected = self.scale_px * np.array(self.shown(usual.tolist()))
        seen = self.points[_BROWS].mean(axis=0) - self.points[_EYE_CORNERS].mean(axis=0)
        x, y = self.shown(_UP)
        return float((seen - expected) @ (x, y)) / max(x * x + y * y, _LEAST_SHARE**2)


def _dot(a: Row, b: Sequence[float]) -> float:
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
