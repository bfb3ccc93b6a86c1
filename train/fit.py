"""One training run: prepared data in, a float network with its card out.

A run folder holds ``config.toml`` (resolved), ``metrics.csv``, ``checkpoint/`` and, at the end,
``model.keras``. ``--resume`` goes on after the last complete epoch.
"""

from __future__ import annotations

import csv
import logging
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import keras
import numpy as np
from tqdm import tqdm

from landmarks.boxes import face_box
from landmarks.card import ModelCard, PipHead, as_points
from landmarks.crop import DEFAULT_CROP_SCALE, crop_transform
from landmarks.errors import TrainingError
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.model_file import with_card
from landmarks.neighbours import NeighbourTable, neighbour_table
from landmarks.provenance import git_revision, tool_versions
from landmarks.schemes import Scheme, get_scheme
from landmarks.types import Floats, Ints
from train.augment import AugmentConfig, augment
from train.batches import Example, epoch_batches
from train.checkpoint import Progress, load_checkpoint, save_checkpoint
from train.config_file import write_config
from train.fused_norm import with_fused_norm
from train.losses import pip_loss
from train.models.asmpip import MAPS, AsmpipConfig, build_asmpip
from train.models.cost import count_macs
from train.prepared import PreparedData, open_prepared
from train.targets import encode_pip
from train.validation import split_validation, validate

logger = logging.getLogger(__name__)
# What a data set's owners ask of those who use it; a card passes it on.
TERMS = {"w300": "300W: research, non-commercial"}


@dataclass(frozen=True)
class FitConfig:
    """Everything that decides a run.

    Attributes:
        data: prepared folder.
        out: run folder.
        model: architecture.
        size: side of the input in pixels.
        crop_scale: side of the crop divided by the side of the canonical face box.
        k: neighbours of each landmark.
        epochs, batch: length of the run and faces in a step.
        learning_rate, warmup_epochs: peak of the cosine schedule, and its linear start.
        weight_decay: of AdamW.
        ema: momentum of the moving average of the weights that is kept in the end.
        validation_percent: share of the faces that is held out, chosen by a hash of their names.
        validate_every: epochs between two validations.
        seed: of initial weights, order and augmentation.
        augment: see ``AugmentConfig``.
    """

    data: Path
    out: Path
    model: str = "asmpip"
    size: int = 128
    crop_scale: float = DEFAULT_CROP_SCALE
    k: int = 10
    epochs: int = 140
    batch: int = 32
    learning_rate: float = 2e-3
    warmup_epochs: int = 3
    weight_decay: float = 0.02
    ema: float = 0.998
    validation_percent: float = 5.0
    validate_every: int = 5
    seed: int = 1
    augment: AugmentConfig = field(default_factory=AugmentConfig)


def fit(config: FitConfig, *, resume: bool = False, force: bool = False) -> Path:
    """Train a network.

    Args:
        config: the run.
        resume: go on from the checkpoints in ``config.out``.
        force: start over in a folder that already holds a run.

    Returns:
        Path of the finished ``model.keras``.

    Raises:
        DatasetError: the prepared data cannot be used.
        OutputExistsError: the folder holds a run and neither resume nor force is set.
        TrainingError: the loss is no longer a number; the last good checkpoint is kept.
    """
    if not resume:
        refuse_overwrite(config.out / "config.toml", force=force)
        for stale in ("last.npz", "previous.npz"):
            (config.out / "checkpoint" / stale).unlink(missing_ok=True)
    data = open_prepared(config.data)
    scheme = get_scheme(data.info.scheme)
    training, validation = split_validation(data.info.names, config.validation_percent)
    keras.utils.set_random_seed(config.seed)

    mean_face = mean_face_unit(data, training, config)
    table = neighbour_table(mean_face, config.k)
    plain = build_asmpip(AsmpipConfig(n_points=scheme.n_points, size=config.size, k=config.k))
    network = with_fused_norm(plain)
    steps = len(training) // config.batch
    if steps == 0:
        raise TrainingError(f"{len(training)} training faces do not fill a batch of {config.batch}")
    trainer = _compile(network, config, steps)
    progress = load_checkpoint(config.out / "checkpoint", trainer) if resume else Progress()
    write_config(config.out / "config.toml", asdict(config))

    example = _example_maker(data, scheme, config)
    target = _target_maker(config, table)
    bar = tqdm(
        range(progress.epoch, config.epochs),
        initial=progress.epoch,
        total=config.epochs,
        desc="fit",
        unit="epoch",
        disable=None,
    )
    for epoch in bar:
        start = time.monotonic()
        losses = [
            trainer.train_on_batch(images, target(points))
            for images, points in epoch_batches(
                example, training, batch=config.batch, seed=config.seed, epoch=epoch
            )
        ]
        row = {"epoch": epoch + 1, "loss": float(np.mean(losses))}
        if not math.isfinite(row["loss"]):
            raise TrainingError(
                f"the loss of epoch {epoch + 1} is {row['loss']}; the checkpoint of epoch {epoch} "
                "is kept: resume with a lower --learning-rate"
            )
        last = epoch + 1 == config.epochs
        if last:
            trainer.optimizer.finalize_variable_values(trainer.trainable_variables)
        if len(validation) and (last or (epoch + 1) % config.validate_every == 0):
            row["validation_nme_percent"] = 100 * validate(
                network, data, validation, table, size=config.size, crop_scale=config.crop_scale
            )
        row["seconds"] = time.monotonic() - start
        progress = Progress(epoch + 1, (*progress.history, row))
        save_checkpoint(config.out / "checkpoint", trainer, progress)
        _write_metrics(config.out / "metrics.csv", progress)
        logger.info("%s", " ".join(f"{key} {value:.4g}" for key, value in row.items()))
        bar.set_postfix({key: f"{value:.3f}" for key, value in row.items() if key != "epoch"})

    plain.set_weights(network.get_weights())
    return _save(plain, config, data, mean_face, progress, len(training))


def mean_face_unit(data: PreparedData, indices: Ints, config: FitConfig) -> Floats:
    """Return the mean of the points in unit coordinates of the network's crop, float32 (L, 2).

    Rounded as the card stores it: the device must sort the same neighbours from it.
    """
    shapes = [
        crop_transform(face_box(points), size=config.size, scale=config.crop_scale).to_unit(points)
        for points in data.points_crop[indices]
    ]
    return np.asarray(as_points(np.mean(shapes, axis=0)), np.float32)


def cosine_schedule(config: FitConfig, steps: int) -> keras.optimizers.schedules.CosineDecay:
    """Return a linear warm-up to the peak and a cosine down to a hundredth of it."""
    warmup = config.warmup_epochs * steps
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=0.0 if warmup else config.learning_rate,
        decay_steps=max(config.epochs * steps - warmup, 1),
        alpha=0.01,
        warmup_target=config.learning_rate if warmup else None,
        warmup_steps=warmup,
    )


def _compile(network: keras.Model, config: FitConfig, steps: int) -> keras.Model:
    """Return the network with its maps joined into one tensor, compiled."""
    joined = keras.layers.Concatenate(name="maps")([network.output[name] for name in MAPS])
    trainer = keras.Model(network.input, joined)
    n_points = network.output["score"].shape[-1]
    optimizer = keras.optimizers.AdamW(
        cosine_schedule(config, steps),
        weight_decay=config.weight_decay,
        use_ema=True,
        ema_momentum=config.ema,
    )
    optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    trainer.compile(optimizer=optimizer, loss=pip_loss(n_points, config.k))
    return trainer


def _example_maker(
    data: PreparedData, scheme: Scheme, config: FitConfig
) -> Callable[[int, np.random.Generator], Example]:
    def make(index: int, rng: np.random.Generator) -> Example:
        return augment(
            np.asarray(data.crops[index]),
            np.asarray(data.points_crop[index]),
            rng,
            size=config.size,
            scale=config.crop_scale,
            scheme=scheme,
            config=config.augment,
        )

    return make


def _target_maker(config: FitConfig, table: NeighbourTable) -> Callable[[Floats], Floats]:
    grid = AsmpipConfig(size=config.size).grid
    return lambda points_unit: encode_pip(points_unit, grid, table.indices).packed()


def _write_metrics(path: Path, progress: Progress) -> None:
    columns = ("epoch", "loss", "validation_nme_percent", "seconds")
    with atomic_write(path, force=True) as temporary, temporary.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(progress.history)


def _save(
    network: keras.Model,
    config: FitConfig,
    data: PreparedData,
    mean_face: Floats,
    progress: Progress,
    n_training: int,
) -> Path:
    path = config.out / "model.keras"
    info = data.info
    card = ModelCard(
        name=f"{config.model}-{config.size}",
        architecture=config.model,
        precision="float32",
        scheme=info.scheme,
        input_size=config.size,
        crop_scale=config.crop_scale,
        head=PipHead(
            grid=AsmpipConfig(size=config.size).grid, k=config.k, mean_face=as_points(mean_face)
        ),
        outputs=MAPS,
        training={
            "dataset": f"{info.dataset} {info.subset}",
            "faces": n_training,
            "parameters": network.count_params(),
            "macs": count_macs(network),
            "terms": TERMS.get(info.dataset, "ask whoever made the data"),
            "prepared_sha256": info.sha256,
            "config": {**asdict(config), "data": str(config.data), "out": str(config.out)},
            "final": progress.history[-1],
        },
        tools=tool_versions(("keras", "tensorflow-cpu", "numpy", "opencv-python-headless")),
        git_revision=git_revision(),
    )
    with atomic_write(path, force=True) as temporary:
        network.save(temporary)
        temporary.write_bytes(with_card(temporary.read_bytes(), card, path.suffix))
    return path
