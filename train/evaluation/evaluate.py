"""Errors of model files on labelled faces: ``python -m train evaluate MODEL... --data DIR``.

A ``.tflite`` or ``.onnx`` file runs in ``edge.runtime``, and a finder's boxes come from
``edge.finder``, exactly as on the device: every published error comes from the code that ships, and
from no copy of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from edge.finder.choose import open_finder
from edge.models import model_path
from landmarks.boxes import Box, face_box, intersection_over_union
from landmarks.errors import DatasetError
from landmarks.faces import LabelledFace
from landmarks.files import refuse_overwrite
from landmarks.locate import Localizer, Network
from landmarks.measure import BoxSource, dataset_box, score, true_box
from landmarks.metrics import Frame, Normaliser
from landmarks.pictures import check_picture_path, write_picture
from landmarks.score import Score
from landmarks.types import Image
from train.evaluation.conditions import CONDITIONS, under
from train.evaluation.face_errors import write_face_errors
from train.evaluation.worst_faces import worst_row
from train.models.any_network import open_any
from train.preparation.any_layout import layout_of, read_faces
from train.settings.evaluate import Boxes, EvaluateConfig

MIN_IOU = 0.3  # below it a detection is another face


def evaluate(config: EvaluateConfig) -> tuple[dict[str, Any], ...]:
    """Measure model files on the same faces and write the outputs that were asked for.

    Returns:
        The figures of each model, ready for JSON.

    Raises:
        ModelFileError: a file is missing or damaged.
        DatasetError: faces are missing, malformed or not comparable, or lack what was asked for.
        OutputExistsError: an output exists and ``force`` is False.
    """
    for output in (config.ced, config.errors, config.worst):
        if output is not None:
            refuse_overwrite(output, force=config.force)
    if config.worst is not None:
        check_picture_path(config.worst)
    if config.ced is not None:
        from train.evaluation.ced import check_ced_path  # matplotlib takes a second to import

        check_ced_path(config.ced)
    networks = {path: open_any(path) for path in map(model_path, config.models)}
    faces, subset = read_faces(config.data, config.dataset, config.subset)
    if config.by_group and not any(face.groups for face in faces):
        raise DatasetError(f"{config.data}: its faces name no groups, leave out --by-group")
    scores = {
        path: _score(network, network.card.name, faces, config)
        for path, network in networks.items()
    }
    _write_outputs(scores, subset, config)
    figures, rows = [], []
    for path, result in scores.items():
        conditions = {}
        for name, part in _conditions(networks[path], faces, result, config):
            conditions[name] = part.to_dict()
            if config.worst is not None:  # at once: the score holds all its pictures
                rows.append(worst_row(f"{networks[path].card.name}, {name}", part))
        figures.append(_figures(path, networks[path], result, subset, config))
        if config.by_condition:
            figures[-1]["conditions"] = conditions
    if config.worst is not None:
        write_picture(config.worst, np.vstack(rows), quality=80, force=config.force)
    return tuple(figures)


def _conditions(
    network: Network, faces: Sequence[LabelledFace], as_it_is: Score, config: EvaluateConfig
) -> Iterator[tuple[str, Score]]:
    """Yield the score that is known already and, if asked for, that under each condition."""
    yield "as it is", as_it_is
    for name in CONDITIONS if config.by_condition else ():
        yield name, _score(network, name, under(name, faces), config, total=len(faces))


def _score(
    network: Network,
    title: str,
    faces: Iterable[LabelledFace],
    config: EvaluateConfig,
    total: int | None = None,
) -> Score:
    return score_on(
        network,
        _shown(title, faces, total),
        boxes=config.boxes,
        normaliser=config.normaliser,
        frame=config.frame,
    )


def _shown(
    title: str, faces: Iterable[LabelledFace], total: int | None = None
) -> Iterable[LabelledFace]:
    """Show on a terminal how far the faces have got."""
    bar: Iterable[LabelledFace] = tqdm(faces, title, total, unit="face", disable=None, leave=False)
    return bar


def score_on(
    network: Network,
    faces: Iterable[LabelledFace],
    *,
    boxes: Boxes = "truth",
    normaliser: Normaliser = "inter-ocular",
    frame: Frame = "original",
) -> Score:
    """Measure a network with boxes of a kind; see ``landmarks.measure.score``."""
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
        "dataset": config.dataset or layout_of(config.data),
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
        from train.evaluation.ced import write_ced

        counts = sorted({len(result.errors) for result in scores.values()})
        n = " to ".join(str(count) for count in dict.fromkeys((counts[0], counts[-1])))
        title = f"{config.data.name} {subset}, {n} faces, boxes: {config.boxes}"
        write_ced(config.ced, named, title=title, force=config.force)
