"""Errors of predicted landmarks, each with its normaliser named.

NME is the mean point-to-point distance of a face divided by a length of that face; the figure of a
data set is the mean over its faces. Failure rate, CED and AUC follow PIPNet's ``test.py``
(failures above 10 %, AUC by Simpson's rule over 0 to 10 % in 1000 steps).
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from landmarks.boxes import tight_box
from landmarks.schemes import Scheme
from landmarks.types import Floats, check_points

Normaliser = Literal["inter-ocular", "inter-pupil", "box", "image"]
Frame = Literal["original", "resized-crop"]
FAILURE_THRESHOLD = 0.10
AUC_STEPS = 1000
STILL_SPEED = 1e-3  # pixels a second; slower is rounding, no motion
RESIZED_CROP_SCALE = 1.1  # PIPNet's preparation of 300W: 5 % of the tight box on each side


def normaliser_length(
    points_true: Floats,
    scheme: Scheme,
    normaliser: Normaliser,
    image_size: tuple[int, int] | None = None,
) -> float:
    """Return the length in pixels that the errors of one face are divided by.

    Args:
        points_true: float (n, 2).
        scheme: of the points.
        normaliser: ``"inter-ocular"`` (outer eye corners), ``"inter-pupil"``, ``"box"`` (geometric
            mean of the sides of the tight box) or ``"image"`` (the same of the image).
        image_size: (height, width), needed by ``"image"``.

    Raises:
        ValueError: unknown normaliser, missing data for it, or a length of zero.
    """
    check_points(points_true, scheme.n_points)
    if normaliser == "inter-ocular":
        a, b = (points_true[i] for i in scheme.eye_corners)
        length = float(np.linalg.norm(a - b))
    elif normaliser == "inter-pupil":
        if scheme.pupils is None:
            raise ValueError(f"scheme {scheme.name} has no pupils")
        a, b = (points_true[list(group)].mean(axis=0) for group in scheme.pupils)
        length = float(np.linalg.norm(a - b))
    elif normaliser == "box":
        length = float(np.sqrt(tight_box(points_true).area))
    elif normaliser == "image":
        if image_size is None:
            raise ValueError("the image normaliser needs image_size")
        length = float(np.sqrt(image_size[0] * image_size[1]))
    else:
        raise ValueError(f"normaliser must be one of {get_args(Normaliser)}, got {normaliser!r}")
    if not length > 0:
        raise ValueError(f"the {normaliser} length of this face is {length}")
    return length


def point_errors(points: Floats, points_true: Floats, length: float) -> Floats:
    """Return the distance of each point to the truth divided by ``length``, float64 (n,)."""
    if points.shape != points_true.shape:
        raise ValueError(f"shapes differ: {points.shape} against {points_true.shape}")
    difference = points.astype(np.float64) - points_true
    return np.asarray(np.sqrt((difference**2).sum(axis=-1)) / length)


def to_resized_crop(points: Floats, points_true: Floats) -> Floats:
    """Map points to the frame in which PIPNet and others measure, float64 (n, 2).

    Their test crops are the tight box of the labels, enlarged and resized to a square without
    keeping the aspect; lengths along x and y shrink differently, so that an NME is another number
    there than in original pixels. Their clamping to the picture and rounding of the labels are left
    out.

    Args:
        points: float (n, 2), pixels of the frame.
        points_true: float (n, 2), the labels that the crop is cut round.

    Returns:
        Points in sides of the crop, 0 to 1 across it.

    Raises:
        ValueError: the labels have no width or no height.
    """
    box = tight_box(points_true)
    if not (box.width > 0 and box.height > 0):
        raise ValueError(f"no crop can be cut round labels of {box.width} x {box.height} pixels")
    side = RESIZED_CROP_SCALE * np.array([box.width, box.height])
    return np.asarray((points - np.asarray(box.centre)) / side + 0.5, np.float64)


def nme(
    points: Floats,
    points_true: Floats,
    scheme: Scheme,
    normaliser: Normaliser = "inter-ocular",
    image_size: tuple[int, int] | None = None,
) -> float:
    """Return the normalised mean error of one face as a fraction (0.036 is 3.6 %)."""
    length = normaliser_length(points_true, scheme, normaliser, image_size)
    return float(point_errors(points, points_true, length).mean())


def region_nme(
    points: Floats,
    points_true: Floats,
    scheme: Scheme,
    normaliser: Normaliser = "inter-ocular",
    image_size: tuple[int, int] | None = None,
) -> dict[str, float]:
    """Return the NME of one face for each region of the scheme, as fractions."""
    length = normaliser_length(points_true, scheme, normaliser, image_size)
    errors = point_errors(points, points_true, length)
    return {name: float(errors[list(indices)].mean()) for name, indices in scheme.regions.items()}


def failure_rate(errors: Floats, threshold: float = FAILURE_THRESHOLD) -> float:
    """Return the share of faces whose NME (fractions, (faces,)) is above ``threshold``."""
    return float((_check_errors(errors) > threshold).mean())


def cumulative_error(errors: Floats, thresholds: Floats) -> Floats:
    """Return the CED: the share of faces with an NME up to each threshold, float64."""
    ordered = np.sort(_check_errors(errors))
    return np.searchsorted(ordered, thresholds, side="right") / len(ordered)


def area_under_curve(errors: Floats, threshold: float = FAILURE_THRESHOLD) -> float:
    """Return the area under the CED from 0 to ``threshold``, divided by it: 0 to 1."""
    share = cumulative_error(errors, np.linspace(0.0, threshold, AUC_STEPS + 1))
    simpson = np.ones(AUC_STEPS + 1)
    simpson[1:-1:2], simpson[2:-1:2] = 4.0, 2.0
    return float(simpson @ share / (3 * AUC_STEPS))


def jitter(points_over_time: Floats, length: float) -> float:
    """Return the jitter of the landmarks of a still face.

    Args:
        points_over_time: float (frames, n, 2) of a face that does not move, or whose known motion
            was taken out.
        length: pixels, to divide by (the face's inter-ocular distance).

    Returns:
        Root-mean-square distance of a point from its own mean over time, divided by ``length``.
    """
    check_points(points_over_time)
    deviation = points_over_time - points_over_time.mean(axis=0, keepdims=True)
    return float(np.sqrt((deviation**2).sum(axis=-1).mean()) / length)


def lag_s(points_over_time: Floats, true_over_time: Floats, times_s: Floats) -> float | None:
    """Return how long landmarks trail behind a moving face.

    Args:
        points_over_time: float (frames, n, 2).
        true_over_time: the same, where they should be.
        times_s: float (frames,), increasing.

    Returns:
        Seconds: the delay that explains most of the error by the true velocity (least squares),
        constant errors left out; None for a face that does not move.
    """
    velocity = np.gradient(true_over_time, times_s, axis=0)
    velocity -= velocity.mean(axis=0)
    error = points_over_time - true_over_time
    error = error - error.mean(axis=0)
    energy = float((velocity**2).sum())
    if energy < STILL_SPEED**2 * velocity.size:
        return None
    return -float((error * velocity).sum()) / energy


def pose_mae_deg(angles_deg: Floats, angles_true_deg: Floats) -> Floats:
    """Return the mean absolute error of yaw, pitch, roll; both (faces, 3), degrees, float64 (3,).

    Differences are taken on the circle: 179 and -179 degrees are 2 apart.
    """
    if angles_deg.shape != angles_true_deg.shape or angles_deg.shape[-1] != 3:
        raise ValueError(
            f"expected (faces, 3) twice, received {angles_deg.shape}, {angles_true_deg.shape}"
        )
    turn = (angles_deg - angles_true_deg + 180.0) % 360.0 - 180.0
    return np.asarray(np.abs(turn).mean(axis=0), np.float64)


def _check_errors(errors: Floats) -> Floats:
    errors = np.asarray(errors, np.float64)
    if errors.ndim != 1 or len(errors) == 0:
        raise ValueError(f"expected the errors of at least one face, received {errors.shape}")
    return errors
