import csv

import numpy as np

from landmarks.faces import LabelledFace, PictureFile
from landmarks.score import FaceError, Score
from train.evaluation.face_errors import write_face_errors


def test_rows_are_worst_first_with_signed_pose_errors_round_the_circle(tmp_path):
    points = np.zeros((68, 2), np.float32)
    easy, hard, lost = (
        LabelledFace(PictureFile(tmp_path / f"{name}.png"), points, groups=("g", name))
        for name in ("easy", "hard", "lost")
    )
    pose = {
        "pose_deg": np.array([10, 5, 179], np.float32),
        "pose_true_deg": np.array([12.0, 5, -179]),
    }
    found = (
        FaceError(easy, easy.points_frame, 0.02, {"eyes": 0.01}),
        FaceError(hard, hard.points_frame, 0.2, {"eyes": 0.3}, **pose),
    )
    path = tmp_path / "errors.csv"
    write_face_errors(
        path, {"a.tflite": Score(found, (lost,), "300w-68", "inter-ocular", "original")}
    )
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["groups"] for row in rows] == ["g|hard", "g|easy", "g|lost"]
    assert [row["found"] for row in rows] == ["1", "1", "0"]
    assert [row["nme_percent"] for row in rows] == ["20.0000", "2.0000", ""]
    assert [row["eyes_nme_percent"] for row in rows] == ["30.0000", "1.0000", ""]
    assert [row["yaw_error_deg"] for row in rows] == ["-2.000", "", ""]
    assert [row["roll_error_deg"] for row in rows] == ["-2.000", "", ""]
