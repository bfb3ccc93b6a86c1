"""The whole way from a float network to measured INT8 files.

Everything is made and measured under temporary names first; what is put in place carries its own
measured error in its card.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge.runtime.delegation import delegation_of
from landmarks.card import ModelCard
from landmarks.errors import QuantizationError
from landmarks.faces import LabelledFace
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.model_file import with_card
from landmarks.provenance import git_revision, tool_versions
from landmarks.score import Score
from quantize.audit import audit
from quantize.calibrate import CalibrationSet, read_calibration, spread
from quantize.candidates import REFERENCE, Candidate, candidates, fine_tuning_folder
from quantize.config import QuantizeConfig
from quantize.fine_tune import open_faces
from quantize.measure import latencies_ms, score_graph
from quantize.networks.fold import fold
from quantize.ptq import quantize_after_training
from quantize.report import Report, Row
from train.models.network import KerasNetwork
from train.preparation.any_layout import read_faces

TOOLS = ("tensorflow-cpu", "tensorflow", "keras", "tf2onnx", "onnx", "ai-edge-litert", "numpy")
THREADS = (1, 2)
AUDIT_FACES = 160  # the network is run on them once for each step


@dataclass(frozen=True)
class Measured:
    """A candidate with its card and its error."""

    candidate: Candidate
    card: ModelCard
    score: Score


def quantize(config: QuantizeConfig, say: Callable[[str], None]) -> Report:
    """Quantize, measure and write.

    Args:
        config: what to do.
        say: told each step in one line.

    Raises:
        OutputExistsError: a file is there and ``config.force`` is not set.
        DatasetError: faces cannot be read.
        QuantizationError: the network or the calibration data cannot be used, or INT8 loses more
            than ``config.max_nme_drop``; nothing is written.
    """
    network = KerasNetwork(config.model)
    parent = replace(network.card, parent_sha256=network.file.sha256)
    for path in planned_files(config, parent.name):
        refuse_overwrite(path, force=config.force)
    if config.qat:
        open_faces(config.qat.data, parent)  # a wrong folder is said now, not minutes later
    faces, data = _scoring_faces(config)
    calibration = read_calibration(config.calib, parent, config.calib_faces)
    for warning in calibration.warnings:
        say(f"warning: {warning}")
    say(f"calibrating on {calibration.faces} faces of {config.calib}")
    folded = fold(network.model)
    rounded = quantize_after_training(folded, calibration, config.ptq)
    audited = None
    if config.audit:
        say("auditing each step")
        some = tuple(faces[i] for i in spread(len(faces), AUDIT_FACES))
        audited = audit(
            rounded.folded, rounded.ranges, rounded.steps, parent, calibration.crops, some
        )
    measured = [
        _measure(candidate, parent, calibration, faces)
        for candidate in candidates(folded, rounded, parent, calibration, config, say)
    ]
    _check_loss(measured, config.max_nme_drop)
    say("timing")
    times = {n: latencies_ms(_graphs(measured), calibration.crops[0], n) for n in THREADS}
    delegations = {
        entry.candidate.key: delegation_of(entry.candidate.graph.data)
        for entry in measured
        if entry.candidate.format == "tflite"
    }
    paths = _write(measured, data, config)
    rows = tuple(
        Row(
            entry.candidate.name,
            entry.candidate.precision,
            entry.candidate.format,
            len(entry.candidate.graph.data),
            entry.score,
            {n: times[n][key] for n in THREADS},
            delegations.get(key),
            paths.get(key),
        )
        for key, entry in ((entry.candidate.key, entry) for entry in measured)
    )
    report = Report(rows, data, audited)
    with atomic_write(report_path(config, parent.name), force=config.force) as temporary:
        temporary.write_text(json.dumps(report.to_dict(), indent=1) + "\n")
    return report


def planned_files(config: QuantizeConfig, name: str) -> list[Path]:
    """Return the files that a run will write for a network of that name."""
    files = [_path(config, name, "int8", f".{suffix}") for suffix in config.formats]
    for precision in config.also:
        formats = config.formats if precision == "float32" else ("tflite",)
        files += [_path(config, name, precision, f".{suffix}") for suffix in formats]
    if config.qat and not config.resume:
        files.append(fine_tuning_folder(config, name))
    return [*files, report_path(config, name)]


def _path(config: QuantizeConfig, name: str, precision: str, suffix: str) -> Path:
    return config.out / f"{name}-{precision}{suffix}"


def report_path(config: QuantizeConfig, name: str) -> Path:
    """Return where the figures of a run go, as JSON, for a network of that name."""
    return config.out / f"{name}-quantize.json"


def _scoring_faces(config: QuantizeConfig) -> tuple[Sequence[LabelledFace], str]:
    faces, subset = read_faces(config.data, config.dataset, config.subset)
    name = "/".join(config.data.resolve().parts[-2:])
    return faces, name if subset == "all" else f"{name} {subset}"


def _measure(
    candidate: Candidate,
    parent: ModelCard,
    calibration: CalibrationSet,
    faces: Sequence[LabelledFace],
) -> Measured:
    quantization = {
        "method": candidate.method,
        "calibration": {
            "faces": calibration.faces,
            "folder": calibration.folder.name,
            "sha256": calibration.sha256,
        },
        "outputs": {name: list(scale) for name, scale in candidate.graph.scales.items()},
    }
    card = replace(
        parent,
        precision=candidate.precision,
        outputs=candidate.graph.outputs,
        quantization=quantization if candidate.method else {},
        tools=tool_versions(TOOLS),
        git_revision=git_revision(),
    )
    score = score_graph(candidate.graph.data, card, candidate.suffix, faces, candidate.key)
    return Measured(candidate, card, score)


def _check_loss(measured: Sequence[Measured], limit: float | None) -> None:
    before = measured[0].score.nme_percent
    for entry in measured:
        lost = entry.score.nme_percent - before
        if limit is not None and entry.candidate.kept and lost > limit:
            raise QuantizationError(
                f"{entry.candidate.key} loses {lost:.3f} NME points against {REFERENCE}'s "
                f"{before:.3f} %, --max-nme-drop allows {limit:g}: nothing was written; try --qat, "
                "--audit or another --estimator"
            )


def _graphs(measured: Sequence[Measured]) -> dict[str, tuple[bytes, ModelCard, str]]:
    return {
        entry.candidate.key: (entry.candidate.graph.data, entry.card, entry.candidate.suffix)
        for entry in measured
    }


def _write(measured: Sequence[Measured], data: str, config: QuantizeConfig) -> dict[str, Path]:
    """Put files in place, the measured errors in their cards; return their paths."""
    before, paths = measured[0].score, {}
    for entry in measured:
        candidate = entry.candidate
        if not candidate.kept:
            continue
        scores = {REFERENCE: before, candidate.precision: entry.score}
        accuracy = tuple(
            {"precision": precision, "data": data, "boxes": "truth", **result.to_dict()}
            for precision, result in scores.items()
        )
        card = replace(entry.card, accuracy=accuracy)
        path = _path(config, card.name, candidate.precision, candidate.suffix)
        with atomic_write(path, force=config.force) as temporary:
            temporary.write_bytes(with_card(candidate.graph.data, card, candidate.suffix))
        paths[candidate.key] = path
    return paths
