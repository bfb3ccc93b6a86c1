from dataclasses import replace

import numpy as np
import pytest

from landmarks.boxes import face_box
from landmarks.schemes import IBUG68
from train.augmentation import augment, place
from train.settings.augmentation import PRESETS, AugmentConfig

SIZE = 128
NOTHING = PRESETS["none"]
GEOMETRY = replace(NOTHING, turn=1.0, zoom_in=0.17, zoom_out=0.17, move=1.0)


@pytest.fixture
def points_crop(face68):
    """The drawn face as it lies in a prepared crop of 256 px."""
    return ((face68 - 0.5) * 180 + 128).astype(np.float32)


@pytest.fixture
def crop(rng):
    coarse = rng.integers(0, 256, (16, 16, 3), np.uint8)
    return coarse.repeat(16, axis=0).repeat(16, axis=1)


def run(crop, points, config, seed=0):
    rng = np.random.default_rng(seed)
    return augment(crop, points, rng, size=SIZE, scale=1.25, scheme=IBUG68, config=config)


def spot(centre, sigma=3.0):
    y, x = np.mgrid[:256, :256]
    level = 250 * np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) / (2 * sigma**2))
    return np.repeat(np.rint(level).astype(np.uint8)[..., None], 3, axis=2)


def centroid(image):
    weight = image[..., 0].astype(float)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]]
    return np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()


def test_input_has_the_size_of_the_network(crop, points_crop):
    image, points = run(crop, points_crop, AugmentConfig())
    assert (image.shape, image.dtype) == ((SIZE, SIZE, 3), np.uint8)
    assert (points.shape, points.dtype) == ((68, 2), np.float32)


@pytest.mark.parametrize("seed", range(5))
def test_same_generator_gives_the_same_example(crop, points_crop, seed):
    one, other = (run(crop, points_crop, AugmentConfig(), seed) for _ in range(2))
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])


def test_other_generators_give_other_examples(crop, points_crop):
    images = {run(crop, points_crop, AugmentConfig(), seed)[0].tobytes() for seed in range(20)}
    assert len(images) == 20


def test_prepared_face_is_left_alone(crop, points_crop):
    before, points_before = crop.copy(), points_crop.copy()
    crop.flags.writeable = points_crop.flags.writeable = False
    for seed in range(30):
        run(crop, points_crop, AugmentConfig(), seed)
    np.testing.assert_array_equal(crop, before)
    np.testing.assert_array_equal(points_crop, points_before)


@pytest.mark.parametrize("landmark", [30, 39, 51, 54])
@pytest.mark.parametrize("seed", range(6))
def test_points_stay_attached_to_their_pixels(points_crop, landmark, seed):
    image, points = run(spot(points_crop[landmark]), points_crop, GEOMETRY, seed)
    np.testing.assert_allclose(centroid(image), points[landmark] * SIZE - 0.5, atol=0.3)


@pytest.mark.parametrize("landmark", [30, 39, 51, 54])
@pytest.mark.parametrize("seed", range(6))
def test_mirrored_points_stay_attached_and_change_names(points_crop, landmark, seed):
    config = replace(GEOMETRY, mirror=1)
    image, points = run(spot(points_crop[landmark]), points_crop, config, seed)
    expected = points[IBUG68.mirror[landmark]] * SIZE - 0.5
    np.testing.assert_allclose(centroid(image), expected, atol=0.3)


def test_mirror_flips_picture_and_points(crop, points_crop):
    image, points = run(crop, points_crop, NOTHING)
    mirrored, mirrored_points = run(crop, points_crop, replace(NOTHING, mirror=1))
    np.testing.assert_array_equal(mirrored, image[:, ::-1])
    np.testing.assert_allclose(mirrored_points, IBUG68.mirrored(points, width=2), atol=1e-6)


def test_labels_that_lie_to_one_side_lie_there_in_a_mirrored_face_too(crop, points_crop):
    side = face_box(points_crop).width
    biased = points_crop + np.float32([0.005 * side, 0])
    truth = run(crop, points_crop, replace(NOTHING, mirror=1))[1]
    mended = run(crop, biased, replace(NOTHING, mirror=1, mirror_shift=0.01))[1]
    # the box of biased labels moves with them, and the crop with the box
    np.testing.assert_allclose(mended - truth, [[0.01 / 1.25, 0]] * 68, atol=1e-5)
    np.testing.assert_array_equal(
        run(crop, biased, replace(NOTHING, mirror_shift=0.01))[1], run(crop, biased, NOTHING)[1]
    )


def test_face_without_changes_lies_in_the_middle(crop, points_crop):
    _, points = run(crop, points_crop, NOTHING)
    np.testing.assert_allclose((points.min(axis=0) + points.max(axis=0)) / 2, 0.5, atol=1e-5)
    assert np.ptp(points, axis=0).max() == pytest.approx(1 / 1.25, abs=1e-5)


@pytest.mark.parametrize(("zoom", "least", "most"), [("zoom_in", 1, 1.3), ("zoom_out", 1 / 1.3, 1)])
def test_zooming_in_enlarges_a_face_and_zooming_out_makes_it_smaller(
    crop, points_crop, zoom, least, most
):
    config = replace(NOTHING, **{zoom: 0.3})
    sides = [1.25 * face_box(run(crop, points_crop, config, seed)[1]).width for seed in range(60)]
    assert least <= min(sides) < least + 0.03
    assert most - 0.03 < max(sides) <= most


def test_roll_stays_within_its_limit(crop, points_crop):
    config = replace(NOTHING, turn=1.0, turn_deg=90, turn_limit_deg=20)
    for seed in range(20):
        points = run(crop, points_crop, config, seed)[1]
        across = points[45] - points[36]
        assert abs(np.rad2deg(np.arctan2(across[1], across[0]))) <= 20.1


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0.0), (0.25, 0.125), (1.0, 0.5)])
def test_a_share_of_the_rolls_reaches_the_limit(points_crop, share, expected):
    config = replace(NOTHING, turn=1.0, turn_deg=2.0, turn_limit_deg=40.0, turn_wide=share)
    rng = np.random.default_rng(7)
    rolls_deg = []
    for _ in range(800):
        placed = place(points_crop, rng, size=SIZE, scale=1.25, config=config)
        cos, sin = placed.transform.matrix[:, 0]
        rolls_deg.append(abs(np.rad2deg(np.arctan2(sin, cos))))
    assert max(rolls_deg) <= 40.1
    assert np.mean(np.array(rolls_deg) > 20) == pytest.approx(expected, abs=0.05)


def test_most_points_stay_inside_the_input(crop, points_crop):
    points = np.stack([run(crop, points_crop, AugmentConfig(), seed)[1] for seed in range(60)])
    assert ((points >= 0) & (points < 1)).all(axis=-1).mean() > 0.95


@pytest.mark.parametrize(
    "change",
    [
        {"light": 0.3},
        {"colour": 0.12},
        {"grey": 1},
        {"blur": 1},
        {"noise": 1},
        {"occlusion": 1},
        {"shrink": 1},
        {"salt": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_photometric_change_alters_pixels_and_no_point(crop, points_crop, change):
    plain, points = run(crop, points_crop, NOTHING)
    for seed in range(5):
        image, same_points = run(crop, points_crop, replace(NOTHING, **change), seed)
        assert (image != plain).mean() > 0.001
        np.testing.assert_array_equal(same_points, points)


def test_grey_input_has_three_equal_channels(crop, points_crop):
    image, _ = run(crop, points_crop, replace(NOTHING, grey=1))
    assert (image == image[..., :1]).all()


def test_no_change_keeps_every_level(crop, points_crop):
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 256, axis=0).repeat(3, axis=2)
    image, _ = run(ramp, points_crop, NOTHING)
    levels = image[64, :, 0].astype(int)
    assert (np.diff(levels) >= 0).all()
    centre = 127.5  # the middle of the prepared crop, which is the middle of the input
    assert levels[63:65].mean() == pytest.approx(centre, abs=1.5)


@pytest.mark.parametrize("name", PRESETS)
def test_placement_says_where_the_points_of_the_input_are(crop, points_crop, name):
    """The shape model sees the geometry of augmentation without its pixels."""
    config = PRESETS[name]
    placement = place(points_crop, np.random.default_rng(4), size=SIZE, scale=1.25, config=config)
    _, points = run(crop, points_crop, config, seed=4)
    np.testing.assert_array_equal(placement.points_unit(points_crop, IBUG68), points)


def test_steps_of_pipnet_happen_as_often_as_published(crop, points_crop):
    config, still = PRESETS["pipnet"], run(crop, points_crop, NOTHING)[1]
    turned, moved = [], []
    for seed in range(300):
        placement = place(
            points_crop, np.random.default_rng(seed), size=SIZE, scale=1.25, config=config
        )
        offset = placement.transform.to_unit(points_crop)[[36, 45]] - still[[36, 45]]
        turned.append(not np.allclose(offset[0], offset[1], atol=1e-4))
        middle = (points_crop.min(axis=0) + points_crop.max(axis=0)) / 2
        moved.append(np.abs(placement.transform.to_unit(middle[None]) - 0.5).max() > 1e-4)
    assert np.mean(turned) == pytest.approx(0.5, abs=0.1)
    assert np.mean(moved) == pytest.approx(0.5, abs=0.1)
