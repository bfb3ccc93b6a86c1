from __future__ import annotations

import subprocess
import sys

BLOCKED = """
import sys
for name in ("tensorflow", "keras", "onnx", "torch", "tqdm", "onnxruntime"):
    sys.modules[name] = None
import edge.bench.command, edge.doctor, edge.run
from edge.runtime import open_network
print(open_network("default").card.name)
"""


def test_the_device_needs_no_training_tool_and_not_even_onnxruntime():
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "asmpip-144"
