import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from landmarks.errors import DatasetError, OutputExistsError
from landmarks.pts import read_pts, read_pts_lines, write_pts
from landmarks.shown import one_line

GOOD = "version: 1\nn_points:  2\n{\n1 1\n10.5 20.25\n}\n"


@pytest.fixture
def pts(tmp_path):
    def write(text):
        path = tmp_path / "face.pts"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def test_coordinates_are_counted_from_zero(pts):
    np.testing.assert_array_equal(read_pts(pts(GOOD)), [[0, 0], [9.5, 19.25]])
    assert read_pts(pts(GOOD)).dtype == np.float32


@settings(max_examples=20)
@given(arrays.arrays(np.float32, (5, 2), elements=st.floats(-50, 5000, width=32)))
def test_points_written_and_read_are_unchanged(tmp_path_factory, points):
    path = tmp_path_factory.mktemp("pts") / "face.pts"
    write_pts(path, points)
    np.testing.assert_allclose(read_pts(path), points, atol=1.1e-3)


def test_windows_line_ends_and_blanks_are_accepted(pts):
    text = GOOD.replace("\n", "\r\n").replace("1 1", "  1\t1  ")
    np.testing.assert_array_equal(read_pts(pts(text))[0], [0, 0])


def test_header_is_optional(pts):
    assert len(read_pts(pts("{\n1 2\n3 4\n}\n"))) == 2


@pytest.mark.parametrize("row", ["x y", "1", "1 2 3", "1;2", "1,2,3"])
def test_bad_line_is_reported_with_its_number(pts, row):
    with pytest.raises(DatasetError, match=r"face\.pts:5: expected 'x y'"):
        read_pts(pts(GOOD.replace("10.5 20.25", row)))


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_coordinate_that_is_no_number_is_refused(pts, value):
    with pytest.raises(DatasetError, match="not finite"):
        read_pts(pts(GOOD.replace("10.5", value)))


@pytest.mark.parametrize("declared", [1, 3, 68])
def test_count_that_does_not_match_the_header_is_refused(pts, declared):
    with pytest.raises(DatasetError, match=f"header says {declared} points, file holds 2"):
        read_pts(pts(GOOD.replace("n_points:  2", f"n_points: {declared}")))


@pytest.mark.parametrize("text", ["", "1 2\n3 4\n", "{\n1 2\n", "}\n1 2\n{\n"])
def test_file_without_braces_is_refused(pts, text):
    with pytest.raises(DatasetError):
        read_pts(pts(text))


def test_binary_file_is_refused(pts):
    with pytest.raises(DatasetError, match="binary"):
        read_pts(pts(b"\xff\xd8\xff\xe0\x00\x10JFIF"))


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no such .pts landmark file"):
        read_pts(tmp_path / "face.pts")


def test_existing_file_is_not_overwritten_without_force(pts, face68):
    path = pts(GOOD)
    with pytest.raises(OutputExistsError):
        write_pts(path, face68)
    assert path.read_text() == GOOD
    write_pts(path, face68, force=True)
    assert len(read_pts(path)) == 68


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace("{", " { ").replace("}", "}\t"),
        GOOD.replace("\n", "\n\n"),
        GOOD.replace("10.5 20.25", "10.5,20.25").replace("1 1", "1, 1"),
        "# von Müller\n" + GOOD,
    ],
    ids=["byte_order_mark", "blanks_at_braces", "blank_lines", "commas", "comment"],
)
def test_dialects_of_tools_and_re_uploads_are_read(pts, text):
    np.testing.assert_array_equal(read_pts(pts(text)), [[0, 0], [9.5, 19.25]])


def test_each_point_knows_its_line(pts):
    assert read_pts_lines(pts(GOOD.replace("1 1\n", "1 1\n\n")))[1] == (4, 6)


@given(st.text(max_size=30) | st.from_regex(r"\{\n([0-9.eE+-]{0,6}[ ,]?){0,6}\n\}"))
def test_no_exception_but_ours_leaves_a_file_whatever_is_in_it(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("pts") / "face.pts"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    try:
        assert read_pts(path).shape[1] == 2
    except DatasetError as error:
        assert one_line(str(error)) == str(error)
