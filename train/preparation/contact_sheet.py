"""A picture of prepared faces with their labels: a person sees at once whether they fit.

Points on the left of the picture are orange and those on the right blue, by the mirror permutation
of the scheme; points that are their own mirror image are white. So two sides that were swapped show
as swapped colours, and a wrong scheme as a scatter. Lines join consecutive points of a region. The
two outer eye corners, by which errors are divided, are ringed and numbered, and so are the first
point of each region; the number at the top is the face's place in the arrays. Unlabelled faces show
the canonical box, drawn also, thin, round labelled ones.
"""

from __future__ import annotations

import cv2
import numpy as np

from landmarks.schemes import Scheme, get_scheme
from landmarks.spread import evenly_spread
from landmarks.types import Floats, Image, Ints
from train.preparation.prepared import PreparedData

COLUMNS, ROWS = 8, 5
LEFT, RIGHT, MIDDLE = (255, 150, 40), (70, 170, 255), (255, 255, 255)  # RGB
BOX, TEXT = (80, 220, 100), (255, 255, 0)
ZOOM = 4  # drawn larger and shrunk: smooth lines at fractions of a pixel


def draw_contact_sheet(data: PreparedData, faces: int = COLUMNS * ROWS) -> Image:
    """Draw faces that are evenly spread over the prepared ones.

    Args:
        data: the prepared faces.
        faces: how many at most.

    Returns:
        RGB uint8, ``COLUMNS`` faces wide.
    """
    chosen = evenly_spread(data.info.n, faces)
    scheme = None if data.info.scheme is None else get_scheme(data.info.scheme)
    sides = None if scheme is None else _sides(data.points_crop[chosen], scheme)
    tiles = []
    for index in chosen:
        tile = np.array(data.crops[index])
        _draw_box(tile, data)
        if scheme is not None and sides is not None:
            tile = _draw_points(tile, data.points_crop[index], scheme, sides)
        cv2.putText(tile, str(index), (3, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.42, TEXT, 1, cv2.LINE_AA)
        tiles.append(tile)
    columns = min(COLUMNS, len(tiles))
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    return np.vstack(rows)


def _sides(points: Floats, scheme: Scheme) -> Ints:
    """Return -1, 0 or 1 for each point: whether most faces have it on the left or on the right."""
    mirror = np.array(scheme.mirror)
    x = np.median(points[..., 0], axis=0)
    return np.where(mirror == np.arange(len(mirror)), 0, np.sign(x - x[mirror])).astype(int)


def _draw_box(tile: Image, data: PreparedData) -> None:
    box = data.info.box_crop
    corners = [round(edge) for edge in (box.x0, box.y0, box.x1, box.y1)]
    cv2.rectangle(tile, tuple(corners[:2]), tuple(corners[2:]), BOX, 1)


def _draw_points(tile: Image, points: Floats, scheme: Scheme, sides: Ints) -> Image:
    large = cv2.resize(tile, None, fx=ZOOM, fy=ZOOM, interpolation=cv2.INTER_LINEAR)
    colours = {-1: LEFT, 0: MIDDLE, 1: RIGHT}
    # the centre of pixel p of the tile is at ZOOM * p + (ZOOM - 1) / 2 of the large one
    places = np.rint(np.asarray(points) * ZOOM + (ZOOM - 1) / 2).astype(int).tolist()
    numbered = {*scheme.eye_corners, *(indices[0] for indices in scheme.regions.values())}
    for indices in scheme.regions.values():
        for a, b in zip(indices, indices[1:], strict=False):
            if b - a == 1:
                cv2.line(large, places[a], places[b], colours[int(sides[b])], 2, cv2.LINE_AA)
    for i, (place, side) in enumerate(zip(places, sides, strict=True)):
        cv2.circle(large, place, 5, colours[int(side)], -1, cv2.LINE_AA)
        if i in scheme.eye_corners:
            cv2.circle(large, place, 12, TEXT, 2, cv2.LINE_AA)
        if i in numbered:
            corner = (place[0] + 10, place[1] - 10)
            cv2.putText(large, str(i), corner, cv2.FONT_HERSHEY_SIMPLEX, 1.1, TEXT, 2, cv2.LINE_AA)
    size = (tile.shape[1], tile.shape[0])
    return np.asarray(cv2.resize(large, size, interpolation=cv2.INTER_AREA), np.uint8)
