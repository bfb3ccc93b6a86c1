"""The commands that need more than the base install say so in one line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
# What the extras bring; blocked as if it were not installed.
PROGRAM = """
import runpy, sys
class NotInstalled:
    names = set("keras tensorflow tqdm h5py scipy matplotlib tensorboardX tomli_w onnx "
                "tf2onnx flatbuffers onnxruntime".split())
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, NotInstalled())
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        ("train fit --data a --out b", "train"),
        ("train evaluate default --data calib_data/faces", "train"),
        ("train prepare synthetic --root calib_data/faces --out a", "train"),
        ("quantize --int8", "quantize"),
        ("calib_data clip", "train"),
    ],
)
def test_a_command_says_which_extra_to_install(command, extra):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *command.split()],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    line = done.stderr.rstrip("\n")
    assert line.startswith("error: ") and "\n" not in line
    assert line.endswith(f" is not installed: pip install 'edge-landmarks[{extra}]'")
