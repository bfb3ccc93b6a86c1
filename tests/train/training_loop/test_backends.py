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
MODELS = ("asmpip", "asmnet")
GIVE_UP_S = 3600  # of a process that hangs: JAX compiles for minutes, on a busy machine for many

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(len(BACKENDS) < 2, reason=f"one backend is installed: {BACKENDS}"),
]


def run(backend, *arguments):
    environment = os.environ | {
        "KERAS_BACKEND": backend,
        "PYTHONPATH": str(CHECKOUT),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=GIVE_UP_S
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def trained(drawn_prepared, tmp_path_factory):
    """A folder with a run of each model for each backend; a process trains all its models."""
    out = tmp_path_factory.mktemp("backends")
    for backend in BACKENDS:
        run(backend, "train", drawn_prepared, out / backend, *MODELS)
    return out


@pytest.fixture(scope="module")
def answers(trained):
    """What each backend makes of each backend's networks."""
    paths = {
        (backend, model): trained / backend / model / "model.keras"
        for backend in BACKENDS
        for model in MODELS
    }
    found = {}
    for backend in BACKENDS:
        run(backend, "predict", trained / f"{backend}.npz", *paths.values())
        with np.load(trained / f"{backend}.npz") as arrays:
            for place, (trained_on, model) in enumerate(paths):
                found[backend, trained_on, model] = {
                    name.split("/")[1]: arrays[name]
                    for name in arrays.files
                    if name.startswith(f"{place}/")
                }
    return found


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_trains_and_resumes(trained, backend, model):
    assert len((trained / backend / model / "metrics.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("trained_on", BACKENDS)
def test_network_trained_on_one_backend_answers_alike_on_the_others(answers, trained_on, model):
    own = answers[trained_on, trained_on, model]
    assert own
    for backend in BACKENDS:
        other = answers[backend, trained_on, model]
        assert other.keys() == own.keys()
        for name, expected in own.items():
            scale = max(1.0, float(np.abs(expected).max()))
            np.testing.assert_allclose(other[name], expected, atol=1e-4 * scale)
