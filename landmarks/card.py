"""The model card: what a model file is, what it needs, how it was made and what it scores.

A card travels inside the model file (``landmarks.model_file``), so that ``edge-run --model FILE``
needs no other flag. It is plain JSON with a ``schema_version``; a newer one is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from landmarks.card_check import Precision, check_fields
from landmarks.errors import ModelFileError
from landmarks.neighbours import Merge
from landmarks.shown import one_line, shown
from landmarks.types import Floats

SCHEMA_VERSION = 1
BOX_CONVENTION = "canonical-1"  # landmarks.boxes.face_box
Point = tuple[float, float]


@dataclass(frozen=True)
class PipHead:
    """A PIP head: see ``landmarks.decode.decode_pip``.

    Attributes:
        grid: cells along a side of the maps.
        k: neighbours of each landmark.
        mean_face: unit coordinates of the crop; decides the neighbours.
        merge: how votes are averaged.
        min_presence: 0 to 1, of an answer that a track may begin with; see
            ``train.evaluation.presence_threshold``.
    """

    grid: int
    k: int
    mean_face: tuple[Point, ...]
    merge: Merge = "exact"
    min_presence: float = 0.5
    kind: Literal["pip"] = "pip"

    @property
    def says_presence(self) -> bool:
        """Whether an answer tells a face from none, so that a track's end is noticed."""
        return True


@dataclass(frozen=True)
class RegressionHead:
    """A regression head: see ``landmarks.decode.decode_regression``.

    Attributes:
        mean_face: unit coordinates of the crop; answers are judged by it.
        scale: what differences from the origin were divided by, such as standard deviations.
        origin: unit coordinates that an output of 0 stands for; None for those of the mean face.
    """

    mean_face: tuple[Point, ...]
    scale: tuple[Point, ...]
    origin: tuple[Point, ...] | None = None
    kind: Literal["regression"] = "regression"

    @property
    def says_presence(self) -> bool:
        """As of a PIP head; this one answers with a face whatever it sees, and presence 1."""
        return False

    @property
    def min_presence(self) -> float:
        """As of a PIP head."""
        return 1.0

    @property
    def zero(self) -> tuple[Point, ...]:
        """Unit coordinates of the crop that an output of 0 stands for."""
        return self.mean_face if self.origin is None else self.origin


@dataclass(frozen=True)
class CentreHead:
    """A face finder's head: see ``landmarks.centres.decode_centres``.

    Attributes:
        stride: pixels of the input to a cell.
        min_score: 0 to 1, of the faces to report.
    """

    stride: int
    min_score: float
    kind: Literal["centres"] = "centres"


HEADS = {"pip": PipHead, "regression": RegressionHead, "centres": CentreHead}


@dataclass(frozen=True)
class ModelCard:
    """The contract that a model file carries.

    Attributes:
        name: short name, e.g. ``asmpip-144``.
        architecture: which network of ``train.models``.
        precision: of the file; ``dynamic``: int8 weights, ``int16x8``: int8 weights and int16
            activations.
        scheme: landmark scheme of the points; empty for a finder, which gives boxes.
        input_size: side of the RGB crop in pixels.
        crop_scale: side of the crop divided by the side of the canonical face box; for a finder, by
            the longer side of the frame.
        head: what the outputs mean.
        outputs: what each output tensor is, in the order of the file.
        training: data, their terms, configuration, figures of the run.
        quantization: method and calibration set of an INT8 file.
        accuracy: measured errors, each with data set, subset, n, normaliser and precision.
        parent_sha256: digest of the file that this one was made from.
        tools: versions of what wrote the file.
        git_revision: of the project that wrote the file.
    """

    name: str
    architecture: str
    precision: Precision
    scheme: str
    input_size: int
    crop_scale: float
    head: PipHead | RegressionHead | CentreHead
    outputs: tuple[str, ...]
    training: Mapping[str, Any]
    quantization: Mapping[str, Any] = field(default_factory=dict)
    accuracy: tuple[Mapping[str, Any], ...] = ()
    parent_sha256: str | None = None
    tools: Mapping[str, str] = field(default_factory=dict)
    git_revision: str = "unknown"
    box_convention: str = BOX_CONVENTION
    schema_version: int = SCHEMA_VERSION

    def to_dict(self) -> dict[str, Any]:
        """Return the card as plain JSON types."""
        plain = json.loads(json.dumps(asdict(self)))
        assert isinstance(plain, dict)
        return plain

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> ModelCard:
        """Build a card from plain JSON types.

        Raises:
            ModelFileError: a field is missing, unknown or not what it must be, or the card is of a
                newer schema or another box convention.
        """
        version = fields.get("schema_version")
        if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
            raise ModelFileError(
                f"model card of schema {shown(version)}, this version reads up to "
                f"{SCHEMA_VERSION}: upgrade edge-landmarks"
            )
        if unknown := sorted(set(fields) - cls.__dataclass_fields__.keys()):
            raise ModelFileError(
                f"model card with {one_line(', '.join(unknown)[:100])}, which this version does "
                "not know: upgrade edge-landmarks"
            )
        check_fields(fields)
        if (convention := fields.get("box_convention")) != BOX_CONVENTION:
            raise ModelFileError(
                f"model card of the box convention {shown(convention)}, expected {BOX_CONVENTION}: "
                "upgrade edge-landmarks"
            )
        head = dict(fields["head"])
        if head.get("origin") is None:
            head.pop("origin", None)
        for key in ("mean_face", "scale", "origin"):
            if key in head:
                head[key] = as_points(np.asarray(head[key]))
        values = {
            **fields,
            "head": HEADS[head["kind"]](**head),
            "outputs": tuple(fields["outputs"]),
            "accuracy": tuple(fields["accuracy"]),
        }
        return cls(**values)


def as_points(points: Floats) -> tuple[Point, ...]:
    """Return float (n, 2) as the tuples that a card holds, rounded to what JSON should show."""
    return tuple((round(float(x), 6), round(float(y), 6)) for x, y in points)
