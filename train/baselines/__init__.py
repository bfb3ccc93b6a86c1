"""Published networks, trained here to stand beside ours in the model table, and their names.

Of each, what ``python -m quantize --int8 --also float16`` writes: the INT8 TFLite and ONNX files,
and the float network in float16, at half the size of a checkpoint. ``instructions.json`` has their
counts. A file is replaced only with all that was measured of it: E22 in ``docs/experiments.md`` has
the commands and the figures, ``docs/models.md`` the cards.

The files are no part of an install, so there are no names there.
"""

from __future__ import annotations

from pathlib import Path

BASELINES_DIR = Path(__file__).parent
COUNTS = BASELINES_DIR / "instructions.json"
INT8 = "-int8.tflite"


def baseline_names() -> list[str]:
    """Return the names of the networks, sorted, such as ``asmnet-224``."""
    return sorted(path.name.removesuffix(INT8) for path in BASELINES_DIR.glob(f"*{INT8}"))
