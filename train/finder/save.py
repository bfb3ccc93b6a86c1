"""A trained finder on disk, with the threshold of its score and what it scored when held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from landmarks.card import CentreHead, ModelCard
from landmarks.decode import OutputTensor
from landmarks.files import atomic_write, naming
from landmarks.find import NetworkFinder
from landmarks.model_file import with_card
from landmarks.provenance import git_revision, tool_versions
from landmarks.types import Image
from train.datasets.frames import Frame
from train.finder.score import outcome_of, summarise, threshold_for
from train.models.cost import count_macs
from train.models.finder import STRIDE
from train.settings.finder import FinderConfig
from train.training_loop.save import TOOLS, without_places

LEAST_SCORE = 0.05  # detections below it are not looked at when the threshold is chosen


def save_finder(
    path: Path,
    network: keras.Model,
    config: FinderConfig,
    held_out: Sequence[Frame],
    facts: Mapping[str, Any],
) -> None:
    """Choose the threshold on held-out frames and write the network with its card.

    Args:
        path: of the ``.keras`` file; an existing one is replaced.
        network: holds the trained weights.
        config: of the run.
        held_out: frames that were not trained on; without any, the threshold is 0.5.
        facts: of the run, JSON types; they go into the card's ``training``.
    """
    card = ModelCard(
        name=f"finder-{config.size}",
        architecture="finder",
        precision="float32",
        scheme="",
        input_size=config.size,
        crop_scale=1.0,
        head=CentreHead(STRIDE, min_score=0.5),
        outputs=tuple(network.output),
        training={
            "dataset": f"frames {config.data.name}",
            "parameters": network.count_params(),
            "macs": count_macs(network),
            "terms": config.terms or "ask whoever made the data",
            **facts,
            "config": without_places(asdict(config)),
        },
        tools=tool_versions(TOOLS),
        git_revision=git_revision(),
    )
    if held_out:
        card = _with_threshold(card, network, config.false_boxes, held_out)
    with naming(path), atomic_write(path, force=True) as temporary:
        network.save(temporary)
        temporary.write_bytes(with_card(temporary.read_bytes(), card, path.suffix))


def _with_threshold(
    card: ModelCard, network: keras.Model, false_boxes: float, held_out: Sequence[Frame]
) -> ModelCard:
    finder = NetworkFinder(_Live(card, network), LEAST_SCORE)
    outcomes = [outcome_of(finder, frame) for frame in held_out]
    threshold = round(threshold_for(outcomes, false_boxes, LEAST_SCORE), 4)
    figures = {
        "precision": "float32",
        "data": "held-out frames",
        **asdict(summarise(outcomes, threshold)),
    }
    return replace(card, head=CentreHead(STRIDE, threshold), accuracy=(figures,))


class _Live:
    """A network in memory as a ``landmarks.locate.Network``."""

    def __init__(self, card: ModelCard, model: keras.Model) -> None:
        self.card, self._model = card, model

    def infer(self, crop: Image) -> dict[str, OutputTensor]:
        maps = self._model.predict_on_batch(crop[None])
        return {name: OutputTensor(np.asarray(value)[0]) for name, value in maps.items()}
