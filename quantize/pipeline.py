"""The whole way from a float network to measured INT8 files.

Everything is made and measured under temporary names first; what is put in place carries its own
measured figures in its card. Landmark networks and face finders take the same way; what they are
measured on is an ``Examination``. Finders are quantized after training only.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from edge.runtime.delegation import delegation_of
from landmarks.card import CentreHead, ModelCard
from landmarks.card_check import Precision
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.model_file import with_card
from landmarks.provenance import git_revision, tool_versions
from quantize.calibrate import CalibrationSet, read_calibration
from quantize.candidates import REFERENCE, Candidate, candidates, fine_tuning_folder
from quantize.config import QuantizeConfig
from quantize.examination import Examination, Measured, Report
from quantize.finder_examination import finder_examination
from quantize.fine_tune import open_faces
from quantize.landmark_examination import landmark_examination
from quantize.measure import as_file, latencies_ms
from quantize.networks.fold import fold
from quantize.ptq import quantize_after_training
from quantize.row import Row, S
from train.models.network import KerasNetwork

TOOLS = ("tensorflow-cpu", "tensorflow", "keras", "tf2onnx", "onnx", "ai-edge-litert", "numpy")


def quantize(config: QuantizeConfig, say: Callable[[str], None]) -> Report:
    """Quantize, measure and write.

    Args:
        config: what to do; for a finder, ``calib`` and ``data`` are folders of frames.
        say: told each step in one line.

    Raises:
        OutputExistsError: a file is there and ``config.force`` is not set.
        DatasetError: faces or frames cannot be read.
        QuantizationError: the network or the calibration data cannot be used, or INT8 loses more
            than ``config.max_nme_drop``; nothing is written.
        UsageError: the configuration asks for what is not there for finders.
    """
    network = KerasNetwork(config.model)
    parent = replace(network.card, parent_sha256=network.file.sha256)
    for path in planned_files(config, parent.name):
        refuse_overwrite(path, force=config.force)
    if isinstance(parent.head, CentreHead):
        return _quantize(network, parent, finder_examination(config), config, say)
    if config.qat:
        open_faces(config.qat.data, parent)  # a wrong folder is said now, not minutes later
    return _quantize(network, parent, landmark_examination(config), config, say)


def _quantize(
    network: KerasNetwork,
    parent: ModelCard,
    examination: Examination[S],
    config: QuantizeConfig,
    say: Callable[[str], None],
) -> Report:
    calibration = read_calibration(config.calib, parent, config.calib_faces)
    for warning in calibration.warnings:
        say(f"warning: {warning}")
    say(f"calibrating on {calibration.faces} {examination.unit} of {config.calib}")
    folded = fold(network.model)
    rounded = quantize_after_training(folded, calibration, config.ptq)
    audited = None
    if config.audit:
        say("auditing each step")
        audited = examination.audit(parent, rounded, calibration.crops)
    measured = [
        _measure(candidate, parent, calibration, examination)
        for candidate in candidates(folded, rounded, parent, calibration, config, say)
    ]
    examination.check(measured)
    say("timing")
    graphs = {
        entry.candidate.key: (entry.candidate.graph.data, entry.card, entry.candidate.suffix)
        for entry in measured
    }
    times = {n: latencies_ms(graphs, calibration.crops[0], n) for n in examination.threads}
    delegations = {
        entry.candidate.key: delegation_of(entry.candidate.graph.data)
        for entry in measured
        if entry.candidate.format == "tflite"
    }
    paths = _write(measured, examination, config)
    rows = tuple(
        Row(
            entry.candidate.name,
            entry.candidate.precision,
            entry.candidate.format,
            len(entry.candidate.graph.data),
            entry.score,
            {n: times[n][key] for n in examination.threads},
            delegations.get(key),
            paths.get(key),
        )
        for key, entry in ((entry.candidate.key, entry) for entry in measured)
    )
    report = examination.report(rows, audited)
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


def _measure(
    candidate: Candidate,
    parent: ModelCard,
    calibration: CalibrationSet,
    examination: Examination[S],
) -> Measured[S]:
    quantization = {
        "method": candidate.method,
        "calibration": {
            examination.unit: calibration.faces,
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
    with as_file(candidate.graph.data, card, candidate.suffix) as path:
        return Measured(candidate, card, examination.score(path, candidate.key))


def _write(
    measured: Sequence[Measured[S]], examination: Examination[S], config: QuantizeConfig
) -> dict[str, Path]:
    """Put files in place, the measured figures in their cards; return their paths."""
    before = measured[0].score
    paths: dict[str, Path] = {}
    for entry in measured:
        candidate = entry.candidate
        if not candidate.kept:
            continue
        scores: dict[Precision, S] = {REFERENCE: before, candidate.precision: entry.score}
        accuracy = tuple(
            examination.accuracy(precision, score) for precision, score in scores.items()
        )
        card = replace(entry.card, accuracy=accuracy)
        path = _path(config, card.name, candidate.precision, candidate.suffix)
        with atomic_write(path, force=config.force) as temporary:
            temporary.write_bytes(with_card(candidate.graph.data, card, candidate.suffix))
        paths[candidate.key] = path
    return paths
