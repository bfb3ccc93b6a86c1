"""``python -m quantize --int8``: a float network to INT8, and what that costs and gains.

::

    python -m quantize --int8
    python -m quantize --int8 --model runs/mine/model.keras --calib my_faces --out runs/mine-int8
    python -m quantize --int8 --model runs/finder/model.keras --calib frames/train --data frames/val
    python -m quantize --int8 --qat --train runs/w300 --data 300w --max-nme-drop 0.05
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar, get_args

from command_line.arguments import Parser, at_least, positive
from command_line.command import run_command
from landmarks.errors import UsageError
from quantize.config import (
    DEFAULT_FACES,
    Estimator,
    FineTuneConfig,
    FloatPrecision,
    Format,
    PtqConfig,
    QuantizeConfig,
)

ROOT = Path(__file__).resolve().parent.parent
SHIPPED_FLOAT = ROOT / "train" / "weights" / "asmpip-144.keras"
FORMATS: tuple[Format, ...] = get_args(Format)
PRECISIONS: tuple[FloatPrecision, ...] = get_args(FloatPrecision)
BUNDLED_FACES = ROOT / "calib_data" / "faces"
DEFAULT = "default: %(default)s"

Word = TypeVar("Word", bound=str)


def main(argv: Sequence[str]) -> None:
    """Parse the command line, quantize, print the report."""
    arguments = _parser().parse_args(argv)
    # TensorFlow reads it once, at its import, and is talkative by default.
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    formats = chosen(arguments.formats, FORMATS, "--formats")
    also = chosen(arguments.also, PRECISIONS, "--also") if arguments.also else ()
    if arguments.qat and arguments.train is None:
        raise UsageError("--qat needs --train DIR, faces prepared by python -m train prepare")
    if arguments.resume and not arguments.qat:
        raise UsageError("--resume goes on with a fine-tuning: give --qat, too")

    from quantize.pipeline import quantize

    qat = FineTuneConfig(
        data=arguments.train,
        epochs=arguments.epochs,
        batch=arguments.batch,
        learning_rate=arguments.learning_rate,
        distill=arguments.distill,
        seed=arguments.seed,
    )
    config = QuantizeConfig(
        model=arguments.model,
        calib=arguments.calib,
        out=arguments.out,
        calib_faces=arguments.calib_faces,
        data=arguments.data,
        dataset=arguments.dataset,
        subset=arguments.subset,
        formats=formats,
        also=also,
        ptq=PtqConfig(arguments.estimator, arguments.float_head),
        qat=qat if arguments.qat else None,
        resume=arguments.resume,
        audit=arguments.audit,
        max_nme_drop=arguments.max_nme_drop,
        force=arguments.force,
    )
    print(quantize(config, _say).render())


def _say(step: str) -> None:
    print(step, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    all_formats = ",".join(FORMATS)
    parser = Parser(
        prog="python -m quantize",
        description="Quantize a landmark network to INT8, and measure what that costs and gains.",
    )
    parser.add_argument("--int8", action="store_true", required=True, help="full-integer INT8")
    parser.add_argument(
        "--model", type=Path, default=SHIPPED_FLOAT, help=".keras file (default: the shipped one)"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/int8"), help="default: runs/int8")
    parser.add_argument("--formats", default=all_formats, help=f"default: {all_formats}")
    parser.add_argument(
        "--also",
        metavar="LIST",
        help="also write these precisions: " + ", ".join(get_args(FloatPrecision)),
    )
    parser.add_argument("--force", action="store_true", help="replace existing files")
    ranges = parser.add_argument_group("post-training quantization")
    ranges.add_argument(
        "--calib",
        type=Path,
        default=BUNDLED_FACES,
        help="pictures with .pts files, or a prepared folder, labelled or not; for a finder, "
        "frames (default: bundled)",
    )
    ranges.add_argument(
        "--calib-faces",
        type=positive(int),
        default=DEFAULT_FACES,
        help="how many (default: %(default)s)",
    )
    ranges.add_argument(
        "--estimator",
        choices=get_args(Estimator),
        default=PtqConfig.estimator,
        help="of ranges (default: %(default)s)",
    )
    ranges.add_argument("--float-head", action="store_true", help="keep the last kernels in float")
    qat = parser.add_argument_group("quantization-aware training")
    qat.add_argument("--qat", action="store_true", help="fine-tune with INT8's roundings")
    qat.add_argument("--train", type=Path, metavar="DIR", help="prepared, labelled faces")
    qat.add_argument(
        "--epochs", type=positive(int), default=FineTuneConfig.epochs, help="default: %(default)s"
    )
    qat.add_argument(
        "--batch", type=positive(int), default=FineTuneConfig.batch, help="default: %(default)s"
    )
    qat.add_argument(
        "--learning-rate",
        type=positive(float),
        default=FineTuneConfig.learning_rate,
        help="peak (default: %(default)s)",
    )
    qat.add_argument(
        "--distill",
        type=at_least(0.0),
        default=FineTuneConfig.distill,
        metavar="W",
        help="weight of the float network's answers; 0 for labels alone (default: %(default)g)",
    )
    qat.add_argument("--seed", type=int, default=FineTuneConfig.seed, help=DEFAULT)
    qat.add_argument("--resume", action="store_true", help="go on where it stopped")
    loss = parser.add_argument_group("what it costs")
    loss.add_argument(
        "--data",
        type=Path,
        default=BUNDLED_FACES,
        help="faces to score on; for a finder, frames (default: bundled)",
    )
    loss.add_argument("--dataset", help="layout of --data, see python -m train evaluate --help")
    loss.add_argument("--subset", help="part of --data (default: the one for testing)")
    loss.add_argument("--audit", action="store_true", help="measure what each step costs")
    loss.add_argument(
        "--max-nme-drop",
        type=float,
        metavar="X",
        help="write nothing and exit 1 if INT8 loses more NME percentage points",
    )
    return parser


def chosen(text: str, known: Sequence[Word], flag: str) -> tuple[Word, ...]:
    """Parse a comma-separated choice.

    Raises:
        UsageError: it is empty or names something unknown.
    """
    words = dict.fromkeys(part.strip() for part in text.split(",") if part.strip())
    if not words or set(words) - set(known):
        raise UsageError(f"{flag} {text!r}: expected one or more of {', '.join(known)}")
    return tuple(one for word in words for one in known if one == word)


if __name__ == "__main__":
    sys.exit(run_command(main, extra="quantize"))
