import struct

import pytest
from tensorboardX.proto.event_pb2 import Event

from train.training_loop.event_log import EventLog, clear_events


def records(path):
    """Events of a file, each checked as TensorFlow's own reader would."""
    tf = pytest.importorskip("tensorflow")
    data = tf.data.TFRecordDataset(str(path)).as_numpy_iterator()
    return [Event.FromString(item) for item in data]


def scalars(event):
    return {value.tag: pytest.approx(value.simple_value) for value in event.summary.value}


def test_every_epoch_is_one_event_with_all_its_scalars(tmp_path):
    log = EventLog(tmp_path / "tensorboard", 1)
    log.write({"epoch": 1, "loss": 0.5, "learning_rate": 0.001})
    log.write({"epoch": 2, "loss": 0.25, "learning_rate": 0.0005, "seconds": 3.0})
    head, first, second = records(log.path)
    assert head.file_version == "brain.Event:2"
    assert (first.step, second.step) == (1, 2)
    assert scalars(first) == {"loss": 0.5, "learning_rate": 0.001}
    assert scalars(second) == {"loss": 0.25, "learning_rate": 0.0005, "seconds": 3.0}


def test_log_of_a_resumed_run_takes_back_the_epochs_that_it_trains_again(tmp_path):
    log = EventLog(tmp_path, 4)
    log.write({"epoch": 4, "loss": 0.5})
    _, start, row = records(log.path)
    assert (start.step, start.session_log.status) == (4, start.session_log.START)
    assert row.step == 4


def test_run_that_trains_no_epoch_writes_no_file(tmp_path):
    EventLog(tmp_path, 9)
    assert list(tmp_path.iterdir()) == []


def test_full_disk_leaves_the_rows_before_it_whole(tmp_path, file_size_limit):
    log = EventLog(tmp_path, 1)
    log.write({"epoch": 1, "loss": 0.5})
    size = log.path.stat().st_size
    with file_size_limit(size + 10), pytest.raises(OSError, match="tfevents"):
        log.write({"epoch": 2, "loss": 0.5})
    assert log.path.stat().st_size == size
    log.write({"epoch": 2, "loss": 0.5})
    assert [event.step for event in records(log.path)] == [0, 1, 2]


def test_damaged_byte_is_seen_by_the_checksum(tmp_path):
    log = EventLog(tmp_path, 1)
    log.write({"epoch": 1, "loss": 0.5})
    data = bytearray(log.path.read_bytes())
    (length,) = struct.unpack("<Q", data[:8])
    data[12 + length // 2] ^= 1
    log.path.write_bytes(bytes(data))
    tf = pytest.importorskip("tensorflow")
    with pytest.raises(tf.errors.DataLossError):
        records(log.path)


def test_earlier_runs_events_are_deleted_and_nothing_else(tmp_path):
    EventLog(tmp_path, 1).write({"epoch": 1, "loss": 0.5})
    (tmp_path / "notes.txt").write_text("mine")
    clear_events(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
