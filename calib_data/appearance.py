"""The appearance model: one joint Gaussian over face shape, layer outlines, colours and detail.

Each kind of feature has its own `Basis`; the whitened coefficients of all of them follow one
correlation matrix, so that a sampled open mouth comes with teeth, a turned face with its shading
and fair skin more often with fair hair. It holds statistics of 2012 training faces and no face.

Example:
    >>> model = load_model(SAMPLER_PATH)                         # doctest: +SKIP
    >>> head = model.draw(np.random.default_rng(7))              # doctest: +SKIP
    >>> model.shape(head).shape                                  # doctest: +SKIP
    (68, 2)
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from calib_data.basis import Basis, fit_basis
from calib_data.head_sampling import COLOUR_SIZE, OUTLINE_SIZE, collect_features
from calib_data.mesh import apply_affine, similarity
from calib_data.training_set import TrainingFace
from landmarks.errors import DatasetError
from landmarks.files import atomic_write
from landmarks.schemes import IBUG68, mirror_indices

Float32 = NDArray[np.float32]

KINDS = ("shape", "light", "skin", "hair", "clothes", "outline", "detail")
"""Kinds of features, in the order of the coefficients."""

_N_COMPONENTS = {
    "shape": 25, "light": 3, "skin": 30, "hair": 12, "clothes": 10, "outline": 40, "detail": 180,
}  # fmt: skip
_STEP = {
    "shape": 2e-4, "light": 1e-3, "skin": 0.3, "hair": 0.5, "clothes": 0.5, "outline": 0.002,
    "detail": 0.3,
}  # fmt: skip

_WEAKEST_DETAIL = 0.75  # share of the spread that the last detail component gets

_ONE_SIDED = 0.45  # share of the spread of one-sided hair and clothes on a face looking ahead
_RASTERS = {
    "outline": (4 * OUTLINE_SIZE, OUTLINE_SIZE),
    "hair": (COLOUR_SIZE, COLOUR_SIZE, 3),
    "clothes": (COLOUR_SIZE, COLOUR_SIZE, 3),
}


@dataclass(frozen=True)
class AppearanceModel:
    """A sampler of synthetic heads.

    Attributes:
        mean_shape: float32 (68, 2), head frame (unit: side of the face box, origin its centre).
        bases: one basis for each of `KINDS`.
        correlation: float32 (n, n), of the whitened coefficients of all kinds, in order.
        detail_noise: float32 (n_detail,), standard deviation of what the detail basis leaves out.
    """

    mean_shape: Float32
    bases: dict[str, Basis]
    correlation: Float32
    detail_noise: Float32

    def slices(self) -> dict[str, slice]:
        """Return which coefficients belong to each kind."""
        out, start = {}, 0
        for kind in KINDS:
            stop = start + self.bases[kind].n_components
            out[kind], start = slice(start, stop), stop
        return out

    def draw(self, rng: np.random.Generator, spread: float = 0.85) -> Float32:
        """Draw the coefficients of one head.

        Args:
            rng: source of randomness.
            spread: standard deviations per training standard deviation; below 1 leaves out the
                rare corners, where a linear model makes faces that nobody could have.

        Returns:
            float32 (n,), whitened coefficients of all kinds.
        """
        factor = np.linalg.cholesky(self.correlation.astype(np.float64))
        drawn = spread * factor @ rng.standard_normal(len(factor))
        # The weakest detail components are closer to noise than to features of a face.
        detail = self.slices()["detail"]
        drawn[detail] *= np.linspace(1.0, _WEAKEST_DETAIL, detail.stop - detail.start)
        # One-sided hair belongs to turned heads; what does not follow from the shape is damped.
        shape = drawn[self.slices()["shape"]]
        expected = self.correlation[:, self.slices()["shape"]] @ shape
        damped = self._one_sided()
        drawn[damped] = expected[damped] + _ONE_SIDED * (drawn - expected)[damped]
        return np.asarray(np.clip(drawn, -2.6, 2.6), np.float32)

    def _one_sided(self) -> NDArray[np.bool_]:
        """Mark the coefficients of hair, clothes and outline that a mirror would turn round."""
        out = np.zeros(len(self.correlation), bool)
        for kind, raster in _RASTERS.items():
            components = self.bases[kind].components.astype(np.float32)
            mirrored = np.flip(components.reshape(-1, *raster), axis=2).reshape(components.shape)
            out[self.slices()[kind]] = (components * mirrored).sum(1) < 0
        return out

    def synthesize(self, coefficients: Float32, kind: str) -> Float32:
        """Return the features of one kind for the coefficients of a whole head."""
        return self.bases[kind].synthesize(coefficients[self.slices()[kind]])

    def shape(self, coefficients: Float32) -> Float32:
        """Return the face shape: float32 (68, 2), head frame."""
        return self.synthesize(coefficients, "shape").reshape(68, 2)

    def with_shape(self, coefficients: Float32, shape_coefficients: Float32) -> Float32:
        """Change a head's shape and let everything tied to shape follow (teeth, shading, outline).

        Args:
            coefficients: float32 (n,), a whole head.
            shape_coefficients: float32 (n_shape,), the new shape.

        Returns:
            float32 (n,), the same head with the new shape.
        """
        part = self.slices()["shape"]
        change = np.asarray(shape_coefficients, np.float32) - coefficients[part]
        # Whitened shape coefficients are uncorrelated, so the regression on them is this block.
        out = coefficients + self.correlation[:, part] @ change
        out[part] = shape_coefficients
        return out


def fit_model(
    faces: list[TrainingFace], *, progress: bool = False
) -> tuple[AppearanceModel, dict[str, Float32]]:
    """Fit the sampler on training faces and their mirror images.

    Args:
        faces: from `list_training_faces`.
        progress: show a progress bar on stderr.

    Returns:
        The model, and the whitened training coefficients of each kind (for checks, not to keep).
    """
    mean_shape, aligned = _align(np.stack([face.points_close for face in faces]))
    features = {"shape": aligned}
    shown = tqdm(faces, disable=not progress, unit="face")
    features.update(collect_features(shown, mean_shape, len(faces)))
    bases: dict[str, Basis] = {}
    coefficients: dict[str, Float32] = {}
    for kind in KINDS:
        table = features.pop(kind)
        bases[kind], coefficients[kind] = fit_basis(table, _N_COMPONENTS[kind], _STEP[kind])
        if kind == "detail":  # fit_basis has centred the table
            known = coefficients[kind] * np.float32(bases[kind].step)
            table -= known @ bases[kind].components.astype(np.float32)
            noise = table.std(0)
    joint = np.concatenate([coefficients[kind] for kind in KINDS], axis=1)
    correlation = (joint.T @ joint / len(joint)).astype(np.float32)
    correlation = 0.97 * correlation + 0.03 * np.eye(len(correlation), dtype=np.float32)
    return AppearanceModel(mean_shape, bases, correlation, noise), coefficients


def save_model(model: AppearanceModel, path: Path, *, force: bool = False) -> None:
    """Write the sampler as a compressed ``.npz``."""
    arrays: dict[str, Any] = {
        "mean_shape": model.mean_shape,
        "correlation": model.correlation.astype(np.float16),
        "detail_noise": model.detail_noise.astype(np.float16),
    }
    for kind, basis in model.bases.items():
        arrays[f"{kind}_mean"] = basis.mean.astype(np.float32 if kind == "shape" else np.float16)
        arrays[f"{kind}_components"] = basis.components
        arrays[f"{kind}_step"] = np.array(basis.step, np.float32)
    with atomic_write(path, force=force) as temporary:
        np.savez_compressed(temporary, **arrays)


def load_model(path: Path) -> AppearanceModel:
    """Read a sampler written by `save_model`.

    Raises:
        DatasetError: the file is missing or is no sampler.
    """
    try:
        # opened here, because NumPy leaves the file open if it is no archive
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        bases = {
            kind: Basis(
                arrays[f"{kind}_mean"].astype(np.float32),
                arrays[f"{kind}_components"],
                float(arrays[f"{kind}_step"]),
            )
            for kind in KINDS
        }
        correlation = arrays["correlation"].astype(np.float32)
        return AppearanceModel(
            arrays["mean_shape"],
            bases,
            (correlation + correlation.T) / 2,
            arrays["detail_noise"].astype(np.float32),
        )
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such sampler, make one with `calib_data fit`") from None
    except (KeyError, ValueError, EOFError, OSError, BadZipFile) as error:
        raise DatasetError(f"{path}: not a face sampler ({error})") from None


def _align(points: Float32) -> tuple[Float32, Float32]:
    """Align all faces and their mirror images to their symmetric mean (Procrustes)."""
    mirror = mirror_indices(IBUG68)
    mean = _in_box(points[0].astype(np.float64))
    for _ in range(5):
        aligned = np.stack([apply_affine(similarity(p, mean), p) for p in points])
        mean = aligned.mean(0)
        mean = _in_box((mean + mean[mirror] * [-1, 1]) / 2)
    aligned = np.stack([apply_affine(similarity(p, mean), p) for p in points])
    both = np.stack([aligned, aligned[:, mirror] * [-1, 1]], axis=1)
    return mean.astype(np.float32), both.reshape(-1, 136).astype(np.float32)


def _in_box(points: NDArray[np.float64]) -> NDArray[np.float64]:
    low, high = points.min(0), points.max(0)
    return np.asarray((points - (low + high) / 2) / (high - low).max())
