"""``make test-arm``: the base install on 64-bit ARM, emulated, gives the answers of this machine.

Bookworm stands on a Raspberry Pi 4 and Trixie on a Pi 5, so that both Pythons and both kinds of
INT8 kernels (without and with the dot product) are met. Everything starts at once and tests wait
for it. Not collected by ``make test``: it needs root, and minutes when the cache is cold.
"""

from __future__ import annotations

import json
import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from subprocess import CompletedProcess

import numpy as np
import pytest

from edge.models import shipped_models
from edge.run import main as edge_run
from edge.runtime import open_network
from landmarks.faces import read_labelled_faces
from landmarks.locate import Localizer
from landmarks.measure import score
from tests.arm.boards import PI_4, PI_5
from tests.arm.emulate import emulator
from tests.arm.roots import BOOKWORM, CHECKOUT, PROJECT, TRIXIE

PAIRS = {"bookworm-pi4": (BOOKWORM, PI_4), "trixie-pi5": (TRIXIE, PI_5)}
N_FACES, N_FRAMES = 100, 20
NME_POINTS = 0.1
FRAME_PX = 1.0  # mean distance of a point to that of this machine; the face is 200 px wide
TIMEOUT_S = 3600  # a busy machine
# What a core instruction set can break; edge-run is a job of its own. No test that repeats the NME,
# a frame a hundred times or what another one runs; and one of Haar's, which is slow to emulate.
CORE = ("test_camera.py", "test_finder.py", "test_pipeline.py", "test_runtime.py")
REPEATS = ("alike", "bundled_faces", "one_id", "free_slots", "ghosts", "settles_altogether")
REPEATS += ("costs_no_memory", "fifty_faces", "keeps_the_score")
LEFT_OUT = (*REPEATS, "haar")
CHOSEN = " and ".join(f"not {name}" for name in LEFT_OUT) + " or haar_boxes_come_surest_first"
MODELS = [path.name for path in shipped_models()]
CLIP = f"{PROJECT}/calib_data/clip.mp4"
JOBS = {
    "tests": ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", CHOSEN]
    + [f"{PROJECT}/tests/edge/{name}" for name in CORE],
    "clip": ["-m", "edge.run", "--source", CLIP, "--max-frames", str(N_FRAMES), "--threads", "1"],
    "error": [f"{PROJECT}/tests/arm/inside/error.py", str(N_FACES), *MODELS],
}
every_pair = pytest.mark.parametrize("pair", PAIRS)


@pytest.fixture(scope="session")
def emulated():
    """What each job printed on each pair, to be waited for: {(pair, job): future}."""
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(os.cpu_count()))
        machines = {
            name: stack.enter_context(emulator(release, board))
            for name, (release, board) in PAIRS.items()
        }
        # the longest first, so that none is left over at the end
        yield {
            (name, job): pool.submit(machine.run, *JOBS[job], timeout_s=TIMEOUT_S)
            for job in ("error", "tests", "clip")
            for name, machine in machines.items()
        }


def printed(done: Future[CompletedProcess[str]]) -> str:
    process = done.result()
    assert process.returncode == 0, process.stdout[-4000:] + process.stderr[-4000:]
    return process.stdout


@pytest.fixture(scope="session")
def nme_here():
    faces = read_labelled_faces(CHECKOUT / "calib_data/faces")[:N_FACES]
    return {
        model: score(Localizer.of(open_network(model, threads=1)), faces).nme_percent
        for model in MODELS
    }


@every_pair
def test_the_tests_of_the_device_pass(emulated, pair):
    text = printed(emulated[pair, "tests"])
    print(text.splitlines()[-1])
    assert " passed" in text


@every_pair
def test_edge_run_gives_the_points_of_this_machine(emulated, pair, capsys):
    there = [json.loads(line) for line in printed(emulated[pair, "clip"]).splitlines()]
    capsys.readouterr()
    clip = CHECKOUT / "calib_data/clip.mp4"
    assert edge_run(["--source", str(clip), "--max-frames", str(N_FRAMES)]) == 0
    here = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(there) == len(here) == N_FRAMES
    for one, other in zip(there, here, strict=True):
        apart = np.subtract(one["faces"][0]["points"], other["faces"][0]["points"])
        assert np.hypot(*apart.T).mean() < FRAME_PX, f"frame {one['frame']}"


@every_pair
@pytest.mark.parametrize("model", MODELS)
def test_the_error_is_that_of_this_machine(emulated, nme_here, pair, model):
    report = json.loads(printed(emulated[pair, "error"]))
    there = report["nme_percent"][model]
    print(f"{pair} {model}: {there:.3f} % there, {nme_here[model]:.3f} % here, n {report['n']}")
    assert report["n"] == N_FACES
    assert abs(there - nme_here[model]) < NME_POINTS
