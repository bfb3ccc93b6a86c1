"""Faces without landmarks: what self-training learns from."""

from __future__ import annotations

from dataclasses import dataclass

from landmarks.boxes import Box
from landmarks.faces import Picture


@dataclass(frozen=True)
class UnlabelledFace:
    """One face of a data set without landmarks.

    Attributes:
        picture: the picture that shows it.
        box: canonical face box, pixels of the picture.
    """

    picture: Picture
    box: Box
