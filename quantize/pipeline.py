"""The whole way from a float network to two scored INT8 files.

Both files are written and scored under temporary names first; what is put in place carries its own
measured error in its card.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from edge.runtime import open_network
from landmarks.card import ModelCard
from landmarks.errors import UsageError
from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.locate import Localizer
from landmarks.model_file import with_card
from landmarks.provenance import git_revision, tool_versions
from landmarks.score import Score, score
from quantize.calibrate import DEFAULT_FACES, calibration_set
from quantize.onnx import derive_onnx
from quantize.tflite import quantize_ptq
from train.models.network import KerasNetwork

TOOLS = ("tensorflow-cpu", "tensorflow", "keras", "tf2onnx", "onnx", "ai-edge-litert", "numpy")
SUFFIXES = {"tflite": ".tflite", "onnx": ".onnx"}


@dataclass(frozen=True)
class QuantizeConfig:
    """One run of ``python -m quantize``.

    Attributes:
        model: float network, a ``.keras`` file.
        calib: folder of labelled faces to calibrate with.
        calib_faces: how many of them, from the first by name.
        data: folders of labelled faces to score on; the calibration folder when empty.
        out: folder for the files.
        formats: ``tflite``, ``onnx`` or both.
        force: replace existing files.
    """

    model: Path
    calib: Path
    out: Path
    data: tuple[Path, ...] = ()
    calib_faces: int = DEFAULT_FACES
    formats: tuple[str, ...] = ("tflite", "onnx")
    force: bool = False


@dataclass(frozen=True)
class Artefact:
    """A scored model.

    Attributes:
        path: of the file.
        precision: ``float32`` or ``int8``.
        bytes: size of the file.
        score: its error on the scoring faces.
    """

    path: Path
    precision: str
    bytes: int
    score: Score


def quantize(config: QuantizeConfig, say: Callable[[str], None]) -> tuple[Artefact, ...]:
    """Quantize, score and write.

    Args:
        config: what to do.
        say: told each step in one line.

    Returns:
        The float network first, then each INT8 file.

    Raises:
        OutputExistsError: a file is there and ``config.force`` is not set.
        QuantizationError: the network or the calibration data cannot be used.
    """
    network = KerasNetwork(config.model)
    parent = network.card
    paths = {name: config.out / f"{parent.name}-int8{SUFFIXES[name]}" for name in config.formats}
    for path in paths.values():
        refuse_overwrite(path, force=config.force)

    say(f"calibrating on {config.calib}")
    available = read_labelled_faces(config.calib)
    calibration = calibration_set(available[: config.calib_faces], parent)
    faces = _scoring_faces(config)
    say(f"scoring the float network on {len(faces)} faces")
    before = score(Localizer.of(network), faces)
    artefacts = [Artefact(config.model, parent.precision, config.model.stat().st_size, before)]

    say("quantizing")
    graph = quantize_ptq(network.model, parent, calibration.crops)
    card = replace(
        parent,
        precision="int8",
        outputs=graph.outputs,
        quantization={
            "method": "post-training, MinMax, per-channel weights",
            "calibration": {
                "faces": len(calibration.crops),
                "folder": config.calib.name,
                "sha256": calibration.sha256,
            },
            "outputs": {name: list(scale) for name, scale in graph.scales.items()},
        },
        parent_sha256=network.file.sha256,
        tools=tool_versions(TOOLS),
        git_revision=git_revision(),
    )
    for name, path in paths.items():
        data = graph.data if name == "tflite" else derive_onnx(graph.data).SerializeToString()
        say(f"scoring {path.name}")
        after = _score(data, card, path.suffix, faces)
        scored = replace(card, accuracy=_accuracy(config, before, after))
        content = with_card(data, scored, path.suffix)
        with atomic_write(path, force=config.force) as temporary:
            temporary.write_bytes(content)
        artefacts.append(Artefact(path, "int8", len(content), after))
    return tuple(artefacts)


def _scoring_faces(config: QuantizeConfig) -> Sequence[LabelledFace]:
    folders = config.data or (config.calib,)
    return [face for folder in folders for face in read_labelled_faces(folder)]


def _score(graph: bytes, card: ModelCard, suffix: str, faces: Sequence[LabelledFace]) -> Score:
    """Score a graph through the device's runtime, from a file like any other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"scored{suffix}"
        path.write_bytes(with_card(graph, card, suffix))
        return score(Localizer.of(open_network(path)), faces)


def _accuracy(config: QuantizeConfig, before: Score, after: Score) -> tuple[dict[str, Any], ...]:
    folders = config.data or (config.calib,)
    data = " + ".join("/".join(folder.resolve().parts[-2:]) for folder in folders)
    return tuple(
        {"precision": precision, "data": data, "boxes": "truth", **result.to_dict()}
        for precision, result in (("float32", before), ("int8", after))
    )


def check_formats(text: str) -> tuple[str, ...]:
    """Parse ``tflite,onnx``.

    Raises:
        UsageError: an unknown format.
    """
    formats = tuple(part.strip() for part in text.split(",") if part.strip())
    if not formats or set(formats) - set(SUFFIXES):
        raise UsageError(f"formats {text!r}: expected {' or '.join(SUFFIXES)}, or both")
    return formats
