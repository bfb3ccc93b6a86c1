"""The model table: what each landmark network costs and how it errs, from the committed files.

A row is a network: its INT8 TFLite file, its ONNX file and its float network. What is shipped lies
in ``edge/models`` and ``train/weights``; published networks, trained here to compare with, in
``train/baselines``, in float16. Times are medians of one thread on this machine, all files taking
turns; instructions are those that were counted for these very files (``instructions.json``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from edge.bench.instructions import SHIPPED, instructions_of
from edge.bench.network_latency import network_medians_ms
from edge.models import model_path, shipped_models
from edge.runtime import open_network
from landmarks.errors import ModelFileError
from landmarks.faces import LabelledFace
from landmarks.locate import Network
from landmarks.model_file import read_model
from landmarks.types import Image
from train.baselines import BASELINES_DIR, COUNTS, INT8, baseline_names
from train.evaluation.evaluate import score_on
from train.models.any_network import open_any

WEIGHTS = Path(__file__).parents[1] / "weights"
TURNS = 200
CPU = "cortex-a76"


@dataclass(frozen=True)
class NetworkFiles:
    """The committed files of a network.

    Attributes:
        name: of the network.
        int8: its INT8 TFLite file; the ONNX file lies beside it.
        float_network: what it was made from.
        counts: where the instructions of the INT8 file are written down.
    """

    name: str
    int8: Path
    float_network: Path
    counts: Path


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        name: of the network.
        parameters, macs: of the float network.
        bytes: of the INT8 TFLite file.
        float_nme_percent, int8_nme_percent, onnx_nme_percent: inter-ocular, boxes from the labels;
            float by Keras.
        found_nme_percent, missed: of the INT8 TFLite file with the boxes of the shipped finder,
            and the faces that it did not find.
        other_nme_percent: of the INT8 TFLite file on the other data set; None without one.
        pose_mae_deg: mean over yaw, pitch and roll of the INT8 TFLite file, boxes from the labels;
            see ``landmarks.score``.
        latency_ms: median of the INT8 TFLite file, one thread.
        instructions_a76: of one inference of that file; None where they were not counted.
    """

    name: str
    parameters: int
    macs: int
    bytes: int
    float_nme_percent: float
    int8_nme_percent: float
    onnx_nme_percent: float
    found_nme_percent: float
    missed: int
    other_nme_percent: float | None
    pose_mae_deg: float
    latency_ms: float
    instructions_a76: float | None


def model_table(
    names: Sequence[str], faces: Sequence[LabelledFace], other: Sequence[LabelledFace] | None
) -> list[Row]:
    """Measure networks.

    Args:
        names: such as ``asmpip-144``; all shipped landmark networks and the baselines when empty.
        faces: with landmarks.
        other: faces of another data set.

    Raises:
        ModelFileError: there is no network of that name, or a file of it is missing.
        DatasetError: faces cannot be compared with the network's landmarks.
    """
    chosen = [files_of(name) for name in names or [*shipped_names(), *baseline_names()]]
    latencies_ms = network_medians_ms([_timed(one.int8) for one in chosen], TURNS)
    return [
        _row(one, faces, other, latency_ms)
        for one, latency_ms in zip(chosen, latencies_ms, strict=True)
    ]


def shipped_names() -> list[str]:
    """Return the names of the shipped landmark networks, from small inputs to large ones."""
    cards = [read_model(path).card for path in shipped_models() if path.suffix == ".tflite"]
    return [card.name for card in sorted(cards, key=lambda card: card.input_size)]


def files_of(name: str) -> NetworkFiles:
    """Return the committed files of a network.

    Raises:
        ModelFileError: there is none of that name, or its float network is missing.
    """
    if name in baseline_names():
        files = NetworkFiles(
            name,
            BASELINES_DIR / f"{name}{INT8}",
            BASELINES_DIR / f"{name}-float16.tflite",
            COUNTS,
        )
    else:
        files = NetworkFiles(name, model_path(name), WEIGHTS / f"{name}.keras", SHIPPED)
    if not files.float_network.exists():
        raise ModelFileError(f"{files.float_network}: no float network of {name}")
    return files


def _row(
    files: NetworkFiles,
    faces: Sequence[LabelledFace],
    other: Sequence[LabelledFace] | None,
    latency_ms: float,
) -> Row:
    path = files.int8
    file = read_model(path)

    def nme_percent(of: Path) -> float:
        return score_on(open_any(of), faces).nme_percent

    shipped = score_on(open_any(path), faces)
    found = score_on(open_any(path), faces, boxes="detector")
    counted = [row for row in instructions_of({file.sha256}, files.counts) if row.cpu == CPU]
    return Row(
        name=files.name,
        parameters=file.card.training["parameters"],
        macs=file.card.training["macs"],
        bytes=path.stat().st_size,
        float_nme_percent=nme_percent(files.float_network),
        int8_nme_percent=shipped.nme_percent,
        onnx_nme_percent=nme_percent(path.with_suffix(".onnx")),
        found_nme_percent=found.nme_percent,
        missed=found.missed,
        other_nme_percent=None if other is None else score_on(open_any(path), other).nme_percent,
        pose_mae_deg=shipped.to_dict()["pose_mae_deg"]["mean"],
        latency_ms=latency_ms,
        instructions_a76=counted[0].per_inference if counted else None,
    )


def _timed(path: Path) -> tuple[Network, Image]:
    """Return a network, for one thread, and a crop to time it with."""
    network = open_network(path, threads=1)
    side = network.card.input_size
    return network, np.full((side, side, 3), 128, np.uint8)


def render(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    titles = [field.name.replace("_", " ") for field in fields(Row)]
    cells = [[_cell(getattr(row, field.name)) for field in fields(Row)] for row in rows]
    lines = [titles, ["---"] * len(titles), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: str | int | float | None) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value / 1e6:.1f} M" if value > 1e5 else f"{value:.3f}"
    return f"{value / 1e6:.2f} M" if isinstance(value, int) and value > 1e5 else str(value)
