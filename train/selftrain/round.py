"""One round of a self-training: a network learns from labels and from an earlier one's answers."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from landmarks.card import PipHead, RegressionHead
from landmarks.errors import UsageError
from landmarks.types import Floats, Image
from train.methods.catalogue import build_method
from train.methods.method import LabelBatch, Method, landmark_head
from train.models.network import KerasNetwork
from train.preparation.validation_split import split_validation
from train.selftrain.curriculum import COUNTS, curriculum_task, with_coarse_scores
from train.selftrain.pool import FacePool, epoch_plan
from train.selftrain.pseudo_labels import PseudoLabels, label_faces, load_labels, save_labels
from train.settings.fit import FitConfig
from train.settings.selftrain import SelftrainConfig, TaskName
from train.training_loop.averaged import averaged
from train.training_loop.batches import epoch_batches, made_ahead
from train.training_loop.examples import example_maker
from train.training_loop.loop import VALIDATION, LoopConfig, kept_row
from train.training_loop.run import Run, Trained, steps_of, train_run
from train.training_loop.save import save_network
from train.training_loop.trainer import build_trainer
from train.training_loop.validation import held_out_error

MODEL, LABELS = "model.keras", "pseudo-labels.npz"


@dataclass(frozen=True)
class Round:
    """Which round it is.

    Attributes:
        number: 0 for the one on labelled faces alone.
        task: what the unlabelled faces teach; None in round 0.
        folder: of the round.
        teacher: network of the round before; None in round 0.
    """

    number: int
    task: TaskName | None
    folder: Path
    teacher: Path | None


def run_round(this: Round, config: SelftrainConfig, pool: FacePool) -> None:
    """Train the network of a round and write it, with a row of figures in its card.

    Raises:
        UsageError: the model has no PIP head with neighbours, or its grid is no multiple of 4.
        TrainingError: the loss is no longer a number, or the faces do not fill a batch.
    """
    fit = replace(
        config.fit,
        out=this.folder,
        seed=config.fit.seed + this.number,
        pose=replace(config.fit.pose, output=False),
    )
    training, held_out = split_validation(pool.labelled.info.names, fit.validation_percent)
    unlabelled = pool.unlabelled_faces if this.task else pool.unlabelled_faces[:0]
    steps = config.steps or steps_of(len(training) + len(unlabelled), fit.batch)

    keras.utils.set_random_seed(fit.seed)
    plain = build_method(fit, pool.labelled, training)
    if not isinstance(plain.head, PipHead) or plain.head.k == 0:
        raise UsageError(f"self-training needs a PIP head with neighbours, {fit.model} has none")
    if this.teacher and config.relabel_every:
        plain.network.set_weights(KerasNetwork(this.teacher).model.get_weights())
    task = curriculum_task(plain.head)
    method = Method(with_coarse_scores(plain.network), (task,), plain.head)
    network, trainer = build_trainer(method, fit, steps)

    labels = _labels_of(this.teacher, this.folder / LABELS, pool, fit) if this.teacher else None

    def batches(epoch: int) -> Generator[tuple[Image, Floats], None, None]:
        nonlocal labels
        if labels and epoch and config.relabel_every and epoch % config.relabel_every == 0:
            with averaged(trainer):
                labels = _labelled(network, plain.head, pool, fit)
            save_labels(this.folder / LABELS, labels)
        return made_ahead(made(epoch, labels))

    def made(
        epoch: int, labels: PseudoLabels | None
    ) -> Generator[tuple[Image, Floats], None, None]:
        rng = np.random.default_rng((fit.seed, epoch))
        count, share = steps * fit.batch, config.labelled_share
        plan = epoch_plan(training, unlabelled, count=count, share=share, rng=rng)
        counts = _counts(this.task, pool, labels, confidence=config.confidence)
        pseudo_points_crop = labels.points_crop if labels else None

        def prepared(place: int) -> tuple[Image, Floats]:
            face = int(plan[place])
            return pool.crop(face), pool.points_crop(face, pseudo_points_crop)

        for images, points, places in epoch_batches(
            example_maker(prepared, pool.labelled.info.landmark_scheme, fit),
            np.arange(count),
            batch=fit.batch,
            seed=fit.seed,
            epoch=epoch,
        ):
            faces = plan[places]
            yield images, task.targets(LabelBatch(points, faces, epoch, counts[faces]))

    progress = train_run(
        Run(
            this.folder,
            LoopConfig(fit.epochs, steps, fit.validate_every, fit.early_stop),
            asdict(fit),
            resume=True,  # a round that is started has its own folder: what is there is its own
        ),
        Trained(
            network,
            trainer,
            plain=method.network,  # it shares the layers of the network that is saved
            batches=batches,
            validate=held_out_error(
                network,
                plain.head,
                pool.labelled,
                held_out,
                size=fit.size,
                crop_scale=fit.crop_scale,
            ),
        ),
    )
    kept = kept_row(progress, fit.early_stop)
    row = {
        "round": this.number,
        "task": this.task or "labelled",
        "labelled": len(training),
        "unlabelled": len(unlabelled),
        **_figures(labels, confidence=config.confidence),
        "epochs": progress.epoch,
        "steps": progress.epoch * steps,
    }
    if len(held_out):
        row[VALIDATION] = round(kept[VALIDATION], 4)
    facts = {"faces": len(training), "final": kept, "round": row}
    if this.task:  # the card names everything that was learned from
        infos = [part.info for part in pool.unlabelled]
        facts["unlabelled"] = [
            {"dataset": f"{info.dataset} {info.subset}", "terms": info.terms} for info in infos
        ]
    save_network(this.folder / MODEL, plain, fit, pool.labelled.info, facts)


def _labels_of(teacher: Path, path: Path, pool: FacePool, fit: FitConfig) -> PseudoLabels:
    """Return the labels that the round was begun with, or those of its teacher."""
    if not path.exists():
        network = KerasNetwork(teacher)
        save_labels(path, _labelled(network.model, landmark_head(network.card), pool, fit))
    return load_labels(path)


def _labelled(
    network: keras.Model, head: PipHead | RegressionHead, pool: FacePool, fit: FitConfig
) -> PseudoLabels:
    return label_faces(
        network,
        head,
        pool,
        pool.labelled.info.landmark_scheme,
        crop_scale=fit.crop_scale,
        mirror_shift=fit.augment.mirror_shift,
    )


def _counts(
    task: TaskName | None, pool: FacePool, labels: PseudoLabels | None, *, confidence: bool
) -> Floats:
    """Return how much each face of the pool teaches of what, float32 (faces, 4)."""
    counts = np.tile(np.array(COUNTS["std"], np.float32), (pool.first_unlabelled, 1))
    if labels is None or task is None:
        return counts
    weights = labels.weights() if confidence else np.ones(len(labels.disagreement), np.float32)
    return np.concatenate([counts, weights[:, None] * np.array(COUNTS[task], np.float32)])


def _figures(labels: PseudoLabels | None, *, confidence: bool) -> dict[str, Any]:
    if labels is None:
        return {}
    weights = labels.weights() if confidence else np.ones(1)
    return {
        "median_disagreement": round(float(np.median(labels.disagreement)), 5),
        "mean_weight": round(float(weights.mean()), 4),
    }
