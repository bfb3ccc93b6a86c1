"""From a frame and a face box to landmarks: the step that every room shares.

A ``Network`` is anything that turns a crop into output tensors and carries a card: a LiteRT or ONNX
Runtime session (``edge.runtime``) or a Keras model (``train.evaluate``).

Example:
    >>> from edge.runtime import open_network
    >>> from landmarks.boxes import Box
    >>> from landmarks.pictures import read_picture
    >>> localizer = Localizer.of(open_network("default"))            # doctest: +SKIP
    >>> face = localizer.locate(read_picture("me.jpg"), Box(80, 60, 240, 220))  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from landmarks.boxes import Box
from landmarks.card import CentreHead, ModelCard, PipHead, RegressionHead
from landmarks.crop import crop_transform
from landmarks.decode import DecodedFace, OutputTensor, decode_pip, decode_pose, decode_regression
from landmarks.errors import ModelFileError
from landmarks.neighbours import neighbour_table
from landmarks.types import Floats, Image

POSE_OUTPUT = "pose"  # its name in a card's outputs
Decoder = Callable[[Mapping[str, OutputTensor]], DecodedFace]


class Network(Protocol):
    """A loaded network."""

    @property
    def card(self) -> ModelCard:
        """The contract of the file that was loaded."""
        ...

    def infer(self, crop: Image) -> Mapping[str, OutputTensor]:
        """Run the network on one RGB uint8 crop (size, size, 3); outputs by name."""
        ...


@dataclass(frozen=True)
class LocatedFace:
    """The landmarks of one face in a frame.

    Attributes:
        points_frame: float32 (n, 2), pixels of the frame; a point may lie outside it.
        presence: 0 to 1, how sure the network is that there is a face.
        pose_deg: float32 (3,), the network's own yaw, pitch, roll (signs: ``landmarks.pose``); None
            where it has no pose output.
    """

    points_frame: Floats
    presence: float
    pose_deg: Floats | None = None


@dataclass(frozen=True)
class Localizer:
    """A network with the decoder that its card asks for."""

    network: Network
    decode: Decoder

    @classmethod
    def of(cls, network: Network) -> Localizer:
        """Prepare a network for use.

        Raises:
            ModelFileError: it finds faces and gives no landmarks.
        """
        head = network.card.head
        if isinstance(head, CentreHead):
            raise ModelFileError(
                f"{network.card.name} finds faces and gives no landmarks: expected a landmark "
                "model, such as asmpip-128"
            )
        return cls(network, decoder_of(head))

    def locate(self, frame: Image, box: Box) -> LocatedFace:
        """Find the landmarks of the face in a canonical box of an RGB uint8 frame."""
        card = self.network.card
        transform = crop_transform(box, size=card.input_size, scale=card.crop_scale)
        face = self.decode(self.network.infer(transform.cut(frame)))
        # the crop is not turned against the frame, so the pose is the same in both
        return LocatedFace(transform.from_unit(face.points_unit), face.presence, face.pose_deg)


def decoder_of(head: PipHead | RegressionHead) -> Decoder:
    """Return the function that turns a network's outputs, by name, into a face."""
    decode_points = _points_decoder_of(head)

    def decode(out: Mapping[str, OutputTensor]) -> DecodedFace:
        face = decode_points(out)
        if POSE_OUTPUT not in out:
            return face
        return replace(face, pose_deg=decode_pose(out[POSE_OUTPUT]))

    return decode


def _points_decoder_of(head: PipHead | RegressionHead) -> Decoder:
    mean_face = np.asarray(head.mean_face, np.float32)
    if isinstance(head, PipHead):
        table = neighbour_table(mean_face, head.k, head.merge)
        return lambda out: decode_pip(out["score"], out["offsets"], out.get("neighbours"), table)
    scale = np.asarray(head.scale, np.float32)
    return lambda out: decode_regression(out["points"], mean_face, scale)
