"""Model files at the door of a run, and loading them again and again."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from edge.models import model_path, shipped_models
from edge.runtime import open_network
from edge.runtime.load import load_localizer
from landmarks.card import PipHead, as_points
from landmarks.errors import ModelFileError
from landmarks.model_file import read_model, with_card
from landmarks.schemes import get_scheme
from tests.proofs.damage import cut_short, flip_one_bit, opened_although_damaged


def test_a_shipped_model_loads_and_answers():
    assert load_localizer("default", threads=1).network.card.name == "asmpip-144"


@pytest.mark.parametrize("name", ["asmpip-144-int8.tflite", "asmpip-144-int8.onnx"])
def test_a_model_whose_outputs_are_of_another_scheme_is_refused_when_loaded(tmp_path, name, rng):
    """68 points in the graph, 98 in the card: an error at load, not points of no meaning."""
    file = read_model(model_path(name))
    n_points = get_scheme("wflw-98").n_points
    head = file.card.head
    assert isinstance(head, PipHead)
    wrong = replace(
        file.card,
        scheme="wflw-98",
        head=replace(head, mean_face=as_points(rng.uniform(0, 1, (n_points, 2)))),
    )
    path = tmp_path / name
    path.write_bytes(with_card(file.graph, wrong, path.suffix))
    with pytest.raises(ModelFileError, match="what its card says"):
        load_localizer(path, threads=1)


@pytest.mark.parametrize("model", shipped_models(), ids=lambda path: path.name)
def test_damaged_copies_of_shipped_models_are_all_refused(tmp_path, model):
    rng = np.random.default_rng(1)
    assert opened_although_damaged(model, flip_one_bit(rng), 15, tmp_path) == 0
    assert opened_although_damaged(model, cut_short(rng), 10, tmp_path) == 0


def test_the_proof_notices_a_copy_that_was_opened(tmp_path):
    model = model_path("default")
    assert opened_although_damaged(model, lambda whole: whole, 1, tmp_path) == 1


@pytest.mark.slow
def test_a_thousand_openings_of_a_model_leave_nothing_behind():
    def counts():
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        files, threads = (len(os.listdir(f"/proc/self/{what}")) for what in ("fd", "task"))
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6, files, threads

    for _ in range(100):
        open_network("default", threads=1)
    before_mb, *before = counts()
    for _ in range(1000):
        open_network("default", threads=1)
    after_mb, *after = counts()
    assert after == before
    assert after_mb - before_mb < 10
