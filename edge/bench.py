"""``edge-bench``: latency of model files, and their error on labelled faces, in one run.

::

    edge-bench --data calib_data/faces --out bench

First version: the network alone and the crop, infer, decode chain, on real pixels of ``--data``,
models taking turns so that drift hits all alike. Nothing is dropped as an outlier.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edge.board import describe_board, temperature_c
from edge.models import model_path, shipped_models
from edge.runtime import open_network
from landmarks.boxes import face_box
from landmarks.command import run_command
from landmarks.crop import crop_transform
from landmarks.errors import LandmarkError
from landmarks.faces import read_labelled_faces
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.locate import Localizer
from landmarks.score import score

SCHEMA_VERSION = 1
WARM_UP_RUNS, WARM_UP_S = 10, 2.0
SAMPLES, SAMPLE_S = 200, 10.0
QUICK_SAMPLES, QUICK_S = 50, 2.0


@dataclass(frozen=True)
class Latency:
    """Milliseconds over all samples of one thing."""

    n: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    min_ms: float
    max_ms: float

    @classmethod
    def of(cls, samples_ms: Sequence[float]) -> Latency:
        """Summarise samples in any order."""
        p50, p90, p99 = np.percentile(samples_ms, [50, 90, 99])
        return cls(
            len(samples_ms), float(p50), float(p90), float(p99), min(samples_ms), max(samples_ms)
        )


def measure(models: Sequence[Path], data: Path, *, threads: int, quick: bool) -> dict[str, Any]:
    """Measure model files on the labelled faces of a folder; return the report."""
    faces = read_labelled_faces(data)
    images = [face.picture.read() for face in faces]
    boxes = [face_box(face.points_frame) for face in faces]
    localizers = {path: Localizer.of(open_network(path, threads=threads)) for path in models}
    infer_ms: dict[Path, list[float]] = {path: [] for path in models}
    locate_ms: dict[Path, list[float]] = {path: [] for path in models}
    least, least_s = (QUICK_SAMPLES, QUICK_S) if quick else (SAMPLES, SAMPLE_S)

    before_c, start, turn = temperature_c(), time.monotonic(), 0
    warm_until: float | None = None
    while True:
        image, box = images[turn % len(images)], boxes[turn % len(images)]
        for path, localizer in localizers.items():
            one_infer, one_locate = _time_once(localizer, image, box)
            if warm_until is not None:
                infer_ms[path].append(one_infer)
                locate_ms[path].append(one_locate)
        turn += 1
        now = time.monotonic()
        if warm_until is None and turn >= WARM_UP_RUNS and now - start >= WARM_UP_S:
            warm_until = now
        enough = len(infer_ms[models[0]]) >= least
        if warm_until is not None and enough and now - warm_until >= least_s * len(models):
            break

    rows = []
    for path, localizer in localizers.items():
        accuracy = score(localizer, faces).to_dict()
        rows.append(
            {
                "model": path.name,
                "precision": localizer.network.card.precision,
                "bytes": path.stat().st_size,
                "threads": threads,
                "network": asdict(Latency.of(infer_ms[path])),
                "crop_infer_decode": asdict(Latency.of(locate_ms[path])),
                "accuracy": {"data": str(data), **accuracy},
            }
        )
    return {
        "schema_version": SCHEMA_VERSION,
        "board": describe_board(),
        "temperature_c": {"before": before_c, "after": temperature_c()},
        "models": rows,
    }


def _time_once(localizer: Localizer, image: Any, box: Any) -> tuple[float, float]:
    card = localizer.network.card
    crop = crop_transform(box, size=card.input_size, scale=card.crop_scale).cut(image)
    start = time.perf_counter_ns()
    localizer.network.infer(crop)
    middle = time.perf_counter_ns()
    localizer.locate(image, box)
    end = time.perf_counter_ns()
    return (middle - start) / 1e6, (end - middle) / 1e6


def render(report: dict[str, Any]) -> str:
    """Return the report as a Markdown table."""
    board = report["board"]
    lines = [
        f"# {board['board'] or board['processor'] or board['machine']}",
        "",
        "| model | threads | kB | network p50 / p90 ms | crop, infer, decode p50 ms | NME % (n) |",
        "|---|---|---|---|---|---|",
    ]
    for row in report["models"]:
        network, accuracy = row["network"], row["accuracy"]
        lines.append(
            f"| {row['model']} | {row['threads']} | {row['bytes'] / 1000:.0f} "
            f"| {network['p50_ms']:.2f} / {network['p90_ms']:.2f} "
            f"| {row['crop_infer_decode']['p50_ms']:.2f} "
            f"| {accuracy['nme_percent']:.3f} ({accuracy['n']}) |"
        )
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str]) -> int:
    """Measure and write ``report.json`` and ``report.md``."""
    parser = argparse.ArgumentParser(prog="edge-bench", description="Latency against NME.")
    parser.add_argument("--models", nargs="+", help="files or names (default: all shipped)")
    parser.add_argument("--data", type=Path, required=True, help="folder of pictures with .pts")
    parser.add_argument("--threads", type=int, choices=range(1, 9), default=1, metavar="1-8")
    parser.add_argument("--quick", action="store_true", help="fewer samples")
    parser.add_argument("--out", type=Path, required=True, help="folder for the report")
    parser.add_argument("--force", action="store_true", help="replace an existing report")
    args = parser.parse_args(argv)
    models = [model_path(model) for model in args.models or shipped_models()]
    if not models:
        raise LandmarkError("no model is shipped with this installation: give --models FILE")
    refuse_overwrite(args.out / "report.json", force=args.force)
    report = measure(models, args.data, threads=args.threads, quick=args.quick)
    text = render(report)
    for name, content in (("report.json", json.dumps(report, indent=1)), ("report.md", text)):
        with atomic_write(args.out / name, force=True) as temporary:
            temporary.write_text(content)
    print(text, end="")
    return 0


def cli() -> None:
    """Entry point of ``edge-bench``."""
    sys.exit(run_command(main))


if __name__ == "__main__":
    cli()
