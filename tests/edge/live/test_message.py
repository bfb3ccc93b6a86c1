"""Messages of the page for pictures of any size."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.live.message import LONGEST_SIDE, View, frame_message
from edge.live.speed import Speed
from edge.stream import StageTimes


@pytest.mark.parametrize("width, height", [(65535, 1), (3000, 1), (1, 3000), (1, 1), (1921, 1081)])
def test_a_picture_of_any_size_becomes_a_jpeg_that_a_page_can_show(width, height):
    picture = np.full((height, width, 3), 90, np.uint8)
    view = View(0, (width, height), (), picture, 0, Speed(0.0, StageTimes(), None), 0)
    message = frame_message(view, now_ns=0, temperature_c=None)
    text_bytes = int.from_bytes(message[:4], "big")
    shown = cv2.imdecode(np.frombuffer(message[4 + text_bytes :], np.uint8), cv2.IMREAD_COLOR)
    assert max(shown.shape[:2]) == min(LONGEST_SIDE, max(width, height))
    assert min(shown.shape[:2]) >= 1
