import numpy as np
import pytest

from landmarks.errors import OutputExistsError, UsageError
from landmarks.faces import LabelledFace, PictureFile
from landmarks.score import FaceError, Score
from train.evaluation.ced import draw_ced, write_ced


@pytest.fixture
def make_score(tmp_path):
    """Make a score from the errors of its faces, fractions."""
    face = LabelledFace(PictureFile(tmp_path / "a.png"), np.zeros((68, 2), np.float32))

    def make(*errors):
        found = tuple(FaceError(face, face.points_frame, error, {}) for error in errors)
        return Score(found, (), "300w-68", "inter-ocular", "original")

    return make


def test_curve_is_the_share_of_faces_up_to_each_error(make_score):
    figure = draw_ced({"a": make_score(0.02, 0.04, 0.06, 0.2)}, title="drawn faces")
    (axes,) = figure.axes
    (line,) = axes.get_lines()
    error_percent, share_percent = line.get_data()
    assert (error_percent[0], error_percent[-1]) == (0, pytest.approx(10))
    at = {5: 50, 1: 0, 9: 75}
    for error, share in at.items():
        assert np.interp(error, error_percent, share_percent) == pytest.approx(share)
    assert axes.get_title() == "drawn faces"
    assert "inter-ocular" in axes.get_xlabel()


def test_each_model_has_a_curve_and_its_figures_in_the_legend(make_score):
    figure = draw_ced({"a.tflite": make_score(0.02, 0.04), "b.onnx": make_score(0.05, 0.15)})
    labels = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert labels[0].startswith("a.tflite: NME 3.00 %, AUC 0.7")
    assert labels[1].startswith("b.onnx: NME 10.00 %")
    assert labels[1].endswith("failures 50.0 %")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_picture_is_written_and_kept(make_score, tmp_path, suffix):
    path = tmp_path / f"ced{suffix}"
    write_ced(path, {"a": make_score(0.02)})
    assert path.stat().st_size > 1000
    with pytest.raises(OutputExistsError, match="--force"):
        write_ced(path, {"a": make_score(0.02)})
    write_ced(path, {"a": make_score(0.03)}, force=True)


def test_other_kinds_of_file_are_refused(make_score, tmp_path):
    with pytest.raises(UsageError, match=r"ced\.txt.*\.png"):
        write_ced(tmp_path / "ced.txt", {"a": make_score(0.02)})
