"""The active shape model: what shapes faces have, and how plausible a given one is.

ASMNet (CVPR-W 2021, section 3.2) smooths its targets with a PCA of the unaligned training shapes:
``fit_shape_model(shapes, percent)`` and ``ShapeModel.project``; on ``align``-ed shapes
``ShapeModel.distance`` says how unusual one is. The runtime has only the mean face of a model's
card: ``MeanFace.compare`` says how a shape is turned against it and how unlike it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, sqrt

import numpy as np
import numpy.typing as npt

from landmarks.types import Floats, check_points

CLAMP_SIGMAS = 3.0


@dataclass(frozen=True)
class ShapeModel:
    """A PCA of face shapes.

    Attributes:
        mean: float64 (n, 2).
        components: float64 (m, 2 n), orthonormal rows.
        variances: float64 (m,), variance of each component, largest first.
    """

    mean: Floats
    components: Floats
    variances: Floats

    def parameters(self, points: Floats) -> Floats:
        """Return the coordinates of shapes (..., n, 2) in the model, unclamped, (..., m)."""
        check_points(points, len(self.mean))
        offset = points.astype(np.float64) - self.mean
        return np.asarray(offset.reshape(*points.shape[:-2], -1) @ self.components.T)

    def project(self, points: Floats, clamp_sigmas: float = CLAMP_SIGMAS) -> Floats:
        """Return the closest shapes of the model to shapes (..., n, 2), float32 of that shape.

        Each parameter is clamped to +-``clamp_sigmas`` standard deviations.
        """
        limit = clamp_sigmas * np.sqrt(self.variances)
        return self.shape(np.clip(self.parameters(points), -limit, limit))

    def shape(self, parameters: Floats) -> Floats:
        """Return the shapes that have these parameters (..., m), float32 (..., n, 2)."""
        offset = (parameters @ self.components).reshape(*parameters.shape[:-1], *self.mean.shape)
        return (self.mean + offset).astype(np.float32)

    def distance(self, points: Floats) -> float:
        """Return the Mahalanobis distance per component: about 1 for an ordinary face."""
        if len(self.variances) == 0:
            raise ValueError("a model without components cannot judge a shape")
        return float(np.sqrt((self.parameters(points) ** 2 / self.variances).mean()))


@dataclass(frozen=True)
class Likeness:
    """How a shape compares with the mean face.

    Attributes:
        roll_deg: turn of the shape in the picture against the mean face, clockwise on the screen.
        residual: root-mean-square distance of its points to the mean face laid over them, divided
            by their root-mean-square distance from their centre: 0 (the mean face itself) to 1;
            1 for points that all coincide.
    """

    roll_deg: float
    residual: float


@dataclass(frozen=True)
class MeanFace:
    """An upright face that shapes are compared with.

    Attributes:
        places: complex128 (n,), x + iy about their centre; the sum of their squared sizes is 1.
    """

    places: npt.NDArray[np.complex128]

    @classmethod
    def of(cls, points: Floats) -> MeanFace:
        """Take an upright face, float (n, 2), any unit."""
        places = _centred(points)
        return cls(places / np.linalg.norm(places))

    def compare(self, points: Floats) -> Likeness:
        """Compare a finite shape (n, 2) by the similarity that lays the mean face over it best."""
        check_points(points, len(self.places))
        places = _centred(points)
        size = sqrt(np.vdot(places, places).real)
        if size == 0:
            return Likeness(0.0, 1.0)
        shared = complex(np.vdot(self.places, places)) / size  # modulus 1: the same shape
        return Likeness(
            degrees(atan2(shared.imag, shared.real)), sqrt(max(1 - abs(shared) ** 2, 0.0))
        )


def fit_shape_model(shapes: Floats, percent: float) -> ShapeModel:
    """Fit a model that explains ``percent`` of the variance of the shapes.

    Args:
        shapes: float (faces, n, 2), at least two.
        percent: 0 (the mean alone) to 100 (every component).

    Returns:
        The model with the fewest components that reach ``percent``; variances are unbiased
        (divided by faces - 1), as in the released ASMNet.
    """
    check_points(shapes)
    if shapes.ndim != 3 or len(shapes) < 2:
        raise ValueError(f"expected (faces, n, 2) with two faces or more, received {shapes.shape}")
    if not 0 <= percent <= 100:
        raise ValueError(f"percent must be 0 to 100, received {percent}")
    mean = shapes.astype(np.float64).mean(axis=0)
    centred = (shapes - mean).reshape(len(shapes), -1)
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    variances = singular**2 / (len(shapes) - 1)
    kept = variances > variances[0] * 1e-12  # directions that the data do not have
    variances, rows = variances[kept], rows[kept]
    share = np.cumsum(variances) / variances.sum() * 100
    if percent == 0:
        m = 0
    else:
        m = min(int(np.searchsorted(share, percent - 1e-9)) + 1, len(variances))
    return ShapeModel(mean, rows[:m], variances[:m])


def align(points: Floats, reference: Floats) -> Floats:
    """Move, turn and scale a shape (n, 2) onto a reference (n, 2), least squares, float32."""
    matrix = similarity(points, reference)
    return np.asarray(points @ matrix[:, :2].T + matrix[:, 2], np.float32)


def similarity(points: Floats, reference: Floats) -> Floats:
    """Return the similarity that lays a shape (n, 2) best over a reference (n, 2).

    The closed form for 2-D points (Umeyama 1991 without reflection), written with complex numbers.

    Returns:
        float64 (2, 3): reference = matrix[:, :2] @ point + matrix[:, 2], least squares.

    Raises:
        ValueError: the points all coincide, or there are not as many as in the reference.
    """
    check_points(points, len(reference))
    za, zb = _centred(points), _centred(reference)
    size = (np.abs(za) ** 2).sum()
    if size == 0:
        raise ValueError("cannot align a shape whose points all coincide")
    turn = complex((np.conj(za) * zb).sum() / size)
    linear = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
    shift = reference.mean(axis=0) - linear @ points.mean(axis=0)
    return np.column_stack([linear, shift])


def _centred(points: Floats) -> npt.NDArray[np.complex128]:
    """Return points (n, 2) about their centre as complex numbers x + iy."""
    places = np.ascontiguousarray(points, np.float64).view(np.complex128)[:, 0]
    return np.asarray(places - places.sum() / len(places), np.complex128)
