"""Faces of one landmark scheme measured with those of another: everything meets at 300W-68.

WFLW's 98 points hold the 68 of 300W, so that a network of 98 points can be judged on 68-point
labels and the other way round (the cross-data evaluation of PIPNet). The other schemes lack
points of the 68 and stay by themselves.
"""

from __future__ import annotations

from landmarks.schemes import IBUG68, SCHEMES, WFLW98, Scheme, wflw98_to_68
from landmarks.types import Floats, check_points


def has_68(scheme: Scheme) -> bool:
    """Say whether ``to_68`` can convert points of this scheme."""
    return scheme in (IBUG68, WFLW98)


def to_68(points: Floats, scheme: Scheme) -> Floats:
    """Convert points of shape (..., n, 2) to 300W-68, (..., 68, 2); those of 300W-68 as they are.

    Raises:
        ValueError: the scheme does not hold the 68 points, or ``points`` is not of that scheme.
    """
    check_points(points, scheme.n_points)
    if scheme == IBUG68:
        return points
    if scheme == WFLW98:
        return wflw98_to_68(points)
    raise ValueError(
        f"scheme {scheme.name} does not hold the 68 points of 300W, "
        f"expected {IBUG68.name} or {WFLW98.name}"
    )


def scheme_of_count(n_points: int) -> Scheme | None:
    """Return the scheme that has so many points, or None; the known schemes all differ in it."""
    return next((scheme for scheme in SCHEMES.values() if scheme.n_points == n_points), None)


def shared_scheme(a: Scheme, b: Scheme) -> Scheme | None:
    """Return the scheme in which points of ``a`` and ``b`` can be compared, or None."""
    if a == b:
        return a
    return IBUG68 if has_68(a) and has_68(b) else None
