"""The way of a finder to INT8: that of ``quantize.pipeline``, scored by the faces that are found.

Finders are quantized after training only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from edge.runtime import open_network
from edge.runtime.delegation import Delegation, delegation_of
from landmarks.card import CentreHead, ModelCard
from landmarks.errors import UsageError
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.find import NetworkFinder
from landmarks.model_file import read_model, with_card
from landmarks.provenance import git_revision, tool_versions
from quantize.calibrate import CalibrationSet, read_calibration
from quantize.candidates import REFERENCE, Candidate, candidates
from quantize.config import QuantizeConfig
from quantize.measure import as_file, latencies_ms
from quantize.networks.fold import fold
from quantize.pipeline import TOOLS, planned_files, report_path
from quantize.ptq import quantize_after_training
from train.datasets.frames import Frame, read_frames
from train.finder.score import FinderScore, judge, summarise
from train.models.network import KerasNetwork

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class FinderRow:
    """A measured graph of a finder.

    Attributes:
        name, format: of the graph.
        bytes: size of the file.
        score: on the scoring frames.
        latency_ms: median time of the network, one thread.
        delegation: what XNNPACK takes of it; None for an ONNX file.
        path: of the file; None for one that only served comparison.
    """

    name: str
    format: str
    bytes: int
    score: FinderScore
    latency_ms: float
    delegation: Delegation | None
    path: Path | None

    def to_dict(self) -> dict[str, Any]:
        """Return JSON types; of the path, the name."""
        return {**asdict(self), "path": self.path.name if self.path else None}


def is_finder(model: Path) -> bool:
    """Say whether a model file is a finder.

    Raises:
        ModelFileError: it cannot be used.
    """
    return isinstance(read_model(model).card.head, CentreHead)


def quantize_finder(config: QuantizeConfig, say: Callable[[str], None]) -> tuple[FinderRow, ...]:
    """Quantize, measure and write; the first row is the float32 network.

    Args:
        config: what to do; ``calib`` and ``data`` are folders of frames.
        say: told each step in one line.

    Raises:
        UsageError: the configuration asks for what is not there for finders.
        OutputExistsError: a file is there and ``config.force`` is not set.
        DatasetError: frames cannot be read.
        QuantizationError: the network or the calibration data cannot be used.
    """
    if config.qat or config.audit or config.max_nme_drop is not None:
        raise UsageError("--qat, --audit and --max-nme-drop are for landmark networks, not finders")
    network = KerasNetwork(config.model)
    parent = replace(network.card, parent_sha256=network.file.sha256)
    for path in planned_files(config, parent.name):
        refuse_overwrite(path, force=config.force)
    frames = read_frames(config.data)
    calibration = read_calibration(config.calib, parent, config.calib_faces)
    for warning in calibration.warnings:
        say(f"warning: {warning}")
    say(f"calibrating on {calibration.faces} frames of {config.calib}")
    folded = fold(network.model)
    rounded = quantize_after_training(folded, calibration, config.ptq)
    made = list(candidates(folded, rounded, parent, calibration, config, say))
    cards = [_card(candidate, parent, calibration) for candidate in made]
    say("timing")
    graphs = {
        candidate.key: (candidate.graph.data, card, candidate.suffix)
        for candidate, card in zip(made, cards, strict=True)
    }
    times = latencies_ms(graphs, calibration.crops[0], threads=1)
    rows: list[FinderRow] = []
    for candidate, card in zip(made, cards, strict=True):
        score = _scored(candidate, card, frames)
        before = rows[0].score if rows else score
        rows.append(
            FinderRow(
                candidate.name,
                candidate.format,
                len(candidate.graph.data),
                score,
                times[candidate.key],
                delegation_of(candidate.graph.data) if candidate.format == "tflite" else None,
                _written(candidate, card, {REFERENCE: before, candidate.precision: score}, config),
            )
        )
    with atomic_write(report_path(config, parent.name), force=config.force) as temporary:
        report = {"schema_version": SCHEMA_VERSION, "rows": [row.to_dict() for row in rows]}
        temporary.write_text(json.dumps(report, indent=1) + "\n")
    return tuple(rows)


def render_finder(rows: Sequence[FinderRow]) -> str:
    """Return the rows as a table, with what XNNPACK takes of the INT8 graph."""
    first = rows[0].score
    lines = [
        f"{first.faces} labelled faces in {first.frames} frames; a hit has an IoU of 0.5 or more",
        f"{'':<17}{'format':<7}{'kB':>7}{'ms, 1 thr.':>12}{'recall':>9}{'median IoU':>12}"
        f"{'false in 20':>13}",
    ]
    for row in rows:
        score = row.score
        lines.append(
            f"{row.name:<17}{row.format:<7}{row.bytes / 1e3:>7.0f}{row.latency_ms:>12.2f}"
            f"{score.recall:>9.4f}{score.median_iou:>12.3f}{score.false_per_20:>13.2f}"
        )
    lines += [f"{row.name}: {row.delegation.summary()}" for row in rows[1:] if row.delegation]
    return "\n".join([*lines, *(f"written: {row.path}" for row in rows if row.path)])


def _card(candidate: Candidate, parent: ModelCard, calibration: CalibrationSet) -> ModelCard:
    quantization = {
        "method": candidate.method,
        "calibration": {
            "frames": calibration.faces,
            "folder": calibration.folder.name,
            "sha256": calibration.sha256,
        },
        "outputs": {name: list(scale) for name, scale in candidate.graph.scales.items()},
    }
    return replace(
        parent,
        precision=candidate.precision,
        outputs=candidate.graph.outputs,
        quantization=quantization if candidate.method else {},
        tools=tool_versions(TOOLS),
        git_revision=git_revision(),
    )


def _scored(candidate: Candidate, card: ModelCard, frames: Sequence[Frame]) -> FinderScore:
    with as_file(candidate.graph.data, card, candidate.suffix) as path:
        finder = NetworkFinder.of(open_network(path))
    bar = tqdm(frames, desc=f"scoring {candidate.key}", unit="frame", disable=None, leave=False)
    return summarise([judge(frame, finder.find(frame.picture.read())) for frame in bar])


def _written(
    candidate: Candidate,
    card: ModelCard,
    scores: dict[str, FinderScore],
    config: QuantizeConfig,
) -> Path | None:
    """Put a file in place, the measured figures in its card; return its path."""
    if not candidate.kept:
        return None
    data = "/".join(config.data.resolve().parts[-2:])
    accuracy = tuple(
        {"precision": precision, "data": data, **asdict(score)}
        for precision, score in scores.items()
    )
    path = config.out / f"{card.name}-{candidate.precision}{candidate.suffix}"
    with atomic_write(path, force=config.force) as temporary:
        content = with_card(
            candidate.graph.data, replace(card, accuracy=accuracy), candidate.suffix
        )
        temporary.write_bytes(content)
    return path
