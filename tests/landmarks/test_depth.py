import cv2
import numpy as np
import pytest

from landmarks.depth import to_8_bits, used_bits
from landmarks.pictures import read_picture

RAMP = np.linspace(0, 1, 4096).reshape(64, 64)


@pytest.mark.parametrize("bits", [8, 10, 12, 14, 16])
def test_pixels_are_read_by_the_bits_that_they_use(bits):
    deep = (RAMP * (2**bits - 1)).astype(np.uint16)
    assert used_bits(deep) == bits
    assert np.abs(to_8_bits(deep).astype(float) - RAMP * 255).max() <= 1


def test_a_few_hot_pixels_do_not_make_a_picture_dark():
    deep = (RAMP * 4095).astype(np.uint16)
    deep[5, 5] = deep[40, 7] = 65535
    eight = to_8_bits(deep)
    assert eight[5, 5] == 255
    assert np.abs(eight.astype(float) - RAMP * 255)[:, 10:].max() <= 1


def test_a_black_picture_stays_black():
    assert not to_8_bits(np.full((8, 8, 3), 3, np.uint16)).max() > 3


@pytest.mark.parametrize("suffix", [".png", ".tif", ".pgm"])
def test_an_infrared_picture_of_12_bits_in_16_is_as_bright_as_it_was(tmp_path, suffix):
    path = str(tmp_path / f"infrared{suffix}")
    assert cv2.imwrite(path, (RAMP * 4095).astype(np.uint16))
    assert np.abs(read_picture(path)[..., 0].astype(float) - RAMP * 255).max() <= 1
