"""Reports with planted figures, for the tests of what is made of them."""

from __future__ import annotations

from edge.bench.accuracy import Accuracy
from edge.bench.cold import ColdStart
from edge.bench.environment import Conditions
from edge.bench.report import Data, Row, Run, WorstFace
from edge.bench.rules import QUICK
from edge.bench.statistics import Latency
from edge.bench.subject import Facts

QUIET = Conditions(temperature_c=48.0, clock_mhz=1800.0, throttled=0, load_1m=0.1)


def row(
    name="net-int8.tflite",
    *,
    network="net",
    precision="int8",
    runtime="LiteRT",
    kind="model",
    threads=1,
    infer_ms=2.0,
    nme_percent=3.5,
    spread=0.0,
):
    """A subject that takes ``infer_ms`` for the network and 1 ms for all else."""
    detector = kind == "detector"
    medians = (infer_ms, infer_ms * (1 + spread))
    stages = {"crop": 0.4, "infer": infer_ms, "decode": 0.6, "face": infer_ms + 1.0}
    face = {stage: Latency.of([ms]) for stage, ms in stages.items()}
    frame = {"capture": 1.0, "infer": infer_ms, "emit": 0.2, "frame": infer_ms + 2.0}
    figures = {
        "n": 3,
        "scheme": "300w-68",
        "nme_percent": nme_percent,
        "fr10_percent": 0.0,
        "auc10": 0.65,
        "regions_nme_percent": {"eyes": 2.0, "mouth": 3.0},
    }
    return Row(
        facts=Facts(
            name=name,
            kind=kind,
            network=network,
            runtime=runtime,
            precision=precision,
            threads=threads,
            bytes=1_000_000 if precision == "int8" else 3_400_000,
            sha256="0" * 64,
            scheme=None if detector else "300w-68",
            trained_on="300W",
        ),
        face=face,
        frame={stage: Latency.of([ms]) for stage, ms in frame.items()} if kind == "model" else {},
        repeats_p50_ms={"infer": medians, "face": medians, "frame": medians},
        cold=ColdStart(load_ms=100.0, first_ms=5.0, peak_rss_mb=80.0),
        accuracy=Accuracy({"n": 3, "recall_percent": 99.0, "min_iou": 0.3})
        if detector
        else Accuracy(figures, (2.0, 3.5, 5.0)),
        delegation="62 of 62 operations delegated" if runtime == "LiteRT" else None,
    )


def run(*rows, board="Raspberry Pi 5", started="2026-01-01T00:00:00+00:00", invalid=()):
    """A run with these rows."""
    return Run(
        started=started,
        quick=True,
        rules=QUICK,
        board={"board": board, "machine": "aarch64", "cores": 4, "versions": {"numpy": "2"}},
        before=QUIET,
        after=QUIET,
        invalid=invalid,
        warnings=(),
        clip="clip.mp4",
        data=Data(("calib_data/faces",), 3, synthetic=True),
        rows=rows,
        worst_of=rows[0].facts.name,
        worst=(WorstFace("<face>.jpg", 9.5, "AAAA"),),
    )


def float_and_int8():
    """A network in float32 and INT8, and two peers."""
    return (
        row(),
        row("net-float32.tflite", precision="float32", infer_ms=3.8, nme_percent=3.48),
        row("peer", network="peer", precision="float32", kind="peer", nme_percent=6.0),
        row("finder", network="finder", precision="float32", kind="detector", infer_ms=0.8),
    )
