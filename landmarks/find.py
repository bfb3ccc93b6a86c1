"""From a frame to face boxes with a network: what the device, training and quantization share.

The counterpart of ``landmarks.locate``. A finder looks at the whole frame in a square, cut by the
one warp; what the frame leaves of it stays black. So upright and wide pictures cost the same, and a
camera may be turned.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from landmarks.boxes import Box
from landmarks.card import CentreHead
from landmarks.centres import decode_centres
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
        score: how sure the finder is; comparable within one finder only.
    """

    box: Box
    score: float


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
        boxes, scores = decode_centres(
            outputs["score"],
            outputs["offset"],
            outputs["side"],
            stride=centre_head(self.network).stride,
            min_score=self.min_score,
        )
        corners = transform.to_frame(boxes.reshape(-1, 2, 2)).reshape(-1, 4)
        return tuple(
            Detection(Box(*box), score)
            for box, score in zip(corners.tolist(), scores.tolist(), strict=True)
            if np.isfinite(box).all()
        )


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
