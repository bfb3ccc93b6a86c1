"""From a frame to face boxes with a network: what the device, training and quantization share.

The counterpart of ``landmarks.locate``. A finder looks at the whole frame in a square, cut by the
one warp; what the frame leaves of it stays black. So upright and wide pictures cost the same, and a
camera may be turned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from landmarks.boxes import Box
from landmarks.card import CentreHead
from landmarks.centres import decode_centres, merge_rows
from landmarks.crop import CropTransform, crop_transform
from landmarks.decode import OutputTensor
from landmarks.errors import ModelFileError
from landmarks.locate import Lap, Network, ask, untimed
from landmarks.types import Image, check_image


@dataclass(frozen=True)
class Detection:
    """A face that a finder saw.

    Attributes:
        box: canonical face box, pixels of the frame.
        score: how sure the finder is, 0 to 1; comparable within one finder only.
        roll_deg: how far the face is turned in the picture, clockwise on the screen; None where
            the finder does not say it.
    """

    box: Box
    score: float
    roll_deg: float | None = None

    def moved(self, dx: float, dy: float) -> Detection:
        """Return it in a frame whose origin lies elsewhere by so many pixels."""
        box = self.box
        return replace(self, box=Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy))

    def resized(self, zoom_x: float, zoom_y: float) -> Detection:
        """Return it in a frame that is resized."""
        return replace(self, box=self.box.resized(zoom_x, zoom_y))


@dataclass(frozen=True)
class NetworkFinder:
    """A finder network with its threshold; one caller at a time.

    Attributes:
        network: the network.
        min_score: 0 to 1, of the faces to report.
    """

    network: Network
    min_score: float

    @classmethod
    def of(cls, network: Network) -> NetworkFinder:
        """Prepare a network for use, with the threshold of its card.

        Raises:
            ModelFileError: it is no finder.
        """
        return cls(network, centre_head(network).min_score)

    def find(self, frame: Image, *, lap: Lap = untimed) -> tuple[Detection, ...]:
        """Return the faces of an RGB uint8 frame, surest first; ``lap``: see ``ask``."""
        check_image(frame)
        return ask(self.network, frame, self.transform(frame), self.read, lap=lap)

    def transform(self, frame: Image) -> CropTransform:
        """Return the transform to the square in which the network sees a whole frame."""
        card = self.network.card
        return crop_transform(whole_frame(frame), size=card.input_size, scale=card.crop_scale)

    def read(
        self, outputs: Mapping[str, OutputTensor], transform: CropTransform
    ) -> tuple[Detection, ...]:
        """Return what the network said of a frame, in its pixels, surest first."""
        found = decode_centres(
            outputs["score"],
            outputs["offset"],
            outputs["side"],
            outputs.get("roll"),
            stride=centre_head(self.network).stride,
            min_score=self.min_score,
        )
        corners = transform.to_frame(found.boxes.reshape(-1, 2, 2)).reshape(-1, 4)
        return tuple(
            Detection(Box(*box), score, roll_deg if isfinite(roll_deg) else None)
            for box, score, roll_deg in zip(
                corners.tolist(), found.scores.tolist(), found.rolls_deg.tolist(), strict=True
            )
            if np.isfinite(box).all()
        )


def merge_detections(detections: Sequence[Detection]) -> list[Detection]:
    """Join what several looks at a frame say of the same face, surest first.

    The rule is that of ``landmarks.centres``; the surest look decides score and roll.
    """
    found = sorted(detections, key=lambda detection: -detection.score)
    boxes = [(d.box.x0, d.box.y0, d.box.x1, d.box.y1) for d in found]
    scores = np.array([detection.score for detection in found], np.float32)
    rows, surest = merge_rows(np.array(boxes, np.float32).reshape(-1, 4), scores)
    return [
        replace(found[index], box=Box(*row))
        for row, index in zip(rows.tolist(), surest.tolist(), strict=True)
    ]


def whole_frame(frame: Image) -> Box:
    """Return the square round a frame, pixels of the frame."""
    height, width = frame.shape[:2]
    return Box.from_centre(((width - 1) / 2, (height - 1) / 2), float(max(height, width)))


def centre_head(network: Network) -> CentreHead:
    """Return how a finder's maps are read.

    Raises:
        ModelFileError: the network finds no faces.
    """
    head = network.card.head
    if not isinstance(head, CentreHead):
        raise ModelFileError(
            f"{network.card.name} gives landmarks of a face that was found, it finds none: "
            "expected a finder, such as the shipped one (--finder own)"
        )
    return head
