from pathlib import Path

import pytest

from landmarks.errors import DatasetError
from train.datasets.official_count import check_official_count


def test_a_whole_set_is_not_mentioned(caplog):
    check_official_count("list.txt", 10, 10)
    assert caplog.text == ""


def test_a_part_is_reported_in_one_line(caplog):
    check_official_count("list.txt", 7, 10, absent=[Path("a.jpg"), Path("b.jpg")])
    (record,) = caplog.records
    assert record.getMessage() == (
        "list.txt holds 7 of the official 10 faces; 2 listed pictures are missing, the first: a.jpg"
    )


def test_nothing_at_all_is_an_error():
    with pytest.raises(DatasetError, match=r"none of the official 10 videos is here$"):
        check_official_count("root", 0, 10, "videos")
    with pytest.raises(DatasetError, match=r"the first: a\.jpg"):
        check_official_count("root", 0, 10, absent=[Path("a.jpg")])
