"""Which point is which: the landmark schemes of the public data sets.

A ``Scheme`` gives the number of points, the permutation of a mirrored face, the outer eye corners
and pupils that errors are divided by, and the regions that errors are broken down by. "Left" is the
left of the picture.

Sources of the index tables: Sagonas et al. 2013 (300W), Wu et al. 2018 (WFLW), Burgos-Artizzu et
al. 2013 (COFW), Zhu et al. 2016 (AFLW-19), Liu et al. 2020 (LaPa); permutations as used by PIPNet
(IJCV 2021).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from landmarks.types import Floats, Ints, check_points


@dataclass(frozen=True)
class Scheme:
    """A landmark layout.

    Attributes:
        name: e.g. ``"300w-68"``.
        mirror: index of the point that each point becomes in a mirrored picture.
        eye_corners: indices of the outer corners of the left and the right eye.
        pupils: indices whose mean is the left and the right pupil; None where there are none.
        regions: indices of each named part of the face; together they are all points, once each.
    """

    name: str
    mirror: tuple[int, ...]
    eye_corners: tuple[int, int]
    pupils: tuple[tuple[int, ...], tuple[int, ...]] | None
    regions: Mapping[str, tuple[int, ...]] = field(hash=False)

    @property
    def n_points(self) -> int:
        """How many points a face has."""
        return len(self.mirror)

    @property
    def point_names(self) -> tuple[str, ...]:
        """A name for each point: its region and its place within it, e.g. ``eyes_0``."""
        names = [""] * self.n_points
        for region, indices in self.regions.items():
            for place, index in enumerate(indices):
                names[index] = f"{region}_{place}"
        return tuple(names)

    def mirrored(self, points: Floats, width: float) -> Floats:
        """Return the points of the mirrored picture.

        Args:
            points: float (..., n, 2) in a picture ``width`` pixels wide, pixel centres at integers.
            width: of the picture; for unit coordinates give 2 (x becomes 1 - x).

        Returns:
            float32 (..., n, 2), in the order of the scheme.
        """
        check_points(points, self.n_points)
        swapped = np.asarray(points, np.float32)[..., list(self.mirror), :].copy()
        swapped[..., 0] = (width - 1) - swapped[..., 0]
        return swapped


def _span(first: int, last: int) -> tuple[int, ...]:
    """Indices from first to last, both included, downwards where last is smaller."""
    step = 1 if last >= first else -1
    return tuple(range(first, last + step, step))


IBUG68 = Scheme(
    name="300w-68",
    mirror=(
        *_span(16, 0),
        *_span(26, 17),
        *_span(27, 30),
        *_span(35, 31),
        *(45, 44, 43, 42, 47, 46),
        *(39, 38, 37, 36, 41, 40),
        *_span(54, 48),
        *_span(59, 55),
        *_span(64, 60),
        *_span(67, 65),
    ),
    eye_corners=(36, 45),
    pupils=(_span(36, 41), _span(42, 47)),
    regions={
        "contour": _span(0, 16),
        "brows": _span(17, 26),
        "nose": _span(27, 35),
        "eyes": _span(36, 47),
        "mouth": _span(48, 67),
    },
)

WFLW98 = Scheme(
    name="wflw-98",
    mirror=(
        *_span(32, 0),
        *(46, 45, 44, 43, 42, 50, 49, 48, 47),
        *(37, 36, 35, 34, 33, 41, 40, 39, 38),
        *_span(51, 54),
        *_span(59, 55),
        *(72, 71, 70, 69, 68, 75, 74, 73),
        *(64, 63, 62, 61, 60, 67, 66, 65),
        *_span(82, 76),
        *_span(87, 83),
        *_span(92, 88),
        *_span(95, 93),
        *(97, 96),
    ),
    eye_corners=(60, 72),
    pupils=((96,), (97,)),
    regions={
        "contour": _span(0, 32),
        "brows": _span(33, 50),
        "nose": _span(51, 59),
        "eyes": (*_span(60, 75), 96, 97),
        "mouth": _span(76, 95),
    },
)

COFW29 = Scheme(
    name="cofw-29",
    mirror=(
        *(1, 0, 3, 2, 6, 7, 4, 5),
        *(9, 8, 11, 10, 14, 15, 12, 13, 17, 16),
        *(19, 18, 20, 21),
        *(23, 22, 24, 25, 26, 27, 28),
    ),
    eye_corners=(8, 9),
    pupils=((16,), (17,)),
    regions={
        "contour": (28,),
        "brows": _span(0, 7),
        "nose": _span(18, 21),
        "eyes": _span(8, 17),
        "mouth": _span(22, 27),
    },
)

AFLW19 = Scheme(
    name="aflw-19",
    mirror=(*_span(5, 0), *_span(11, 6), *_span(14, 12), *_span(17, 15), 18),
    eye_corners=(6, 11),
    pupils=((7,), (10,)),
    regions={
        "contour": (18,),
        "brows": _span(0, 5),
        "nose": _span(12, 14),
        "eyes": _span(6, 11),
        "mouth": _span(15, 17),
    },
)

LAPA106 = Scheme(
    name="lapa-106",
    mirror=(
        *_span(32, 0),
        *(46, 45, 44, 43, 42, 50, 49, 48, 47),
        *(37, 36, 35, 34, 33, 41, 40, 39, 38),
        *_span(51, 54),
        *_span(65, 55),
        *(79, 78, 77, 76, 75, 82, 81, 80, 83),
        *(70, 69, 68, 67, 66, 73, 72, 71, 74),
        *_span(90, 84),
        *_span(95, 91),
        *_span(100, 96),
        *_span(103, 101),
        *(105, 104),
    ),
    eye_corners=(66, 79),
    pupils=((104,), (105,)),
    regions={
        "contour": _span(0, 32),
        "brows": _span(33, 50),
        "nose": _span(51, 65),
        "eyes": (*_span(66, 83), 104, 105),
        "mouth": _span(84, 103),
    },
)

SCHEMES: Mapping[str, Scheme] = {
    scheme.name: scheme for scheme in (IBUG68, WFLW98, COFW29, AFLW19, LAPA106)
}


def _wflw_to_68_weights() -> Floats:
    """The 68 x 98 matrix of the conversion, one row a point of 300W-68.

    After PIPNet's cross-data evaluation, but with lid weights of 2/3 and 1/3: the released 0.666
    and 0.333 add up to 0.999 and pull every lid point towards the origin.
    """
    weights = np.zeros((2, 68, 98))  # one matrix for x, one for y: brows average in y alone
    copies = {
        **{i: 2 * i for i in range(17)},
        17: 33,
        **dict(zip(range(18, 26), (34, 35, 36, 37, 42, 43, 44, 45), strict=True)),
        26: 46,
        **{i: i + 24 for i in range(27, 36)},
        36: 60,
        39: 64,
        42: 68,
        45: 72,
        **{i: i + 28 for i in range(48, 68)},
    }
    for target, source in copies.items():
        weights[:, target, source] = 1.0
    lower_brow = {18: 41, 19: 40, 20: 39, 21: 38, 22: 50, 23: 49, 24: 48, 25: 47}
    for target, below in lower_brow.items():
        weights[1, target, copies[target]] = weights[1, target, below] = 0.5
    lids = {37: (61, 62), 38: (63, 62), 40: (65, 66), 41: (67, 66)}
    lids |= {43: (69, 70), 44: (71, 70), 46: (73, 74), 47: (75, 74)}
    for target, (near, middle) in lids.items():
        weights[:, target, near], weights[:, target, middle] = 2 / 3, 1 / 3
    return weights


def wflw98_to_68(points: Floats) -> Floats:
    """Convert WFLW points of shape (..., 98, 2) to 300W-68, float32 (..., 68, 2)."""
    check_points(points, 98)
    weights = _wflw_to_68_weights()
    return np.stack([points[..., axis] @ weights[axis].T for axis in (0, 1)], axis=-1).astype(
        np.float32
    )


def get_scheme(name: str) -> Scheme:
    """Return the scheme of that name.

    Raises:
        ValueError: there is no such scheme; the message lists them.
    """
    if name not in SCHEMES:
        raise ValueError(f"unknown landmark scheme {name!r}, expected one of {', '.join(SCHEMES)}")
    return SCHEMES[name]


def mirror_indices(scheme: Scheme) -> Ints:
    """Return the mirror permutation as an int64 array (n,)."""
    return np.asarray(scheme.mirror, np.int64)
