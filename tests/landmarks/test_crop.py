import hashlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landmarks.boxes import Box
from landmarks.crop import crop_transform

angles = st.floats(-180, 180)
centres = st.tuples(st.floats(-500, 2500), st.floats(-500, 2500))


def noise(height=90, width=120, seed=7):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def smooth(height=200, width=240, seed=7):
    """Blurred noise in whole numbers, so that it is the same on every machine."""
    total = noise(height, width, seed).astype(np.int64)
    for axis in (0, 0, 0, 1, 1, 1):
        total = sum(np.roll(total, shift, axis) for shift in range(-2, 3)) // 5
    low, high = total.min(), total.max()
    return ((total - low) * 255 // (high - low)).astype(np.uint8)


def blob(height, width, centre, sigma):
    """A picture that is black but for a bright spot."""
    y, x = np.mgrid[:height, :width]
    distance = (x - centre[0]) ** 2 + (y - centre[1]) ** 2
    grey = np.rint(250 * np.exp(-distance / (2 * sigma**2))).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def centroid(image):
    weight = image[..., 0].astype(np.float64)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    return np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()


@given(centres, st.floats(2, 2000), angles, st.integers(16, 256), st.floats(0.8, 2))
def test_points_there_and_back_are_unchanged(centre, side, angle, size, scale):
    transform = crop_transform(
        Box.from_centre(centre, side), size=size, scale=scale, angle_deg=angle
    )
    points = np.random.default_rng(size).uniform(-1, 1, (5, 2)) * side + centre
    back = transform.to_frame(transform.to_crop(points))
    np.testing.assert_allclose(back, points, atol=max(side, 1000) * 2e-6)
    unit_back = transform.from_unit(transform.to_unit(points))
    np.testing.assert_allclose(unit_back, points, atol=max(side, 1000) * 4e-6)


@given(centres, st.floats(2, 2000), angles, st.integers(16, 256))
def test_middle_of_the_box_is_the_middle_of_the_crop(centre, side, angle, size):
    transform = crop_transform(Box.from_centre(centre, side), size=size, angle_deg=angle)
    np.testing.assert_allclose(transform.to_unit(np.array([centre])), [[0.5, 0.5]], atol=1e-3)


def test_unit_coordinates_run_from_edge_to_edge_of_the_crop():
    transform = crop_transform(Box(0, 0, 64, 64), size=64, scale=1)
    corners = transform.to_crop(transform.from_unit(np.array([[0.0, 0.0], [1.0, 1.0]])))
    np.testing.assert_allclose(corners, [[-0.5, -0.5], [63.5, 63.5]], atol=1e-4)
    assert transform.to_unit(corners).dtype == np.float32


def test_longer_side_of_the_box_times_the_scale_is_cut():
    transform = crop_transform(Box(0, 0, 40, 80), size=100, scale=1.25)
    assert transform.pixels_per_pixel == pytest.approx(1.0)


def test_turned_face_is_upright_in_the_crop():
    # a face that leans to the right of the screen by 30 degrees: chin below, turned with it
    angle = np.deg2rad(30)
    crown, chin = np.array([0, -20.0]), np.array([0, 20.0])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    frame = np.array([turn @ crown, turn @ chin]) + 50
    transform = crop_transform(Box.from_centre((50, 50), 40), size=64, angle_deg=30)
    top, bottom = transform.to_crop(frame)
    assert top[0] == pytest.approx(bottom[0], abs=1e-3)
    assert top[1] < bottom[1]


def test_batch_of_shapes_is_mapped_like_each_shape():
    transform = crop_transform(Box(10, 20, 60, 70), size=64, angle_deg=12)
    shapes = np.random.default_rng(1).uniform(0, 80, (4, 68, 2))
    batch = transform.to_crop(shapes)
    assert batch.dtype == np.float32
    for shape, mapped in zip(shapes, batch, strict=True):
        np.testing.assert_array_equal(transform.to_crop(shape), mapped)


@pytest.mark.parametrize("angle", [0.0, 25.0, -140.0])
@pytest.mark.parametrize("side", [20, 51.2, 80, 140, 300, 700], ids=lambda side: f"box_{side}")
def test_picture_and_points_go_the_same_way(side, angle):
    """Enlarged, unit size, shrunk, and shrunk so far that the frame is averaged first."""
    size, centre = 64, (411.3, 388.8)
    spot = np.array([centre[0] + 0.23 * side, centre[1] - 0.17 * side])
    transform = crop_transform(Box.from_centre(centre, side), size=size, angle_deg=angle)
    sigma = max(1.5, 2 / transform.pixels_per_pixel)
    crop = transform.cut(blob(800, 820, spot, sigma))
    expected = transform.to_crop(spot[None])[0]
    np.testing.assert_allclose(centroid(crop), expected, atol=0.3)


@pytest.mark.parametrize("side", [130, 600])
def test_downscaling_does_not_alias(side):
    checkerboard = np.zeros((800, 800, 3), np.uint8)
    checkerboard[::2, ::2] = checkerboard[1::2, 1::2] = 255
    crop = crop_transform(Box.from_centre((400, 400), side), size=64, scale=1).cut(checkerboard)
    assert abs(crop.astype(int) - 127).max() <= 3


def test_crop_at_unit_scale_copies_pixels():
    image = noise()
    crop = crop_transform(Box.from_centre((47.5, 41.5), 64), size=64, scale=1).cut(image)
    np.testing.assert_array_equal(crop, image[10:74, 16:80])


@pytest.mark.parametrize("side", [60, 400], ids=["unit", "averaged"])
def test_part_of_the_box_outside_the_frame_is_black(side):
    image = np.full((side, side, 3), 200, np.uint8)
    crop = crop_transform(Box.from_centre((0, side / 2), side), size=64, scale=1).cut(image)
    assert (crop[:, :30] == 0).all()
    assert (crop[2:-2, 34:] == 200).all()


@pytest.mark.parametrize("side", [60, 4000], ids=["unit", "averaged"])
@pytest.mark.parametrize("centre", [(-9000, 50), (9000, 50), (50, -9000), (50, 9000)])
def test_box_outside_the_frame_gives_a_black_crop(centre, side):
    image = np.full((100, 100, 3), 200, np.uint8)
    crop = crop_transform(Box.from_centre(centre, side), size=32).cut(image)
    assert crop.shape == (32, 32, 3)
    assert not crop.any()


def test_frame_of_one_pixel_can_be_cropped():
    image = np.full((1, 1, 3), 255, np.uint8)
    assert crop_transform(Box(-5, -5, 5, 5), size=16).cut(image).shape == (16, 16, 3)


def test_box_larger_than_the_frame_shows_the_frame_in_the_middle():
    image = np.full((50, 50, 3), 255, np.uint8)
    crop = crop_transform(Box.from_centre((24.5, 24.5), 400), size=64, scale=1).cut(image)
    assert crop[32, 32].tolist() == [255, 255, 255]
    assert crop[8, 8].tolist() == [0, 0, 0]
    np.testing.assert_allclose(centroid(crop), [31.5, 31.5], atol=0.3)


@pytest.mark.parametrize("side", [40, 180], ids=["unit", "averaged"])
@pytest.mark.parametrize(
    "view",
    [
        lambda image: image[:, ::-1],
        lambda image: image[::-1],
        lambda image: image[..., ::-1],
        lambda image: image.transpose(1, 0, 2),
        lambda image: image[::2, ::3],
    ],
    ids=["mirrored", "upside_down", "bgr", "transposed", "strided"],
)
def test_view_gives_the_same_crop_as_its_copy(view, side):
    image = view(smooth(360, 420))
    transform = crop_transform(Box.from_centre((90, 80), side), size=64, angle_deg=9)
    np.testing.assert_array_equal(transform.cut(image), transform.cut(image.copy(order="C")))


def test_read_only_frame_can_be_cropped_and_stays_as_it_was():
    image = noise()
    image.flags.writeable = False
    before = image.copy()
    crop_transform(Box(10, 10, 60, 60), size=32).cut(image)
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((40, 40, 3), np.float32),
        np.zeros((40, 40, 3), np.uint16),
        np.zeros((40, 40, 3), bool),
        np.zeros((40, 40), np.uint8),
        np.zeros((40, 40, 4), np.uint8),
        np.zeros((40, 40, 1), np.uint8),
        np.zeros((0, 40, 3), np.uint8),
    ],
    ids=["float", "16_bit", "bool", "grey", "alpha", "one_channel", "empty"],
)
def test_frame_that_is_no_rgb_uint8_is_refused(image):
    with pytest.raises(ValueError, match="RGB uint8"):
        crop_transform(Box(0, 0, 20, 20), size=16).cut(image)


@pytest.mark.parametrize(("box", "size"), [(Box(5, 5, 5, 5), 64), (Box(0, 0, 9, 9), 0)])
def test_box_or_crop_without_extent_is_refused(box, size):
    with pytest.raises(ValueError, match="positive"):
        crop_transform(box, size=size)


def test_box_and_crop_may_be_smaller_than_two_pixels():
    transform = crop_transform(Box.from_centre((5, 5), 0.5), size=1, scale=1)
    assert transform.pixels_per_pixel == pytest.approx(2)


@pytest.mark.parametrize(
    ("side", "angle", "digest"),
    [
        (70, 0.0, "ba03ac48a351927544f5994379b89eec9b2629252112e64c5dacc734ad846536"),
        (70, 20.0, "d18baed0bee96d90c106cf9046bf59aea57cf26843ef2f0671c111d8f3081ff9"),
        (190, -15.0, "2a202d18c97fe2b327f9c7fcdb9447992773569f214ec5bf8dbe6c9523fe1b33"),
    ],
    ids=["straight", "turned", "averaged"],
)
def test_pixels_of_the_crop_are_pinned(side, angle, digest):
    """Training, calibration and the device share these pixels; models depend on them.

    A change here means that every model must be trained again. An OpenCV that rounds otherwise
    fails here too, but not in ``test_crop_agrees_with_bilinear_interpolation``.
    """
    transform = crop_transform(Box.from_centre((118.3, 97.6), side), size=64, angle_deg=angle)
    crop = transform.cut(smooth())
    assert hashlib.sha256(crop.tobytes()).hexdigest() == digest, f"OpenCV {cv2.__version__}"


def test_crop_agrees_with_bilinear_interpolation():
    image = smooth()
    transform = crop_transform(Box.from_centre((118.3, 97.6), 40), size=64, angle_deg=20)
    crop = transform.cut(image).astype(float)
    rows, columns = np.mgrid[5:60:7, 5:60:7]
    frame = transform.to_frame(np.stack([columns.ravel(), rows.ravel()], axis=1))
    left = np.floor(frame).astype(int)
    fx, fy = (frame - left).T[..., None]
    x, y = left.T
    expected = (image[y, x] * (1 - fx) + image[y, x + 1] * fx) * (1 - fy) + (
        image[y + 1, x] * (1 - fx) + image[y + 1, x + 1] * fx
    ) * fy
    np.testing.assert_allclose(crop[rows.ravel(), columns.ravel()], expected, atol=1.5)


def test_a_crop_can_be_written_into_a_buffer(rng):
    image = rng.integers(0, 256, (120, 160, 3), dtype=np.uint8)
    buffer = np.zeros((64, 64, 3), np.uint8)
    for side in (40, 300):
        transform = crop_transform(Box.from_centre((70, 60), side), size=64)
        crop = transform.cut(image, out=buffer)
        assert np.shares_memory(crop, buffer)
        np.testing.assert_array_equal(buffer, transform.cut(image))


@pytest.mark.parametrize("angle_deg", [-170.0, -20.0, 0.0, 90.0])
def test_a_transform_knows_its_angle(angle_deg):
    transform = crop_transform(Box(10, 10, 50, 50), size=64, angle_deg=angle_deg)
    assert transform.angle_deg == pytest.approx(angle_deg)
