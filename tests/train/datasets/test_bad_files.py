import logging

import pytest

from landmarks.errors import DatasetError, PictureError, UsageError
from train.datasets.bad_files import BadFiles


@pytest.mark.parametrize("kind", [DatasetError, PictureError])
def test_first_bad_file_raises_its_own_error_with_the_hint(kind):
    bad = BadFiles(hint="; try --skip-bad")
    with pytest.raises(kind, match="^a.pts is bad; try --skip-bad$"), bad.tolerated():
        raise kind("a.pts is bad")


def test_bad_files_are_counted_logged_and_reported(caplog):
    bad = BadFiles(skip=True)
    for name in "ab":
        with bad.tolerated():
            raise DatasetError(f"{name}.pts is bad")
    assert bad.messages == ["a.pts is bad", "b.pts is bad"]
    assert "left out: b.pts is bad" in caplog.text
    caplog.clear()
    bad.report()
    assert "2 bad files were left out, the first: a.pts is bad" in caplog.text


def test_nothing_is_reported_when_all_is_well(caplog):
    with caplog.at_level(logging.DEBUG):
        bad = BadFiles(skip=True)
        with bad.tolerated():
            pass
        bad.report()
    assert caplog.text == ""


def test_other_errors_are_not_swallowed():
    with pytest.raises(UsageError), BadFiles(skip=True).tolerated():
        raise UsageError("no")
