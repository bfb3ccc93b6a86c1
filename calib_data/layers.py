"""Split a training head into layers: background, skin, hair, clothes.

A texture PCA over whole pictures smears hair and walls into fog, because their outlines differ from
head to head. So the outlines are modelled apart from the colours: each layer gets a signed distance
map (its outline, smooth, good for PCA) and a colour picture in which the other layers were filled
in from it. Rendering puts the layers together again with crisp edges.

Only fitting uses this module; it sees a head warped to the head frame (`calib_data.mesh`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from calib_data.mesh import HEAD_HALF

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]

_CLIP_DISTANCE = 0.30  # box sides: beyond it, a distance says nothing about the outline
_SKIN_LIMIT = 2.3  # Mahalanobis distance of a colour that still counts as skin


class Layer(IntEnum):
    """The four layers of a head picture."""

    BACKGROUND = 0
    SKIN = 1
    HAIR = 2
    CLOTHES = 3


@dataclass(frozen=True)
class HeadMasks:
    """Fixed regions of a head-frame raster, made once from the mean shape.

    Attributes:
        face: bool (size, size), inside jaw and brows.
        forehead: bool (size, size), the hull extended above the brows.
        across: float32 (size, size), x in box sides, 0 at the face's centre.
        height: float32 (size, size), y in box sides, 0 at the face's centre, down positive.
        bare: bool (size, size), where skin may be seen: head, ears and neck.
        trimap: uint8 (size, size), GrabCut's first guess.
    """

    face: NDArray[np.bool_]
    forehead: NDArray[np.bool_]
    across: Float32
    height: Float32
    bare: NDArray[np.bool_]
    trimap: UInt8


def head_masks(mean_shape: Float32, size: int) -> HeadMasks:
    """Draw the fixed regions for a square raster of the head frame, `size` pixels a side."""
    scale = size / (2 * HEAD_HALF)
    points = mean_shape * scale + (size - 1) / 2
    top = points[17:27].copy()
    top[:, 1] -= 0.22 * scale
    face = _filled(np.concatenate([points[:17], points[26:16:-1]]), size)
    forehead = _filled(np.concatenate([points[:17], top[::-1]]), size)
    y = ((np.arange(size, dtype=np.float32) - (size - 1) / 2) / scale)[:, None].repeat(size, 1)
    x = y.T
    head = (x / 0.78) ** 2 + ((y + 0.15) / 1.0) ** 2 < 1
    shoulders = (y > 0.45) & (np.abs(x) < 0.35 + 1.1 * np.maximum(y - 0.45, 0))
    bare = ((x / 0.62) ** 2 + ((y + 0.13) / 0.92) ** 2 < 1) | (
        (y > 0.3) & (y < 0.95) & (np.abs(x) < 0.33 + 0.25 * np.maximum(y - 0.6, 0))
    )
    trimap = np.full((size, size), cv2.GC_PR_BGD, np.uint8)
    trimap[head | shoulders] = cv2.GC_PR_FGD
    trimap[(y < -1.2) | ((np.abs(x) > 1.15) & (y < 0.5))] = cv2.GC_BGD
    trimap[cv2.erode(face.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0] = cv2.GC_FGD
    # Nearly every head has its hair (or a cap) here and its chest there; without these seeds
    # GrabCut learns the colours of the face alone and gives the rest away to the wall.
    trimap[(x / 0.52) ** 2 + ((y + 0.2) / 0.78) ** 2 < 1] = cv2.GC_FGD
    trimap[(y > 0.80) & (np.abs(x) < 0.35 + 0.9 * (y - 0.8))] = cv2.GC_FGD
    return HeadMasks(face, forehead, x, y, bare, trimap)


def segment(head: UInt8, masks: HeadMasks, trimap: UInt8 | None = None) -> UInt8:
    """Label every pixel of a head with its layer.

    Args:
        head: RGB uint8 (size, size, 3), head frame; the face at the centre.
        masks: regions for the same size.
        trimap: a better first guess for GrabCut than `masks.trimap`.

    Returns:
        uint8 (size, size): values of `Layer`.
    """
    guess = (masks.trimap if trimap is None else trimap).copy()
    empty = np.zeros((1, 65), np.float64)
    cv2.setRNGSeed(0)  # GrabCut starts from k-means; keep the fit reproducible
    no_box = (0, 0, 0, 0)  # the mask says it all
    cv2.grabCut(head, guess, no_box, empty, empty.copy(), 3, cv2.GC_INIT_WITH_MASK)
    person = (guess == cv2.GC_FGD) | (guess == cv2.GC_PR_FGD)
    person = cv2.medianBlur(person.astype(np.uint8), 5) > 0
    person |= masks.face

    lab = cv2.cvtColor(head, cv2.COLOR_RGB2LAB).astype(np.float32)
    distance = _skin_distance(lab, masks.face)
    looks_skin = cv2.GaussianBlur(distance, (0, 0), 1.2) < _SKIN_LIMIT
    skin = (person & looks_skin & masks.bare) | masks.face
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))
    closed = cv2.morphologyEx(skin.astype(np.uint8), cv2.MORPH_CLOSE, disc) > 0
    skin |= closed & person & masks.forehead  # highlights on a forehead are no hair
    other = person & ~skin
    # What is not skin is hair above the chin and beside the neck, as long as it has the hair's
    # colour; what is left are clothes.
    aside = np.abs(masks.across)
    hair_seed = other & (masks.height < 0.25) & (aside < 0.95)
    hair = hair_seed.copy()
    if hair_seed.sum() > 20:
        chest = other & (masks.height > 0.8)
        hair_colour = np.median(lab[hair_seed], axis=0)
        chest_colour = np.median(lab[chest], axis=0) if chest.any() else hair_colour
        to_hair = np.abs(lab - hair_colour).sum(2) + 12  # a tie goes to the clothes
        near = to_hair < np.abs(lab - chest_colour).sum(2)
        below = other & (masks.height >= 0.25) & (masks.height < 0.95)
        below &= (aside > 0.28) & (aside < 0.9)
        hair |= below & (cv2.GaussianBlur(near.astype(np.float32), (0, 0), 1.5) > 0.5)
    labels = np.full(person.shape, Layer.BACKGROUND, np.uint8)
    labels[other] = Layer.CLOTHES
    labels[hair] = Layer.HAIR
    labels[skin] = Layer.SKIN
    return np.asarray(cv2.medianBlur(labels, 3), np.uint8)


def outlines(labels: UInt8) -> Float32:
    """Turn labels into signed distances: float32 (4, size, size), box sides, positive inside."""
    scale = labels.shape[0] / (2 * HEAD_HALF)
    maps = []
    for layer in Layer:
        inside = (labels == layer).astype(np.uint8)
        distance = cv2.distanceTransform(inside, cv2.DIST_L2, 5) - cv2.distanceTransform(
            1 - inside, cv2.DIST_L2, 5
        )
        maps.append(np.clip(distance / scale, -_CLIP_DISTANCE, _CLIP_DISTANCE))
    return np.stack(maps).astype(np.float32)


def filled_colour(picture: Float32, known: NDArray[np.bool_], size: int) -> Float32 | None:
    """Average a layer's colour on a coarse raster and fill the rest from its surroundings.

    Args:
        picture: float32 (h, w, c).
        known: bool (h, w), where the layer is seen.
        size: side of the coarse raster.

    Returns:
        float32 (size, size, c), or None when the layer is hardly seen.
    """
    weight = known.astype(np.float32)
    if weight.sum() < 0.004 * weight.size:
        return None
    total = picture * weight[..., None]
    small = cv2.resize(total, (size, size), interpolation=cv2.INTER_AREA)
    seen = cv2.resize(weight, (size, size), interpolation=cv2.INTER_AREA)
    # Normalised convolution at growing widths: near pixels decide where there are any.
    out = small + 0
    mass = seen + 0
    for sigma in (1.0, 2.0, 4.0, 8.0, 16.0):
        share = 0.02 / sigma
        out = out + share * cv2.GaussianBlur(small, (0, 0), sigma).reshape(out.shape)
        mass = mass + share * cv2.GaussianBlur(seen, (0, 0), sigma)
    mean = total.sum((0, 1)) / weight.sum()
    out = out + 1e-5 * mean
    return np.asarray(out / (mass + 1e-5)[..., None], np.float32)


def _filled(polygon: Float32, size: int) -> NDArray[np.bool_]:
    mask = np.zeros((size, size), np.uint8)
    cv2.fillPoly(mask, [np.rint(polygon * 16).astype(np.int32)], 1, shift=4)
    return mask > 0


def _skin_distance(lab: Float32, face: NDArray[np.bool_]) -> Float32:
    """Mahalanobis distance of each colour to the colours of the face, robust to eyes and mouth."""
    colours = lab[face]
    centre = np.median(colours, axis=0)
    keep = np.abs(colours - centre).sum(1)
    colours = colours[keep <= np.quantile(keep, 0.75)]
    covariance = np.cov(colours.T) * 1.4 + np.diag([40.0, 8.0, 8.0])
    difference = lab - colours.mean(0)
    inverse = np.linalg.inv(covariance)
    squares = np.einsum("hwi,ij,hwj->hw", difference, inverse, difference)
    return np.asarray(np.sqrt(squares), np.float32)
