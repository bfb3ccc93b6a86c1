from dataclasses import replace

import numpy as np
import pytest

from train.datasets.frames import Seen, read_frames
from train.finder.scenes import eyes_roll_deg, make_scene
from train.settings.augmentation import PRESETS
from train.settings.finder import SceneConfig

SIZE = 96
PLAIN = SceneConfig(
    whole=0.0,
    mosaics=(),
    elsewhere=0.0,
    turn_deg=0.0,
    turn_wide=0.0,
    mirror=0.0,
    pixels=PRESETS["none"],
)


@pytest.fixture(scope="module")
def frames(frames_folder):
    return [(frame, frame.picture.read()) for frame in read_frames(frames_folder)]


def scene(frames, config, seed=0, first=1):
    return make_scene(
        first,
        np.random.default_rng(seed),
        frames=frames.__getitem__,
        others=np.arange(len(frames)),
        size=SIZE,
        config=config,
    )


def test_a_whole_frame_is_what_the_device_sees(frames):
    made = scene(frames, replace(PLAIN, whole=1.0))
    frame, picture = frames[1]
    zoom = SIZE / max(picture.shape[:2])
    assert (made.image[0] == 0).all(), "a wide frame leaves black above"
    sides = sorted([frame.boxes[0].width * zoom, frame.seen[0].box.width * zoom])
    np.testing.assert_allclose(sorted(made.faces[:, 2]), sides, rtol=1e-3)
    middle = (SIZE - 1) / 2 + (frame.boxes[0].centre[0] - (picture.shape[1] - 1) / 2) * zoom
    assert np.abs(made.faces[:, 0] - middle).min() < 0.01


def test_a_mirrored_scene_has_mirrored_faces(frames):
    config = replace(PLAIN, whole=1.0)
    plain, mirrored = scene(frames, config), scene(frames, replace(config, mirror=1.0))
    assert (mirrored.image == plain.image[:, ::-1]).all()
    np.testing.assert_allclose(mirrored.faces[:, 0], SIZE - 1 - plain.faces[:, 0], atol=1e-3)


@pytest.mark.parametrize("mosaics, pieces", [((1.0,), 4), ((0.0, 1.0), 9)])
def test_a_mosaic_has_a_face_in_most_pieces(frames, mosaics, pieces):
    counts = [len(scene(frames, replace(PLAIN, mosaics=mosaics), seed).faces) for seed in range(8)]
    assert np.mean(counts) > 0.6 * pieces


def test_the_colour_of_a_face_lies_where_its_box_is(frames):
    """Drawn faces are dots on a plain ground: inside a box there are edges, also when turned."""
    for seed in range(6):
        made = scene(frames, replace(PLAIN, turn_deg=20.0), seed)
        for x, y, side in made.faces:
            rows = slice(max(int(y - side / 3), 0), int(y + side / 3) + 1)
            columns = slice(max(int(x - side / 3), 0), int(x + side / 3) + 1)
            assert made.image[rows, columns].std() > 5


@pytest.mark.parametrize("seed", range(4))
def test_the_roll_of_a_face_turns_with_its_piece(frames, seed):
    """Eyes in the scene, found by their own transform, are turned as the scene says."""
    frame, picture = frames[1]
    known = replace(frame, seen=(Seen(frame.seen[0].box, 0.9, eyes_roll_deg(frame.labelled[0])),))
    config = replace(PLAIN, turn_wide=1.0, turn_wide_deg=150.0)
    made = scene([(known, picture)] * 2, config, seed)
    assert len(made.rolls_deg) == len(made.faces) > 0
    turns = made.rolls_deg - eyes_roll_deg(frame.labelled[0])
    np.testing.assert_allclose(turns - turns[0], 0, atol=0.1)
    mirrored = scene([(known, picture)] * 2, replace(config, mirror=1.0), seed)
    np.testing.assert_allclose(mirrored.rolls_deg, -made.rolls_deg, atol=0.1)


def test_a_roll_that_no_detector_said_is_unknown(frames):
    made = scene(frames, replace(PLAIN, whole=1.0))
    assert sorted(np.isfinite(made.rolls_deg)) == [False, True]


def test_a_piece_is_filled_by_its_frame(frames):
    """A frame larger than its piece leaves no black at the piece's edges."""
    large = replace(PLAIN, min_face_px=90.0, max_face=0.95)
    for seed in range(6):
        image = scene(frames, large, seed).image
        assert (image.reshape(-1, 3).max(axis=1) > 0).mean() > 0.95


def test_doubtful_faces_are_ignored(frames):
    frame, picture = frames[1]
    doubtful = replace(frame, seen=(Seen(frame.seen[0].box, 0.6),))
    made = scene([(doubtful, picture)] * 2, replace(PLAIN, whole=1.0))
    assert (len(made.faces), len(made.ignored)) == (1, 1)


def test_faces_too_small_to_teach_are_ignored(frames):
    made = scene(frames, replace(PLAIN, whole=1.0, ignored_px=90.0))
    assert (len(made.faces), len(made.ignored)) == (0, 2)


def test_the_same_seed_gives_the_same_scene(frames):
    config = SceneConfig()
    one, other = scene(frames, config, 7), scene(frames, config, 7)
    assert (one.image == other.image).all()
    assert (one.faces == other.faces).all()
    assert one.image.dtype == np.uint8
