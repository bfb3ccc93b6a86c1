import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import keras
import pytest

from landmarks.errors import UsageError
from train.training_loop.cluster import ALONE, Cluster, join_cluster

CHECKOUT = Path(__file__).resolve().parents[3]
GIVE_UP_S = 1800  # of a process that hangs; a machine may be busy
ON_TENSORFLOW = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="TF_CONFIG is TensorFlow's"
)


def test_process_alone_is_chief_and_makes_whole_batches():
    assert ALONE.chief
    assert list(range(8))[ALONE.share(8)] == list(range(8))


def test_shares_of_all_processes_are_the_batch():
    parts = [Cluster(rank, 3, 3).share(12) for rank in range(3)]
    assert [i for part in parts for i in range(12)[part]] == list(range(12))
    assert [Cluster(rank, 3, 3).chief for rank in range(3)] == [True, False, False]


def test_batch_that_cannot_be_divided_is_refused():
    with pytest.raises(UsageError, match="--batch 8 cannot be divided among 3"):
        Cluster(1, 3, 3).share(8)


@ON_TENSORFLOW
@pytest.mark.parametrize("value", [None, "", "{}", '{"cluster": {}}', "[1]"])
def test_environment_that_names_no_cluster_is_refused(monkeypatch, value):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    if value is not None:
        monkeypatch.setenv("TF_CONFIG", value)
    with pytest.raises(UsageError, match="TF_CONFIG"):
        join_cluster()


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def losses_of(run):
    rows = (run / "metrics.csv").read_text().splitlines()[1:]
    return [float(row.split(",")[1]) for row in rows]


@ON_TENSORFLOW
@pytest.mark.slow
def test_two_processes_follow_the_curve_of_one(drawn_prepared, tmp_path):
    workers = [f"127.0.0.1:{port}" for port in free_ports(2)]

    def start(out, rank=None):
        command = [sys.executable, "-m", "train", "fit", "--data", drawn_prepared, "--out", out]
        command += ["--size", "32", "--batch", "4", "--epochs", "2", "--set", "validate_every=1"]
        environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}
        if rank is not None:
            command.append("--distribute")
            place = {"cluster": {"worker": workers}, "task": {"type": "worker", "index": rank}}
            environment["TF_CONFIG"] = json.dumps(place)
        command = list(map(str, command))
        with out.with_suffix(f".{rank}.log").open("w") as log:  # an unread pipe would fill up
            return subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdout=log, stderr=log)

    def finish(processes):
        try:
            for process in processes:
                code = process.wait(timeout=GIVE_UP_S)
                assert code == 0, [log.read_text() for log in tmp_path.glob("*.log")]
        finally:
            for process in processes:  # one that lost the other waits for ever
                process.kill()

    finish([start(tmp_path / "two", rank) for rank in range(2)])
    finish([start(tmp_path / "one")])
    assert losses_of(tmp_path / "two") == pytest.approx(losses_of(tmp_path / "one"), rel=0.02)
