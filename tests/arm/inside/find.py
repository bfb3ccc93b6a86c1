"""A finder whose instructions are counted, between calls of ``os.getsid``: ``find.py MODEL``.

Single passes over the first frame of the bundled clip, resizing and decoding included.
"""

import os
import sys
from pathlib import Path

import calib_data
from edge.camera.files import open_video
from edge.finder.own import open_own_finder
from tests.arm.inside.counts import INFERENCES

WARM_UP = 3
finder = open_own_finder(sys.argv[1], threads=1)
with open_video(Path(calib_data.__file__).parent / "clip.mp4") as source:
    image = next(iter(source.frames)).image
for _ in range(WARM_UP):
    assert finder.find(image), "the face of the clip is not found"
for _ in range(INFERENCES):
    os.getsid(0)
    finder.find(image)
os.getsid(0)
