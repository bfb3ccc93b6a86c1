from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.models import MODELS_DIR, shipped_finders, shipped_models
from landmarks.errors import LandmarkError
from landmarks.model_file import read_model
from tests.arm.boards import PI_4, PI_5
from tests.arm.counter import between_marks
from tests.arm.inside.counts import FRAMES, INFERENCES
from tests.arm.instructions import SCHEMA_VERSION, per_step

TABLE = json.loads((MODELS_DIR / "instructions.json").read_text())


def test_start_up_and_other_lines_do_not_count():
    lines = ("warning: 7", "instructions 1000", "instructions 1010", "x instructions 5")
    stderr = "\n".join((*lines, "instructions 1013", ""))
    assert between_marks(stderr) == [10, 3]


def test_inferences_and_frames_are_told_apart_and_the_gap_is_left_out():
    counted = [10] * (INFERENCES - 1) + [99] + [12345] + [20] * (FRAMES - 1) + [7]
    assert per_step(counted) == {"per_inference": 10, "per_tracked_frame": 20}


def test_a_finder_has_passes_and_no_tracked_frames():
    counted = [10] * (INFERENCES - 1) + [99]
    assert per_step(counted, frames=0) == {"per_inference": 10, "per_tracked_frame": None}


def test_a_missing_mark_is_an_error():
    with pytest.raises(LandmarkError, match="expected"):
        per_step([10] * (INFERENCES + FRAMES))


def test_only_one_board_has_the_dot_product(tmp_path: Path):
    for board in (PI_4, PI_5):
        board.describe_in(tmp_path)
        text = (tmp_path / "proc/cpuinfo").read_text()
        assert text.count("processor") == 4
        assert ("asimddp" in text) == (board is PI_5)
    assert (tmp_path / "sys/devices/system/cpu/possible").read_text() == "0-3\n"


def test_the_committed_table_is_of_the_shipped_files():
    """If this fails, a model has changed since: make bench-instructions."""
    assert TABLE["schema_version"] == SCHEMA_VERSION
    counted = {(row["model"], row["sha256"], row["cpu"]) for row in TABLE["rows"]}
    networks, finders = shipped_models(), shipped_finders()
    shipped = {(path.name, read_model(path).sha256) for path in (*networks, *finders)}
    cpus = (PI_4.cpu, PI_5.cpu)
    assert counted == {(name, digest, cpu) for name, digest in shipped for cpu in cpus}
    found = {path.name for path in finders}
    for row in TABLE["rows"]:
        assert row["per_inference"] > 0
        if row["model"] in found:
            assert row["per_tracked_frame"] is None
        else:
            assert row["per_tracked_frame"] > row["per_inference"]
