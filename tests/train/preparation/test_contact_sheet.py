import numpy as np
import pytest

from landmarks.schemes import IBUG68
from train.preparation.contact_sheet import LEFT, RIGHT, draw_contact_sheet
from train.preparation.prepared import PreparedData, PreparedInfo

SIZE = 256


@pytest.fixture
def prepared(face68):
    def make(n, labelled=True):
        info = PreparedInfo(
            dataset="drawn",
            subset="all",
            scheme=IBUG68.name if labelled else None,
            n=n,
            size=SIZE,
            scale=1.7,
            names=tuple(map(str, range(n))),
            sha256="",
        )
        points = np.stack([face68 * 150 + 50] * n).astype(np.float32)
        crops = np.zeros((n, SIZE, SIZE, 3), np.uint8)
        return PreparedData(info, crops, points if labelled else np.zeros((0, 0, 2), np.float32))

    return make


@pytest.mark.parametrize(
    ("n", "rows", "columns"), [(1, 1, 1), (5, 1, 5), (9, 2, 8), (40, 5, 8), (300, 5, 8)]
)
def test_the_sheet_grows_to_forty_faces(prepared, n, rows, columns):
    assert draw_contact_sheet(prepared(n)).shape == (rows * SIZE, columns * SIZE, 3)


def test_prepared_crops_are_not_drawn_on(prepared):
    data = prepared(2)
    draw_contact_sheet(data)
    assert not data.crops.any()


def colour_at(sheet, point):
    x, y = np.rint(point).astype(int)
    return sheet[y, x].astype(int)


def test_left_and_right_have_their_colours(prepared):
    data = prepared(1)
    sheet = draw_contact_sheet(data)
    for index, colour in ((2, LEFT), (14, RIGHT)):
        assert np.abs(colour_at(sheet, data.points_crop[0][index]) - colour).max() < 60


def test_a_face_with_swapped_sides_shows_by_its_colours(prepared):
    data = prepared(3)
    data.points_crop[1] = data.points_crop[1][list(IBUG68.mirror)]
    sheet = draw_contact_sheet(data)
    tile = sheet[:, SIZE : 2 * SIZE]
    place = data.points_crop[0][2]  # on the left of the picture
    assert np.abs(colour_at(sheet, place) - LEFT).max() < 60
    assert np.abs(colour_at(tile, place) - RIGHT).max() < 60


def test_unlabelled_faces_show_the_canonical_box(prepared):
    data = prepared(1, labelled=False)
    sheet = draw_contact_sheet(data)
    box = data.info.box_crop
    assert sheet[SIZE // 2, round(box.x0)].any()
    assert sheet[round(box.y1), SIZE // 2].any()
    assert not sheet[SIZE // 2, SIZE // 2].any()
