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
                    "Facial action coding system", 1978. Raised by 0.05 to 0.1; people differ
                    by as much, so compare a face with itself.
``turned_deg``      angle between where the head points and the line to the camera, 0 to 180.
==================  ===============================================================================

On the labels of Helen's 330 test faces, which 300W gives, the medians are 0.295 for eyes, 0.09 for
mouths and -0.05 for brows, and four faces in five lie within 0.22 to 0.38, 0.00 to 0.25 and -0.10
to -0.01. Of the 37 that are turned by 30 degrees or more the median of the eyes is 0.298, and 0.344
by the plain ratio; of those turned by less than 15 degrees it is 0.289 and 0.287.

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

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from math import acos, degrees, hypot

import numpy as np

from landmarks.canonical_face import canonical_face
from landmarks.cross_scheme import to_68
from landmarks.head_fit import Rotation, Row
from landmarks.pose import fit_head
from landmarks.schemes import IBUG68, Scheme
from landmarks.types import Floats, check_points

# Everything is measured on differences of points of 300w-68: from the middle of the first ones to
# the middle of the second ones.
_DIFFERENCES: dict[str, tuple[Sequence[int], Sequence[int]]] = {
    "left lids": ((37, 38), (41, 40)),
    "right lids": ((43, 44), (47, 46)),
    "inner lips": ((61, 62, 63), (67, 66, 65)),
    "left eye": ((36,), (39,)),
    "right eye": ((42,), (45,)),
    "mouth": ((60,), (64,)),
    "brows": ((36, 39, 42, 45), range(17, 27)),
    "outer eye corners": ((36,), (45,)),
}

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
    face = _SeenFace.of(to_68(points, scheme), head.scale_px, head.rotation)
    eye_width_px = face.width_px("left eye", "right eye")
    return FaceMeasures(
        left_eye_open=face.gap_px("left lids", _LIDS_OPEN) / eye_width_px,
        right_eye_open=face.gap_px("right lids", _LIDS_OPEN) / eye_width_px,
        mouth_open=face.gap_px("inner lips", _JAW_OPENS) / face.width_px("mouth"),
        brow_raise=face.brow_raise_px() / head.scale_px,
        turned_deg=degrees(acos(min(1.0, max(-1.0, head.rotation[2][2])))),
        interocular_px=hypot(*face.seen_px["outer eye corners"]),
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
    """The differences of a picture's points, with the fitted head that shows them.

    In plain numbers, because NumPy needs longer to be called than they need to be computed.
    """

    seen_px: dict[str, tuple[float, float]]
    scale_px: float
    rotation: Rotation

    @classmethod
    def of(cls, points_68: Floats, scale_px: float, rotation: Rotation) -> _SeenFace:
        """Take the differences of points (68, 2)."""
        rows = (_weights() @ points_68).tolist()
        seen = {name: (x, y) for name, (x, y) in zip(_DIFFERENCES, rows, strict=True)}
        return cls(seen, scale_px, rotation)

    def shown(self, direction: Row) -> tuple[float, float]:
        """A direction of the head as the picture shows it."""
        right, down, _ = self.rotation
        return _dot(right, direction), _dot(down, direction)

    def gap_px(self, name: str, opening: Row) -> float:
        """A gap, as it is when the head looks into the camera.

        Only what lies along the opening counts: lips or lids that pass each other are shut.
        """
        x, y = self.shown(opening)
        share = hypot(x, y)
        along = _dot((x, y), self.seen_px[name]) / share
        return max(along, 0.0) / max(share, _LEAST_SHARE)

    def width_px(self, *names: str) -> float:
        """The width that differences have in common, as it is when the head looks ahead.

        Least squares over them: of two eyes, the one that is seen at its full width says more.
        """
        shares = []
        for name in names:
            across = _canonical()[name]
            share = hypot(*self.shown(across)) / hypot(*across[:2])
            shares.append(max(share, _LEAST_SHARE))
        seen = [hypot(*self.seen_px[name]) for name in names]
        return _dot(seen, shares) / _dot(shares, shares)

    def brow_raise_px(self) -> float:
        """How far the brows stand above their place on the canonical face, seen from the eyes."""
        usual_x, usual_y = self.shown(_canonical()["brows"])
        seen_x, seen_y = self.seen_px["brows"]
        over = seen_x - self.scale_px * usual_x, seen_y - self.scale_px * usual_y
        up = self.shown(_UP)
        return _dot(over, up) / max(_dot(up, up), _LEAST_SHARE**2)


@cache
def _weights() -> Floats:
    """The differences as weights of the points, float64 (differences, 68)."""
    weights = np.zeros((len(_DIFFERENCES), IBUG68.n_points))
    for row, (first, second) in zip(weights, _DIFFERENCES.values(), strict=True):
        row[list(first)] = -1 / len(first)
        row[list(second)] = 1 / len(second)
    return weights


@cache
def _canonical() -> dict[str, Row]:
    """The differences of the canonical face, in distances of its outer eye corners."""
    rows = (_weights() @ canonical_face()).tolist()
    return {name: (x, y, z) for name, (x, y, z) in zip(_DIFFERENCES, rows, strict=True)}


def _dot(a: Iterable[float], b: Iterable[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))
