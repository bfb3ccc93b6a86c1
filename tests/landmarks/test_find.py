import json

import numpy as np
import pytest

from landmarks.card import CentreHead, ModelCard
from landmarks.decode import OutputTensor
from landmarks.errors import ModelFileError
from landmarks.find import NetworkFinder, whole_frame
from landmarks.locate import Localizer

SIZE, STRIDE = 160, 8


@pytest.fixture
def card(make_card):
    return make_card(
        name="finder-160",
        architecture="finder",
        scheme="",
        input_size=SIZE,
        crop_scale=1.0,
        head=CentreHead(STRIDE, 0.5),
        outputs=("score", "offset", "side"),
    )


class BrightSpot:
    """A network that takes the brightest cell for a face as large as five cells."""

    def __init__(self, card):
        self.card = card
        self.crops = []

    def infer(self, crop):
        self.crops.append(crop)
        cells = crop.reshape(SIZE // STRIDE, STRIDE, SIZE // STRIDE, STRIDE, 3).mean((1, 3, 4))
        score = np.where(cells == cells.max(), 3.0, -9.0).astype(np.float32)[..., None]
        return {
            "score": OutputTensor(score),
            "offset": OutputTensor(np.zeros((*cells.shape, 2), np.float32)),
            "side": OutputTensor(np.full((*cells.shape, 1), np.log(5), np.float32)),
        }


@pytest.mark.parametrize("height, width", [(480, 640), (640, 480), (120, 160), (1080, 1920)])
def test_boxes_are_given_in_pixels_of_the_frame(card, height, width):
    frame = np.zeros((height, width, 3), np.uint8)
    zoom = max(height, width) / SIZE
    x, y = int(0.7 * width), int(0.4 * height)
    reach = int(STRIDE * zoom)
    frame[y - reach : y + reach, x - reach : x + reach] = 255
    (found, *_) = NetworkFinder.of(BrightSpot(card)).find(frame)
    assert np.abs(np.array(found.box.centre) - (x, y)).max() <= reach
    assert found.box.width == pytest.approx(5 * STRIDE * zoom, rel=1e-3)
    assert found.box.height == pytest.approx(found.box.width, rel=1e-3)


def test_the_whole_frame_is_seen_once_in_a_black_square(card):
    network = BrightSpot(card)
    NetworkFinder.of(network).find(np.full((120, 160, 3), 90, np.uint8))
    (crop,) = network.crops
    assert (crop[20:140] == 90).all()
    assert (crop[:20] == 0).all() and (crop[140:] == 0).all()


def test_the_square_round_a_frame_touches_its_outer_edges():
    box = whole_frame(np.zeros((480, 640, 3), np.uint8))
    assert (box.x0, box.x1, box.width) == (-0.5, 639.5, 640)
    assert (box.y0 + box.y1) / 2 == 239.5


def test_a_card_of_a_finder_survives_json(card):
    assert ModelCard.from_dict(json.loads(json.dumps(card.to_dict()))) == card


def test_a_landmark_network_is_no_finder(make_card):
    with pytest.raises(ModelFileError, match="expected a finder"):
        NetworkFinder.of(BrightSpot(make_card()))


def test_a_finder_gives_no_landmarks(card):
    with pytest.raises(ModelFileError, match="finder-160 finds faces and gives no landmarks"):
        Localizer.of(BrightSpot(card))


def test_a_grey_frame_is_refused(card):
    with pytest.raises(ValueError, match="RGB uint8"):
        NetworkFinder.of(BrightSpot(card)).find(np.zeros((120, 160), np.uint8))
