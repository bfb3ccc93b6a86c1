"""A few more epochs of a folded network: with INT8's roundings in it, or without, as a control.

With the roundings this is quantization-aware training (Jacob et al. 2018): weights and ranges learn
to live with 256 steps. Without them the same epochs show how much of a gain is training alone.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras
from keras import ops

from landmarks.card import ModelCard
from landmarks.errors import UsageError
from landmarks.types import Floats, Image
from quantize.config import FineTuneConfig
from quantize.networks.fake_quant import FakeQuant
from train.methods.catalogue import method_of_card
from train.methods.method import Method
from train.preparation.prepared import PreparedData, open_prepared
from train.preparation.validation_split import split_validation
from train.settings.fit import FitConfig
from train.settings.resolve import recorded_lessons
from train.settings.schedule import ScheduleConfig
from train.training_loop.landmark_batches import augmented_batches
from train.training_loop.loop import LoopConfig
from train.training_loop.run import Run, Trained, steps_of, train_run
from train.training_loop.trainer import build_optimizer, build_trainer, with_an_axis
from train.training_loop.validation import held_out_error


def fine_tune(
    network: keras.Model,
    teacher: keras.Model,
    card: ModelCard,
    config: FineTuneConfig,
    folder: Path,
    *,
    resume: bool = False,
) -> keras.Model:
    """Train a network on; faces are augmented as they were when it was trained.

    Args:
        network: folded, with INT8's roundings or without; it stays as it is.
        teacher: the folded float network, for ``config.distill``.
        card: of the float network.
        config: of the run.
        folder: of the run, with metrics and checkpoints.
        resume: go on from the checkpoints in the folder.

    Returns:
        A network like ``network`` with other weights and ranges.

    Raises:
        DatasetError: the prepared data cannot be used.
        TrainingError: too few faces, or the loss is no longer a number.
    """
    data = open_faces(config.data, card)
    run = _run_config(card, config, folder)
    training, held_out = split_validation(data.info.names, run.validation_percent)
    steps = steps_of(len(training), run.batch)
    keras.utils.set_random_seed(config.seed)
    method = method_of_card(network, card, run)
    tuned, trainer = build_trainer(method, run, steps)
    if config.distill:
        trainer = _distilled(method, tuned, teacher, run, steps, config.distill)
    make = augmented_batches(method, data, training, run)
    first_frozen = round((1 - config.frozen_share) * config.epochs)

    def batches(epoch: int) -> Generator[tuple[Image, Floats], None, None]:
        if epoch >= first_frozen:
            freeze_ranges(tuned)
        return make(epoch)

    train_run(
        Run(folder, LoopConfig(run.epochs, steps, run.validate_every), asdict(config), resume),
        Trained(
            tuned,
            trainer,
            plain=tuned,
            batches=batches,
            validate=held_out_error(
                tuned, method.head, data, held_out, size=run.size, crop_scale=run.crop_scale
            ),
        ),
    )
    return tuned


def open_faces(folder: Path, card: ModelCard) -> PreparedData:
    """Open a prepared folder that a network can be trained on with.

    Raises:
        DatasetError: it cannot be used.
        UsageError: its landmarks are not the network's.
    """
    data = open_prepared(folder)
    if data.info.scheme != card.scheme:
        raise UsageError(
            f"{folder}: landmarks of {data.info.scheme}, but {card.name} gives {card.scheme}"
        )
    return data


def freeze_ranges(network: keras.Model) -> None:
    """Keep all ranges of a network with roundings as they are from here on."""
    for layer in network.layers:
        if isinstance(layer, FakeQuant):
            layer.freeze()


def _run_config(card: ModelCard, config: FineTuneConfig, folder: Path) -> FitConfig:
    lessons = recorded_lessons(card)
    return FitConfig(
        data=config.data,
        out=folder,
        model=card.architecture,
        size=card.input_size,
        crop_scale=card.crop_scale,
        epochs=config.epochs,
        batch=config.batch,
        learning_rate=config.learning_rate,
        weight_decay=0.0,  # it would pull the ranges to zero
        ema=0.99,
        validate_every=1,
        seed=config.seed,
        schedule=ScheduleConfig(kind="cosine", warmup_epochs=min(1, config.epochs - 1)),
        augment=lessons.augment,
        pip=lessons.pip,
        pose=lessons.pose,
    )


def _distilled(
    method: Method,
    tuned: keras.Model,
    teacher: keras.Model,
    run: FitConfig,
    steps: int,
    weight: float,
) -> keras.Model:
    """Return a trainer whose loss also pulls the answers to those of a teacher (Hinton 2015)."""
    student = method.joined(tuned)
    frozen = keras.models.clone_model(teacher)
    frozen.set_weights(teacher.get_weights())
    frozen.trainable = False
    size = student.output.shape[-1]
    both = keras.layers.Concatenate(dtype="float32", name="student_and_teacher")(
        [student.output, method.joined(frozen)(student.input)]
    )
    taught = method.loss()

    def loss(y_true: Any, y_pred: Any) -> Any:
        answer, wanted = y_pred[:, :size], ops.stop_gradient(y_pred[:, size:])
        return taught(y_true, answer) + weight * ops.mean(ops.square(answer - wanted))

    trainer = keras.Model(student.input, both)
    trainer.compile(optimizer=build_optimizer(run, steps), loss=with_an_axis(loss))
    return trainer
