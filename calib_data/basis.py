"""A whitened principal-component basis that packs into few bytes.

Coefficients are whitened: over the training set each has mean 0 and variance 1, and a component is
what one standard deviation adds. Components are stored as int8 with one step for the whole basis,
because a step counts in the same unit (grey levels, box sides) in every component: weak components
then hold tiny integers, which compress well, and no component is finer than it need be.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Basis:
    """A linear model of one kind of feature.

    Attributes:
        mean: float32 (n_features,), the mean feature vector.
        components: int8 (n_components, n_features), in units of `step`.
        step: features per unit of `components`.
    """

    mean: Float32
    components: NDArray[np.int8]
    step: float

    @property
    def n_components(self) -> int:
        """Number of coefficients."""
        return int(self.components.shape[0])

    def synthesize(self, coefficients: Float32) -> Float32:
        """Turn whitened coefficients (n_components,) into features float32 (n_features,)."""
        weights = np.asarray(coefficients, np.float32) * np.float32(self.step)
        return self.mean + weights @ self.components.astype(np.float32)


def fit_basis(features: Float32, n_components: int, step: float) -> tuple[Basis, Float32]:
    """Fit a basis by principal component analysis.

    Args:
        features: float32 (n_samples, n_features). It is centred in place to save memory.
        n_components: components to keep, at most.
        step: smallest difference kept; raised where a component would not fit into int8.

    Returns:
        The basis, and the training set's whitened coefficients float32 (n_samples, n_components).
    """
    mean = features.mean(0)
    features -= mean
    n_samples, n_features = features.shape
    # The smaller of the two Gram matrices has the same eigenvalues.
    wide = n_features > n_samples
    gram = features @ features.T if wide else features.T @ features
    values, vectors = np.linalg.eigh(gram)
    keep = np.argsort(values)[::-1][: min(n_components, len(values))]
    lengths = np.sqrt(np.maximum(values[keep], 1e-12))  # singular values
    if wide:
        directions = (vectors[:, keep].T @ features) / lengths[:, None]
    else:
        directions = vectors[:, keep].T
    sigma = lengths / np.sqrt(n_samples)
    coefficients = (features @ directions.T / sigma).astype(np.float32)
    scaled = directions * sigma[:, None]
    step = max(step, float(np.abs(scaled).max()) / 127)
    components = np.rint(scaled / step).astype(np.int8)
    return Basis(mean.astype(np.float32), components, step), coefficients
