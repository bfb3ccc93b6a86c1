"""How far a training face is moved and changed; ``PRESETS`` names what papers do and what we do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AugmentConfig:
    """How far a training face is moved and changed; probabilities are per face.

    Attributes:
        turn: probability of an added roll.
        turn_deg: standard deviation of the roll that is added, in degrees.
        turn_limit_deg: largest roll that is added.
        turn_wide: share of the rolls that is uniform to the limit, not normal.
        zoom_in, zoom_out: the crop scale is divided by up to 1 + zoom_in, multiplied by up to
            1 + zoom_out, uniform in the logarithm.
        move: probability of a shift of the box.
        shift: largest shift of the box, as a share of its side.
        mirror: probability of a mirrored face.
        mirror_shift: how far to the right the points of a mirrored face are moved, as a share of
            the box's side. A data set whose labels lie to one side teaches the opposite with
            mirrored faces, and a network learns the mean; 0.0104 for 300W (docs/experiments.md).
        light: spread of gain and gamma (log scale) and of the offset (share of full scale).
        colour: spread of the gain of single channels (log scale).
        grey, blur, noise, occlusion, shrink, salt: probabilities of each change.
        blur_sigma: largest deviation of the blur in pixels of an input of 256.
    """

    turn: float = 1.0
    turn_deg: float = 10.0
    turn_limit_deg: float = 50.0
    turn_wide: float = 0.15
    zoom_in: float = 0.12
    zoom_out: float = 0.12
    move: float = 1.0
    shift: float = 0.06
    mirror: float = 0.5
    mirror_shift: float = 0.0
    light: float = 0.3
    colour: float = 0.12
    grey: float = 0.12
    blur: float = 0.2
    blur_sigma: float = 3.6
    noise: float = 0.2
    occlusion: float = 0.25
    shrink: float = 0.15
    salt: float = 0.0


_NOTHING = AugmentConfig(
    turn=0.0,
    zoom_in=0.0,
    zoom_out=0.0,
    move=0.0,
    mirror=0.0,
    light=0.0,
    colour=0.0,
    grey=0.0,
    blur=0.0,
    noise=0.0,
    occlusion=0.0,
    shrink=0.0,
)


def _but(**changes: float) -> AugmentConfig:
    return AugmentConfig(**{**vars(_NOTHING), **changes})


PRESETS: dict[str, AugmentConfig] = {
    # Ours: the faces that a live camera and its face finder give. Boxes lie as far from the truth
    # as our finder's do: 0.03 to 0.04 of the side, 7 % in size (docs/experiments.md, E20). Rolls
    # are small, for a tracked face is cut out upright, but not when it is first found (E21).
    "live": AugmentConfig(),
    # PIPNet's published steps (released ``data_utils.py``). Its shift is up to 29 of 256 px, which
    # is 0.125 of a box at its crop scale of 1.1. What moves into view is the picture's own
    # surroundings here, and black there.
    "pipnet": _but(
        move=0.5,
        shift=0.125,
        occlusion=0.5,
        mirror=0.5,
        turn=0.5,
        turn_wide=1.0,
        turn_limit_deg=30.0,
        blur=0.3,
        blur_sigma=5.0,
        grey=0.2,
    ),
    # ASMNet's (released ``image_utility.py``): scale 0.8 to 1, 0.55 rad, salt and pepper on a
    # third. Its scale differs between x and y; here a face keeps its proportions.
    "asmnet": _but(turn=1.0, turn_wide=1.0, turn_limit_deg=31.5, zoom_out=0.25, salt=1 / 3),
    "none": _NOTHING,
}
