"""Errors of model files on labelled faces: ``python -m train evaluate MODEL... --data DIR``.

A ``.tflite`` or ``.onnx`` file runs in ``edge.runtime``, exactly as on the device. This is the one
place where the training room meets the device's: the design wants every published error to come
from the code that ships, and from no copy of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tqdm import tqdm

from edge.finder.choose import open_finder
from edge.models import model_path
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.files import refuse_overwrite
from landmarks.locate import Localizer, Network
from landmarks.metrics import Frame, Normaliser
from landmarks.score import BoxSource, Score, dataset_box, score, true_box
from landmarks.types import Image
from train.conditions import CONDITIONS, under
from train.datasets.bad_files import BadFiles
from train.datasets.registry import get_dataset
from train.datasets.w300 import looks_like_w300
from train.face_errors import write_face_errors
from train.fit_config import FitConfig
from train.models.any_network import open_any
from train.preparation.faces import read_prepared_faces
from train.preparation.prepared import MARKER

Boxes = Literal["truth", "dataset", "detector"]
MIN_IOU = 0.3  # below it a detection is another face


@dataclass(frozen=True)
class EvaluateConfig:
    """What to measure and how.

    Attributes:
        models: paths of ``.keras``, ``.tflite`` or ``.onnx`` files, or names of shipped models.
        data: folder of the data set.
        dataset: which one, by name; when None, prepared faces or 300W if the folder looks like
            it, else a plain folder of pictures with ``.pts`` files.
        subset: part of it; the one for testing when None.
        boxes: from the labels, from the data set, or from the finder that is shipped.
        normaliser: what distances are divided by.
        frame: original pixels, or the papers' resized crop.
        by_group: also report each group of faces.
        by_condition: also report the faces under each of ``train.conditions.CONDITIONS``.
        ced: picture of the cumulative error curves to write.
        errors: CSV table of every face's error to write.
        force: replace existing outputs.
    """

    models: tuple[str, ...]
    data: Path
    dataset: str | None = None
    subset: str | None = None
    boxes: Boxes = "truth"
    normaliser: Normaliser = "inter-ocular"
    frame: Frame = "original"
    by_group: bool = False
    by_condition: bool = False
    ced: Path | None = None
    errors: Path | None = None
    force: bool = False


def evaluate(config: EvaluateConfig) -> tuple[dict[str, Any], ...]:
    """Measure model files on the same faces and write the outputs that were asked for.

    Returns:
        The figures of each model, ready for JSON.

    Raises:
        ModelFileError: a file is missing or damaged.
        DatasetError: faces are missing, malformed or not comparable, or lack what was asked for.
        OutputExistsError: an output exists and ``force`` is False.
    """
    for output in (config.ced, config.errors):
        if output is not None:
            refuse_overwrite(output, force=config.force)
    if config.ced is not None:
        from train.ced import check_ced_path  # matplotlib takes a second to import

        check_ced_path(config.ced)
    networks = {path: open_any(path) for path in map(model_path, config.models)}
    faces, subset = read_faces(config.data, config.dataset, config.subset)
    if config.by_group and not any(face.groups for face in faces):
        raise DatasetError(f"{config.data}: its faces name no groups, leave out --by-group")
    how = {"boxes": config.boxes, "normaliser": config.normaliser, "frame": config.frame}
    scores = {
        path: score_on(network, _shown(network.card.name, faces), **how)
        for path, network in networks.items()
    }
    _write_outputs(scores, subset, config)
    figures = []
    for path, result in scores.items():
        figures.append(_figures(path, networks[path], result, subset, config))
        if config.by_condition:
            figures[-1]["conditions"] = {
                name: score_on(
                    networks[path], _shown(name, under(name, faces), len(faces)), **how
                ).to_dict()
                for name in CONDITIONS
            }
    return tuple(figures)


def read_faces(
    data: Path, dataset: str | None, subset: str | None
) -> tuple[Sequence[LabelledFace], str]:
    """Read labelled faces; return them and the name of the subset.

    Raises:
        DatasetError: the data set is unknown or has no landmarks, or its files are missing or bad.
    """
    layout = dataset or _layout(data)
    if layout == "prepared":
        part = subset or "all"
        return read_prepared_faces(data, part, FitConfig.validation_percent), part
    if layout == "folder":
        if subset not in (None, "all"):
            raise DatasetError(f"{data}: a plain folder has no subset {subset!r}")
        return read_labelled_faces(data), "all"
    chosen = get_dataset(layout)
    if chosen.scheme is None:
        raise DatasetError(f"{chosen.title} has no landmarks to measure against")
    part = subset or chosen.test
    return chosen.read(data, part, BadFiles()), part


def _layout(data: Path) -> str:
    """Return the layout of a folder whose data set is not named."""
    if (data / MARKER).exists():
        return "prepared"
    return "w300" if looks_like_w300(data) else "folder"


def _shown(
    title: str, faces: Iterable[LabelledFace], total: int | None = None
) -> Iterable[LabelledFace]:
    """Show on a terminal how far the faces have got."""
    return tqdm(faces, title, total, unit="face", disable=None, leave=False)


def score_on(
    network: Network,
    faces: Iterable[LabelledFace],
    *,
    boxes: Boxes = "truth",
    normaliser: Normaliser = "inter-ocular",
    frame: Frame = "original",
) -> Score:
    """Measure a network with boxes of a kind; see ``landmarks.score.score``."""
    sources: dict[Boxes, BoxSource] = {"truth": true_box, "dataset": dataset_box}
    return score(
        Localizer.of(network),
        faces,
        boxes=sources.get(boxes) or _detector_boxes(),
        normaliser=normaliser,
        frame=frame,
    )


def _detector_boxes() -> BoxSource:
    finder = open_finder()

    def find(image: Image, face: LabelledFace) -> Box | None:
        truth = face_box(face.points_frame)
        found = [detection.box for detection in finder.find(image)]
        best = max(found, key=lambda box: intersection_over_union(box, truth), default=None)
        if best is None or intersection_over_union(best, truth) < MIN_IOU:
            return None
        return best

    return find


def _figures(
    path: Path, network: Network, result: Score, subset: str, config: EvaluateConfig
) -> dict[str, Any]:
    figures = {
        "model": str(path),
        "data": str(config.data),
        "dataset": config.dataset or _layout(config.data),
        "subset": subset,
        **result.to_dict(),
        "boxes": config.boxes,
        "precision": network.card.precision,
    }
    if config.by_group:
        figures["groups"] = {name: part.to_dict() for name, part in result.by_group().items()}
    return figures


def _write_outputs(scores: dict[Path, Score], subset: str, config: EvaluateConfig) -> None:
    names = [path.name for path in scores]
    named = {
        path.name if names.count(path.name) == 1 else str(path): result
        for path, result in scores.items()
    }
    if config.errors is not None:
        write_face_errors(config.errors, named, force=config.force)
    if config.ced is not None:
        from train.ced import write_ced

        counts = sorted({len(result.errors) for result in scores.values()})
        n = " to ".join(str(count) for count in dict.fromkeys((counts[0], counts[-1])))
        title = f"{config.data.name} {subset}, {n} faces, boxes: {config.boxes}"
        write_ced(config.ced, named, title=title, force=config.force)
