"""``python -m quantize --int8``: a float network to INT8, as TFLite and ONNX, with its loss in NME.

::

    python -m quantize --int8
    python -m quantize --int8 --model runs/mine/model.keras --calib my_faces --out runs/mine-int8
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from landmarks.command import run_command

ROOT = Path(__file__).resolve().parent.parent
SHIPPED_FLOAT = ROOT / "train" / "weights" / "asmpip-128.keras"
BUNDLED_FACES = ROOT / "calib_data" / "faces"


def main(argv: Sequence[str]) -> int:
    """Parse the command line, quantize, print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m quantize", description="Quantize a landmark network to INT8."
    )
    parser.add_argument("--int8", action="store_true", required=True, help="full-integer INT8")
    parser.add_argument(
        "--model", type=Path, default=SHIPPED_FLOAT, help=".keras file (default: the shipped one)"
    )
    parser.add_argument(
        "--calib", type=Path, default=BUNDLED_FACES, help="folder of pictures with .pts files"
    )
    parser.add_argument("--calib-faces", type=int, default=128, help="how many of them")
    parser.add_argument(
        "--data", type=Path, nargs="+", default=[], help="folders to score on (default: --calib)"
    )
    parser.add_argument("--formats", default="tflite,onnx", help="default: tflite,onnx")
    parser.add_argument("--out", type=Path, default=Path("runs/int8"), help="default: runs/int8")
    parser.add_argument("--force", action="store_true", help="replace existing files")
    args = parser.parse_args(argv)

    # TensorFlow reads it once, at its import, and is talkative by default.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from quantize.pipeline import Artefact, QuantizeConfig, check_formats, quantize

    config = QuantizeConfig(
        model=args.model,
        calib=args.calib,
        out=args.out,
        data=tuple(args.data),
        calib_faces=args.calib_faces,
        formats=check_formats(args.formats),
        force=args.force,
    )
    float_, *quantized = quantize(config, lambda step: print(step, file=sys.stderr))

    def row(artefact: Artefact) -> str:
        result = artefact.score
        lost = result.nme_percent - float_.score.nme_percent
        return (
            f"{artefact.precision:>8} {artefact.bytes / 1e6:7.2f} {result.nme_percent:10.3f} "
            f"{lost:+8.3f} {len(result.errors):6d}  {artefact.path}"
        )

    print(f"{'':>8} {'MB':>7} {'NME %':>10} {'lost':>8} {'faces':>6}  inter-ocular, true boxes")
    for artefact in (float_, *quantized):
        print(row(artefact))
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main))
