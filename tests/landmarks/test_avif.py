import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.avif import upright
from landmarks.pictures import read_picture


@pytest.fixture(scope="module")
def picture():
    """Wide, dark on the left, darker at the bottom."""
    x, y = np.meshgrid(np.linspace(40, 220, 96), np.linspace(0, 30, 64))
    return np.repeat((x - y)[..., None], 3, axis=2).astype(np.uint8)


def box(kind, content):
    return struct.pack(">I", 8 + len(content)) + kind + content


def avif_with(picture, *properties):
    """An AVIF of OpenCV's encoder whose picture gets further properties, as phones write them."""
    data = cv2.imencode(".avif", picture, [cv2.IMWRITE_AVIF_QUALITY, 95])[1].tobytes()
    ipco_at, ipma_at = data.index(b"ipco") - 4, data.index(b"ipma") - 4
    ipco = data[ipco_at:ipma_at]
    known = ipco.count(b"av1C") + ipco.count(b"ispe") + ipco.count(b"pixi") + ipco.count(b"colr")
    assert data[ipma_at + 8 : ipma_at + 12] == bytes(4)  # version 0, short indices
    count_at = ipma_at + 18
    end = ipma_at + struct.unpack(">I", data[ipma_at : ipma_at + 4])[0]
    more = bytes(0x80 | known + 1 + i for i in range(len(properties)))
    ipma = bytes([data[count_at] + len(more)]) + data[count_at + 1 : end] + more
    new_ipco = box(b"ipco", ipco[8:] + b"".join(properties))
    new_iprp = box(b"iprp", new_ipco + box(b"ipma", data[ipma_at + 8 : count_at] + ipma))
    iprp_at = data.index(b"iprp") - 4
    grown = len(new_iprp) - (end - iprp_at)
    meta_at = data.index(b"meta") - 4
    meta_size = struct.unpack(">I", data[meta_at : meta_at + 4])[0]
    head = bytearray(data[:iprp_at])
    head[meta_at : meta_at + 4] = struct.pack(">I", meta_size + grown)
    return bytes(head) + new_iprp + data[end:], grown


TURNS = {
    "as it is": ((), lambda p: p),
    "anti-clockwise": (((b"irot", 1),), lambda p: np.rot90(p)),
    "half": (((b"irot", 2),), lambda p: p[::-1, ::-1]),
    "clockwise": (((b"irot", 3),), lambda p: np.rot90(p, -1)),
    "left and right": (((b"imir", 1),), lambda p: p[:, ::-1]),
    "up and down": (((b"imir", 0),), lambda p: p[::-1]),
    "transposed": (((b"irot", 1), (b"imir", 0)), lambda p: p.transpose(1, 0, 2)),
}


@pytest.mark.parametrize("name", TURNS)
def test_turn_and_mirror_of_the_file_are_applied(picture, name):
    properties, expected = TURNS[name]
    data, _ = avif_with(picture, *(box(kind, bytes([value])) for kind, value in properties))
    np.testing.assert_array_equal(upright(picture, data), expected(picture))


def test_a_portrait_picture_is_read_upright(tmp_path, picture):
    pillow = pytest.importorskip("PIL.Image", reason="OpenCV writes no orientation")
    exif = pillow.Exif()
    exif[0x0112] = 6
    pillow.fromarray(picture).save(tmp_path / "a.avif", exif=exif, quality=95)
    back = read_picture(tmp_path / "a.avif").astype(int)
    assert np.abs(back - np.rot90(picture, -1)).mean() < 4


@given(data=st.data())
def test_a_damaged_file_is_left_as_it_is_decoded(data):
    picture = np.zeros((16, 16, 3), np.uint8)
    whole, _ = avif_with(picture, box(b"irot", b"\1"))
    damaged = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for _ in range(data.draw(st.integers(0, 8))):
        if damaged:
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at] = data.draw(st.integers(0, 255))
    assert upright(picture, bytes(damaged)).shape == (16, 16, 3)
