"""The published networks live: a file that `python -m quantize` made is all that edge-run needs."""

from __future__ import annotations

import json

import numpy as np
import pytest

from calib_data import CLIP_PATH, CLIP_TRUTH_PATH
from edge.run import main
from landmarks.metrics import nme
from landmarks.schemes import IBUG68
from train.baselines import baseline_names
from train.evaluation.model_table import files_of

SAYS_NO_PRESENCE = ["asmnet-224"]


@pytest.mark.parametrize("name", baseline_names())
def test_a_published_network_finds_the_face_of_every_frame(name, capsys):
    assert main(["--source", str(CLIP_PATH), "--model", str(files_of(name).int8)]) == 0
    printed = capsys.readouterr()
    assert ("no face is followed" in printed.err) == (name in SAYS_NO_PRESENCE)
    faces = [json.loads(line)["faces"] for line in printed.out.splitlines()]
    lines = CLIP_TRUTH_PATH.read_text().splitlines()
    truth = [json.loads(line)["faces"][0]["points"] for line in lines]
    assert {len(found) for found in faces} == {1}
    errors = [
        nme(np.float32(found[0]["points"]), np.float32(points), IBUG68)
        for found, points in zip(faces, truth, strict=True)
    ]
    assert np.mean(errors) < 0.1
