import os
import socket

import pytest

from landmarks.errors import DatasetError, ModelFileError
from landmarks.reading import read_text, read_whole


def read(path, most_bytes=100):
    return read_whole(path, what="model file", most_bytes=most_bytes, error=ModelFileError)


def test_a_file_is_read_whole_and_a_link_to_it_too(tmp_path):
    (tmp_path / "file").write_bytes(b"x" * 100)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read(tmp_path / "file") == read(tmp_path / "link") == b"x" * 100


def test_a_file_that_is_too_long_is_refused(tmp_path):
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1 << 40)  # a terabyte of nothing
    with pytest.raises(ModelFileError, match="more than 1,048,576 bytes, which no"):
        read(tmp_path / "file", 1 << 20)


def test_a_file_that_says_it_is_empty_and_is_not_has_the_same_limit():
    with pytest.raises(ModelFileError, match="more than 100 bytes"):
        read("/proc/self/maps")


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_a_device_is_refused_by_name_and_by_link(tmp_path, device):
    (tmp_path / "link").symlink_to(device)
    for path in (device, tmp_path / "link"):
        with pytest.raises(ModelFileError, match="is a device, expected a model file"):
            read(path)


def test_a_pipe_that_nobody_writes_to_does_not_hold_the_program(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelFileError, match="is a pipe"):
        read(tmp_path / "pipe")


def test_a_folder_and_a_socket_are_refused(tmp_path):
    with pytest.raises(ModelFileError, match="is a folder"):
        read(tmp_path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        with pytest.raises(ModelFileError, match="expected a model file"):
            read(tmp_path / "s")


def test_what_the_system_refuses_is_of_the_class_that_was_asked_for(tmp_path):
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(ModelFileError, match="symbolic links"):
        read(tmp_path / "a")
    with pytest.raises(ModelFileError, match="no such model file"):
        read(tmp_path / "none")
    with pytest.raises(ModelFileError, match="null byte"):
        read("a\0b")


def test_text_loses_its_byte_order_mark_and_binary_data_are_none(tmp_path):
    def text():
        return read_text(tmp_path / "list.txt", what="list of labels", error=DatasetError)

    (tmp_path / "list.txt").write_bytes(b"\xef\xbb\xbf1 2\n")
    assert text() == "1 2\n"
    (tmp_path / "list.txt").write_bytes(b"\xff\xfe1\x00")
    with pytest.raises(DatasetError, match="not a list of labels"):
        text()
