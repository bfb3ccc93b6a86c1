"""Scalars of a run for TensorBoard: ``tensorboard --logdir RUN``, on any Keras backend.

Records are appended and the file is closed again after every epoch. There is no thread and no
buffer in between, so what a checkpoint knows is in the log, and a full disk is an error at the
place where it happened. A resumed run starts another file, which tells TensorBoard to forget the
epochs that are trained again.
"""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Mapping
from pathlib import Path

from tensorboardX.crc32c import crc32c
from tensorboardX.proto.event_pb2 import Event, SessionLog
from tensorboardX.proto.summary_pb2 import Summary

PATTERN = "events.out.tfevents.*"
FILE_VERSION = "brain.Event:2"


class EventLog:
    """The event file of one process; it is made with the first row."""

    def __init__(self, folder: Path, first_epoch: int) -> None:
        """Name the file; events of ``first_epoch`` and later in older files count no more.

        Args:
            folder: of all event files of a run.
            first_epoch: counts from 1.
        """
        name = PATTERN.replace("*", f"{int(time.time())}.{socket.gethostname()}.{os.getpid()}")
        self.path = folder / name
        self._head = [Event(wall_time=time.time(), file_version=FILE_VERSION)]
        if first_epoch > 1:
            start = SessionLog(status=SessionLog.START)
            self._head.append(Event(wall_time=time.time(), step=first_epoch, session_log=start))

    def write(self, row: Mapping[str, float]) -> None:
        """Append the metrics of an epoch; ``epoch`` is the step and no scalar.

        Raises:
            OSError: they cannot be written; the file is as it was before.
        """
        values = [
            Summary.Value(tag=key, simple_value=value)
            for key, value in row.items()
            if key != "epoch"
        ]
        event = Event(wall_time=time.time(), step=int(row["epoch"]), summary=Summary(value=values))
        self._append(b"".join(map(_record, [*self._head, event])))
        self._head = []

    def _append(self, data: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        before = self.path.stat().st_size if self.path.exists() else 0
        try:
            with self.path.open("ab", buffering=0) as file:
                while data:  # a disk that fills up takes a part, and refuses at the next call
                    data = data[file.write(data) :]
        except OSError as error:
            os.truncate(self.path, before)
            raise type(error)(error.errno, error.strerror, str(self.path)) from None


def clear_events(folder: Path) -> None:
    """Delete the event files of an earlier run."""
    for path in folder.glob(PATTERN):
        path.unlink()


def _record(event: Event) -> bytes:
    """Frame an event as TensorFlow's record format does: length, checksum, data, checksum."""
    data: bytes = event.SerializeToString()
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)
