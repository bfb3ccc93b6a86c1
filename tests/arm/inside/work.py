"""Work whose instructions are counted, between calls of ``os.getsid``: ``work.py MODEL``.

First single inferences of one crop, then, of a network whose faces are followed, frames of the
bundled clip: crop, inference, decoding and what the pipeline does between frames, without reading
the frame.
"""

import os
import sys
from itertools import islice
from pathlib import Path

import calib_data
from edge.camera.files import open_video
from edge.finder.haar import HaarFinder
from edge.pipeline import Pipeline
from edge.runtime import open_network
from landmarks.boxes import face_box
from landmarks.crop import crop_transform
from landmarks.faces import read_labelled_faces
from landmarks.locate import Localizer
from tests.arm.inside.counts import FRAMES, INFERENCES

WARM_UP = 3
data = Path(calib_data.__file__).parent
network = open_network(sys.argv[1], threads=1)

face = read_labelled_faces(data / "faces")[0]
transform = crop_transform(
    face_box(face.points_frame), size=network.card.input_size, scale=network.card.crop_scale
)
crop = transform.cut(face.picture.read())
for _ in range(WARM_UP):
    network.infer(crop)
for _ in range(INFERENCES):
    os.getsid(0)
    network.infer(crop)
os.getsid(0)

pipeline = Pipeline(HaarFinder(), Localizer.of(network))
if not pipeline.follows:
    sys.exit()
with open_video(data / "clip.mp4") as source:
    images = [frame.image for frame in islice(source.frames, WARM_UP + FRAMES)]
for image in images[:WARM_UP]:
    faces, _ = pipeline.process(image)
    assert len(faces) == 1, "the face of the clip is not followed"
for image in images[WARM_UP:]:
    os.getsid(0)
    pipeline.process(image)
os.getsid(0)
