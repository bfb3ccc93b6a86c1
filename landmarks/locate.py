"""From a frame and a face box to landmarks: the step that every package shares.

A ``Network`` is anything that turns a crop into output tensors and carries a card: a LiteRT or ONNX
Runtime session (``edge.runtime``) or a Keras model (``train.evaluation.evaluate``).

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
from typing import Literal, Protocol, TypeVar

import numpy as np

from landmarks.boxes import Box
from landmarks.card import CentreHead, ModelCard, PipHead, RegressionHead
from landmarks.crop import CropTransform, crop_transform
from landmarks.decode import DecodedFace, OutputTensor, decode_pip, decode_pose, decode_regression
from landmarks.errors import ModelFileError
from landmarks.neighbours import neighbour_table
from landmarks.types import Floats, Image

POSE_OUTPUT = "pose"  # its name in a card's outputs
Decoder = Callable[[Mapping[str, OutputTensor]], DecodedFace]
Step = Literal["crop", "infer", "decode"]
Lap = Callable[[Step], object]  # called at the end of each step, to time the steps apart
Answer = TypeVar("Answer")


class Network(Protocol):
    """A loaded network."""

    @property
    def card(self) -> ModelCard:
        """The contract of the file that was loaded."""
        ...

    def infer(self, crop: Image) -> Mapping[str, OutputTensor]:
        """Run the network on one RGB uint8 crop (size, size, 3); outputs by name."""
        ...


def untimed(step: Step) -> None:
    """Take no notice of the end of a step."""


def ask(
    network: Network,
    frame: Image,
    transform: CropTransform,
    read: Callable[[Mapping[str, OutputTensor], CropTransform], Answer],
    *,
    out: Image | None = None,
    lap: Lap = untimed,
) -> Answer:
    """Cut a crop from a frame, run a network on it and read its outputs.

    Args:
        network: the network.
        frame: RGB uint8 (height, width, 3).
        transform: to the crop that the network wants.
        read: turns the outputs into an answer in pixels of the frame.
        out: uint8 (size, size, 3) to write the crop to; a new one where None.
        lap: told of the end of each step.
    """
    crop = transform.cut(frame, out=out)
    lap("crop")
    outputs = network.infer(crop)
    lap("infer")
    answer = read(outputs, transform)
    lap("decode")
    return answer


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
        return cls(network, decoder_of(landmark_head(network.card)))

    def locate(
        self,
        frame: Image,
        box: Box,
        angle_deg: float = 0.0,
        *,
        out: Image | None = None,
        lap: Lap = untimed,
    ) -> LocatedFace:
        """Find the landmarks of the face in a canonical box of an RGB uint8 frame.

        Args:
            frame: RGB uint8.
            box: canonical face box; of a turned face, the box that it has when upright.
            angle_deg: roll of the face, degrees clockwise; the network sees it upright.
            out: see ``ask``.
            lap: see ``ask``.
        """
        transform = self.transform(box, angle_deg)
        return ask(self.network, frame, transform, self.read, out=out, lap=lap)

    def transform(self, box: Box, angle_deg: float = 0.0) -> CropTransform:
        """Return the transform to the crop that the network wants of a canonical box."""
        card = self.network.card
        return crop_transform(box, size=card.input_size, scale=card.crop_scale, angle_deg=angle_deg)

    def read(self, outputs: Mapping[str, OutputTensor], transform: CropTransform) -> LocatedFace:
        """Return what the network said of a crop, in pixels of the frame that it was cut from."""
        face = self.decode(outputs)
        pose_deg = face.pose_deg
        if pose_deg is not None and transform.angle_deg != 0:
            yaw, pitch, roll = pose_deg
            roll = (roll + transform.angle_deg + 180) % 360 - 180
            pose_deg = np.array([yaw, pitch, roll], np.float32)
        return LocatedFace(transform.from_unit(face.points_unit), face.presence, pose_deg)


def landmark_head(card: ModelCard) -> PipHead | RegressionHead:
    """Return the head of a network that gives landmarks.

    Raises:
        ModelFileError: it finds faces and gives no landmarks.
    """
    if isinstance(card.head, CentreHead):
        raise ModelFileError(
            f"{card.name} finds faces and gives no landmarks: expected a landmark model, such as "
            "asmpip-144"
        )
    return card.head


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
    if isinstance(head, PipHead):
        table = neighbour_table(np.asarray(head.mean_face, np.float32), head.k, head.merge)
        return lambda out: decode_pip(out["score"], out["offsets"], out.get("neighbours"), table)
    origin, scale = (np.asarray(values, np.float32) for values in (head.zero, head.scale))
    return lambda out: decode_regression(out["points"], origin, scale)
