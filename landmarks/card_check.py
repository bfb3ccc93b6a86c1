"""Is a model card, as it was read, one that a network can be run by? The one check of its values.

A seal says that a card is as it was written, not that it makes sense: whoever writes a card can
seal it. So every value that something is computed from has its type and its limits here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Literal, get_args

from landmarks.errors import ModelFileError
from landmarks.neighbours import Merge
from landmarks.schemes import SCHEMES
from landmarks.shown import one_line, shown

MOST_PX = 4096  # side of an input; the largest of the papers has 256
MOST_CHARACTERS = 200  # of a name
MOST_OUTPUTS = 16
MOST_UNIT = 10.0  # a point of a mean face this far from the crop is none
Precision = Literal["float32", "float16", "dynamic", "int16x8", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
Check = Callable[[Any], bool]


def is_whole(low: int, high: int) -> Check:
    """Return a check for whole numbers; ``True`` is none."""
    return lambda value: type(value) is int and low <= value <= high


def is_number(low: float, high: float) -> Check:
    """Return a check for finite numbers."""
    return lambda value: (
        type(value) in (int, float) and low <= value <= high and isfinite(float(value))
    )


def is_name(value: Any) -> bool:
    """Say whether a value is text of one short line without control characters."""
    return isinstance(value, str) and len(value) <= MOST_CHARACTERS and one_line(value) == value


def is_points(value: Any) -> bool:
    """Say whether a value is a list of pairs of numbers that lie near the crop."""
    near = is_number(-MOST_UNIT, MOST_UNIT)
    return isinstance(value, list) and all(
        isinstance(point, list) and len(point) == 2 and all(map(near, point)) for point in value
    )


def _one_of(*choices: object) -> Check:
    return lambda value: isinstance(value, str) and value in choices


def _names(value: Any) -> bool:
    return isinstance(value, list) and 0 < len(value) <= MOST_OUTPUTS and all(map(is_name, value))


def _mappings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, Mapping) for item in value)


def _mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


# What each field must be, in words, and whether it is. A field that may be absent is not here.
_WORDS: dict[str, tuple[str, Check]] = {
    "name": ("a name", is_name),
    "architecture": ("a name", is_name),
    "precision": (f"one of {', '.join(PRECISIONS)}", _one_of(*PRECISIONS)),
    "scheme": ("a name", is_name),
    "input_size": (f"1 to {MOST_PX} pixels", is_whole(1, MOST_PX)),
    "crop_scale": ("0.1 to 10", is_number(0.1, 10)),
    "head": ("an object", _mapping),
    "outputs": (f"1 to {MOST_OUTPUTS} names", _names),
    "training": ("an object", _mapping),
    "quantization": ("an object", _mapping),
    "accuracy": ("a list of objects", _mappings),
    "parent_sha256": ("a name or null", lambda value: value is None or is_name(value)),
    "tools": (
        "an object of names",
        lambda value: _mapping(value) and all(map(is_name, value.values())),
    ),
    "git_revision": ("a name", is_name),
}
_HEADS: dict[str, dict[str, tuple[str, Check]]] = {
    "pip": {
        "grid": (f"1 to {MOST_PX} cells", is_whole(1, MOST_PX)),
        "k": ("0 or more neighbours, fewer than points", is_whole(0, 1000)),
        "mean_face": ("pairs of numbers", is_points),
        "merge": (f"one of {', '.join(get_args(Merge))}", _one_of(*get_args(Merge))),
        "min_presence": ("0 to 1", is_number(0, 1)),
    },
    "regression": {
        "mean_face": ("pairs of numbers", is_points),
        "scale": ("pairs of numbers", is_points),
        "origin": ("pairs of numbers or null", lambda value: value is None or is_points(value)),
    },
    "centres": {
        "stride": (f"1 to {MOST_PX} pixels", is_whole(1, MOST_PX)),
        "min_score": ("between 0 and 1", is_number(1e-6, 1 - 1e-6)),
    },
}
_MAY_BE_ABSENT = {"merge", "min_presence", "origin"}


def check_fields(fields: Mapping[str, Any]) -> None:
    """Check the fields of a card, as JSON has them, one by one and against each other.

    Raises:
        ModelFileError: a field is missing, or its value is not what it must be.
    """
    _check(fields, _WORDS, "")
    head = fields["head"]
    kind = head.get("kind")
    if not isinstance(kind, str) or kind not in _HEADS:
        raise ModelFileError(
            f"model card: head.kind is {shown(kind)}, expected one of {', '.join(_HEADS)}"
        )
    known = _HEADS[kind]
    if unknown := sorted(set(head) - set(known) - {"kind"}):
        raise ModelFileError(
            f"model card with head.{one_line(unknown[0])}, which this version does not know: "
            "upgrade edge-landmarks"
        )
    _check(head, known, "head.")
    if kind != "centres":
        _check_points(fields["scheme"], head)


def _check(table: Mapping[str, Any], words: dict[str, tuple[str, Check]], section: str) -> None:
    for name, (expected, good) in words.items():
        if name not in table:
            if name in _MAY_BE_ABSENT:
                continue
            raise ModelFileError(f"damaged model card: {section}{name} is missing")
        if not good(table[name]):
            raise ModelFileError(
                f"model card: {section}{name} is {shown(table[name])}, expected {expected}"
            )


def _check_points(scheme: str, head: Mapping[str, Any]) -> None:
    if scheme not in SCHEMES:
        raise ModelFileError(f"model card names the unknown landmark scheme {shown(scheme)}")
    n_points, mean_face = SCHEMES[scheme].n_points, head["mean_face"]
    for name, of in (("mean_face", "mean points"), ("scale", "scales"), ("origin", "origins")):
        points = head.get(name)
        if points is not None and len(points) != n_points:
            raise ModelFileError(f"model card: {len(points)} {of}, but {scheme} has {n_points}")
    if all(point == mean_face[0] for point in mean_face):
        raise ModelFileError(
            "model card: all points of the mean face are one, so no answer can be judged by it: "
            "train the network again with this version"
        )
    if head.get("k", 0) >= n_points:
        raise ModelFileError(
            f"model card: head.k is {head['k']}, expected 0 to {n_points - 1} neighbours"
        )
