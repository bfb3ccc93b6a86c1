from dataclasses import asdict
from pathlib import Path

import pytest

from landmarks.errors import UsageError
from train.settings.augmentation import AugmentConfig
from train.settings.config_file import read_config, write_config


def test_configuration_written_and_read_is_unchanged(tmp_path):
    fields = {"epochs": 3, "learning_rate": 1e-3, "augment": asdict(AugmentConfig(blur=0.5))}
    write_config(tmp_path / "config.toml", fields)
    back = read_config(tmp_path / "config.toml")
    assert back == fields
    assert AugmentConfig(**back["augment"]).blur == 0.5


def test_paths_become_strings_and_absent_values_are_left_out(tmp_path):
    write_config(tmp_path / "config.toml", {"data": Path("a b/c"), "teacher": None})
    assert read_config(tmp_path / "config.toml") == {"data": "a b/c"}


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no such configuration file"):
        read_config(tmp_path / "config.toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"epochs = ", "not a TOML file"),
        (b"\xff\xfe\x00", "not a configuration file"),
        (b"epochs = " + b"9" * 5000, "a line of more than 1000 characters"),
        (b"a." * 100_000 + b"a = 1", "a line of more than 1000 characters"),
        (b"a = " + b"[\n" * 100_000, "nested too deep"),
        (b"x" * 300_000, "more than 262,144 bytes"),
    ],
    ids=["unfinished", "binary", "digits", "dots", "lists", "long"],
)
def test_file_that_is_no_toml_is_refused(tmp_path, content, message):
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_config(path)


def test_a_device_is_no_configuration(tmp_path):
    (tmp_path / "config.toml").symlink_to("/dev/zero")
    with pytest.raises(UsageError, match="is a device"):
        read_config(tmp_path / "config.toml")
