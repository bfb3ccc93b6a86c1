import numpy as np
import pytest

from landmarks.boxes import face_box
from landmarks.errors import DatasetError
from landmarks.pictures import write_picture
from train.datasets.bad_files import BadFiles
from train.datasets.wflw import ATTRIBUTES, LISTS, read_wflw


@pytest.fixture(scope="module")
def face98():
    """Points in an ellipse as wide as WFLW's rectangle, from its brows to its chin."""
    turn = np.linspace(0, 2 * np.pi, 98, endpoint=False)
    return np.column_stack([0.5 + 0.5 * np.cos(turn), 0.63 + 0.365 * np.sin(turn)])


@pytest.fixture
def root(tmp_path, face98):
    (tmp_path / LISTS).mkdir(parents=True)
    for name in ("0--Parade/crowd.jpg", "1--Ball/one.jpg"):
        write_picture(tmp_path / "WFLW_images" / name, np.zeros((200, 200, 3), np.uint8))
    faces = [
        ("0--Parade/crowd.jpg", (10, 95), "1 0 0 0 0 1"),
        ("1--Ball/one.jpg", (30, 5), "0 0 0 0 0 0"),
        ("0--Parade/crowd.jpg", (90, 60), "0 1 0 1 1 0"),
    ]
    for subset, chosen in (("train", faces), ("test", faces[:1])):
        text = "".join(line(face98, *face) for face in chosen)
        (tmp_path / LISTS / f"list_98pt_rect_attr_{subset}.txt").write_text(text)
    return tmp_path


def line(face98, name, corner, flags):
    width, height = 75, 100
    points = face98 * [width, height] + corner
    coordinates = " ".join(f"{number:.6f}" for number in points.ravel())
    x, y = corner
    rectangle = f"{x} {y} {x + width} {y + height}"
    return f"{coordinates} {rectangle} {flags} {name}\n"


def test_a_line_is_a_face_with_its_attributes(root, face98):
    faces = read_wflw(root, "train")
    assert [face.picture.name for face in faces] == ["crowd.jpg", "one.jpg", "crowd.jpg"]
    assert [face.groups for face in faces] == [
        ("pose", "blur"),
        (),
        ("expression", "makeup", "occlusion"),
    ]
    np.testing.assert_allclose(faces[1].points_frame, face98 * [75, 100] + [30, 5], atol=1e-4)
    assert len(read_wflw(root, "test")) == 1


def test_the_rectangle_leads_to_the_box_of_the_labels(root, box_fits):
    assert all(box_fits(face) for face in read_wflw(root, "train"))


def test_the_box_lies_as_low_in_the_rectangle_as_the_labels(root):
    for face in read_wflw(root, "train"):
        assert face.box.centre == pytest.approx(face_box(face.points_frame).centre, abs=0.5)


def test_attributes_are_in_the_order_of_the_list():
    assert ATTRIBUTES == ("pose", "expression", "illumination", "makeup", "occlusion", "blur")


def test_a_part_of_the_pictures_is_used_and_reported(root, caplog):
    (root / "WFLW_images/1--Ball/one.jpg").unlink()
    assert len(read_wflw(root, "train")) == 2
    assert "holds 2 of the official 7500 faces; 1 listed pictures are missing" in caplog.text
    assert "one.jpg" in caplog.text


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda words: words[:-1], "206 words, expected 207"),
        (lambda words: ["x", *words[1:]], "could not convert"),
        (lambda words: ["nan", *words[1:]], "not finite"),
        (lambda words: [*words[:200], "2", *words[201:]], "six flags"),
        (lambda words: [*words[:196], "99", "0", "1", "1", *words[200:]], "x0 <= x1"),
    ],
    ids=["short", "text", "nan", "flag", "rectangle"],
)
def test_a_malformed_line_is_named_or_left_out(root, damage, message):
    path = root / LISTS / "list_98pt_rect_attr_train.txt"
    lines = path.read_text().splitlines()
    lines[1] = " ".join(damage(lines[1].split()))
    path.write_text("\n".join(lines))
    with pytest.raises(DatasetError, match=rf"train\.txt:2: .*{message}"):
        read_wflw(root, "train")
    bad = BadFiles(skip=True)
    assert len(read_wflw(root, "train", bad)) == 2
    assert len(bad.messages) == 1


def test_missing_list_unknown_subset_and_no_picture_are_refused(root, tmp_path):
    with pytest.raises(DatasetError, match="no such list"):
        read_wflw(tmp_path / "nowhere", "train")
    with pytest.raises(DatasetError, match="no subset 'val', expected train, test"):
        read_wflw(root, "val")
    (root / "WFLW_images/0--Parade/crowd.jpg").unlink()
    with pytest.raises(DatasetError, match="none of the official 2500 faces"):
        read_wflw(root, "test")


def rewritten(root, change):
    listing = root / LISTS / "list_98pt_rect_attr_train.txt"
    listing.write_text(change(listing.read_text()), encoding="utf-8")


def into_one_folder(root):
    for path in list((root / "WFLW_images").rglob("*.jpg")):
        path.rename(root / "WFLW_images" / path.name)


def in_capitals(root):
    for path in list((root / "WFLW_images").rglob("*.jpg")):
        path.rename(path.with_suffix(".JPG"))


@pytest.mark.parametrize(
    "change",
    [
        lambda root: rewritten(root, lambda text: "\ufeff" + text),
        lambda root: rewritten(root, lambda text: text.replace("/", "\\")),
        lambda root: rewritten(root, lambda text: text.replace("\n", "\r\n\r\n")),
        lambda root: rewritten(root, lambda text: text.replace(" ", ",")),
        into_one_folder,
        in_capitals,
    ],
    ids=["byte_order_mark", "backslashes", "blank_lines", "commas", "one_folder", "capitals"],
)
def test_re_uploads_are_read_as_they_are(root, change):
    change(root)
    faces = read_wflw(root, "train")
    assert [face.picture.name.lower() for face in faces] == ["crowd.jpg", "one.jpg", "crowd.jpg"]
    assert all(face.picture.path.is_file() for face in faces)


def test_a_name_that_two_pictures_have_is_no_answer(root):
    (root / "WFLW_images/1--Ball/one.jpg").rename(root / "WFLW_images/0--Parade/one.jpg")
    write_picture(root / "WFLW_images/2--Game/ONE.JPG", np.zeros((200, 200, 3), np.uint8))
    assert len(read_wflw(root, "train")) == 2


def test_a_face_knows_its_line(root):
    assert read_wflw(root, "train")[1].listed.endswith("list_98pt_rect_attr_train.txt:2")
