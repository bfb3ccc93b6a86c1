"""Every example in ``docs/library.md`` and in the texts of the public modules runs."""

from __future__ import annotations

import doctest
import importlib
import re

import numpy as np
import pytest

from landmarks.errors import OutputExistsError
from landmarks.pictures import read_picture
from tests.conftest import CHECKOUT
from tests.draw_points import index_picture, main

LIBRARY = CHECKOUT / "docs" / "library.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = (
    "edge_landmarks",
    "edge_landmarks.events",
    "edge_landmarks.landmarker",
    "landmarks.aligned_face",
    "landmarks.measures",
    "landmarks.picture_size",
)


def test_every_example_of_the_guide_runs(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    text = "\n".join(BLOCK.findall(LIBRARY.read_text(encoding="utf-8")))
    test = doctest.DocTestParser().get_doctest(text, {}, "library.md", str(LIBRARY), 0)
    assert len(test.examples) > 30
    failed, _ = doctest.DocTestRunner(optionflags=OPTIONS).run(test)
    assert failed == 0


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module_run(name):
    failed, _ = doctest.testmod(importlib.import_module(name), optionflags=OPTIONS)
    assert failed == 0


def test_picture_of_the_numbers_is_the_one_that_the_command_draws(tmp_path):
    kept = read_picture(CHECKOUT / "docs" / "points68.png").astype(int)
    assert kept.shape == index_picture().shape
    assert np.abs(index_picture() - kept).mean() < 1  # OpenCV's letters differ a little
    main(["--out", str(tmp_path / "points.png")])
    with pytest.raises(OutputExistsError):
        main(["--out", str(tmp_path / "points.png")])
