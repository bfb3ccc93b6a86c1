"""The same training on every Keras backend that is installed, and one file format for all."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).with_name("backend_run.py")
CHECKOUT = SCRIPT.parents[3]
BACKENDS = [name for name in ("tensorflow", "jax", "torch") if importlib.util.find_spec(name)]

pytestmark = pytest.mark.slow


def run(backend, *arguments):
    environment = os.environ | {
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(CHECKOUT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(len(BACKENDS) < 2, reason=f"one backend is installed: {', '.join(BACKENDS)}")
@pytest.mark.parametrize("model", ["asmpip", "asmnet"])
def test_network_trained_on_one_backend_answers_alike_on_the_others(
    model, drawn_prepared, tmp_path
):
    for trained_on in BACKENDS:
        out = tmp_path / trained_on
        run(trained_on, "train", model, drawn_prepared, out)
        assert len((out / "metrics.csv").read_text().splitlines()) == 3
        answers = {}
        for backend in BACKENDS:
            run(backend, "predict", out / "model.keras", tmp_path / "outputs.npz")
            with np.load(tmp_path / "outputs.npz") as arrays:
                answers[backend] = dict(arrays)
        for backend in BACKENDS:
            for name, expected in answers[trained_on].items():
                scale = max(1.0, float(np.abs(expected).max()))
                np.testing.assert_allclose(answers[backend][name], expected, atol=1e-4 * scale)
