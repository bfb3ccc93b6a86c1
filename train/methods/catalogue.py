"""The models by name, and from a name and a configuration to a method."""

from __future__ import annotations

import sys
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import get_args

import keras
import numpy as np

from landmarks.card import ModelCard, PipHead
from landmarks.errors import UsageError
from landmarks.schemes import get_scheme
from landmarks.shape import ShapeModel, fit_shape_model
from landmarks.types import Ints
from train.methods.asm import asm_task, regression_head
from train.methods.method import Method, landmark_head
from train.methods.pip import assisted_pip_task, pip_head_of, pip_task
from train.methods.pose import LABEL_SOURCE, check_pose_labels, pose_task
from train.methods.shapes import augmented_shapes_unit, mean_face, shapes_unit
from train.models.asmnet import AsmnetConfig, build_asmnet, build_asmnet_mnv2
from train.models.asmpip import STRIDE as ASMPIP_STRIDE
from train.models.asmpip import AsmpipConfig, build_asmpip
from train.models.initial_weights import start_from
from train.models.pipnet import PipnetConfig, build_pipnet
from train.preparation.prepared import PreparedData
from train.settings.fit import FitConfig
from train.settings.network import Backbone

BACKBONES: dict[str, Backbone] = {f"pipnet-{name}": name for name in get_args(Backbone)}


def build_method(config: FitConfig, data: PreparedData, training: Ints) -> Method:
    """Build the network of a run and what it is taught.

    Args:
        config: names the model.
        data: prepared faces.
        training: int (n,), those that are trained on; they give mean face and shape model.

    Raises:
        UsageError: the settings do not fit together.
        TrainingError: initial weights cannot be had.
    """
    scheme = data.info.landmark_scheme
    n_points = scheme.n_points
    if config.pose.output and config.model not in BACKBONES:  # a PIPNet has no such output
        check_pose_labels(scheme)
    try:
        network = build_network(config, n_points)
    except ValueError as error:
        raise UsageError(f"{config.model}: {error}") from None
    if "points" in network.output:
        return _regression_method(config, network, data, training)
    return _pip_method(config, network, data, training)


def build_network(config: FitConfig, n_points: int) -> keras.Model:
    """Build the network that ``config.model`` names, with the weights that it starts from.

    Raises:
        ModelFileError: the file to start from cannot be used.
        TrainingError: there are no ImageNet weights, or they cannot be downloaded.
    """
    if config.weights in ("", "imagenet"):
        return _untrained(config, n_points, config.weights or None)
    network = _untrained(config, n_points, None)
    start_from(network, Path(config.weights), partial(print, file=sys.stderr))
    return network


def _untrained(config: FitConfig, n_points: int, weights: str | None) -> keras.Model:
    size, k = config.size, config.pip.k
    if config.model == "asmpip":
        if config.pip.stride != ASMPIP_STRIDE:
            raise UsageError(
                f"asmpip has cells of {ASMPIP_STRIDE} px, received pip.stride {config.pip.stride}"
            )
        return build_asmpip(
            AsmpipConfig(
                n_points, size, k, config.pose.output, weights=weights, **asdict(config.asmpip)
            )
        )
    if config.model in BACKBONES:
        backbone = BACKBONES[config.model]
        stride = config.pip.stride
        return build_pipnet(PipnetConfig(backbone, n_points, size, k, stride, weights))
    build = {"asmnet": build_asmnet, "asmnet-mnv2": build_asmnet_mnv2}[config.model]
    return build(AsmnetConfig(n_points, size, pose=config.pose.output, weights=weights))


def shape_model(config: FitConfig, data: PreparedData, faces: Ints) -> ShapeModel:
    """Fit ASMNet's shape model to augmented shapes of faces, in unit coordinates."""
    shapes = augmented_shapes_unit(
        data,
        faces,
        size=config.size,
        crop_scale=config.crop_scale,
        config=config.augment,
        copies=config.asm.copies,
        seed=config.seed,
    )
    return fit_shape_model(shapes, config.asm.percent)


def _regression_method(
    config: FitConfig, network: keras.Model, data: PreparedData, training: Ints
) -> Method:
    shapes = shapes_unit(data, training, size=config.size, crop_scale=config.crop_scale)
    head = regression_head(shapes, config.asm.outputs)
    model = shape_model(config, data, training) if config.asm.loss else None
    tasks = [asm_task(head, model, config.epochs)]
    facts = {"shape_components": len(model.variances)} if model else {}
    return _with_pose(config, Method(network, tuple(tasks), head, facts), data)


def _pip_method(
    config: FitConfig, network: keras.Model, data: PreparedData, training: Ints
) -> Method:
    shapes = shapes_unit(data, training, size=config.size, crop_scale=config.crop_scale)
    face = mean_face(shapes)
    head = pip_head_of(network, face, config.pip.merge)
    tasks, facts = [pip_task(head, face, config.pip.teaching)], {}
    if config.asm.loss:
        model = shape_model(config, data, training)
        tasks.append(assisted_pip_task(head, face, model, config.epochs))
        facts = {"shape_components": len(model.variances)}
    return _with_pose(config, Method(network, tuple(tasks), head, facts), data)


def _with_pose(config: FitConfig, method: Method, data: PreparedData) -> Method:
    if "pose" not in method.network.output:
        return method
    task = pose_task(data.info.landmark_scheme, config.pose)
    facts = {**method.facts, "pose_labels": LABEL_SOURCE, "pose": asdict(config.pose)}
    return Method(method.network, (*method.tasks, task), method.head, facts)


def method_of_card(network: keras.Model, card: ModelCard, config: FitConfig) -> Method:
    """Return what teaches a finished network on: its outputs keep the meaning that its card gives.

    Landmarks of a regression head are taught plainly; its shape model has done its work.

    Args:
        network: with the outputs that the card names.
        card: of the network.
        config: of the run; its settings of the PIP loss and of the pose are used.
    """
    head = landmark_head(card)
    if isinstance(head, PipHead):
        face = np.asarray(head.mean_face, np.float32)
        tasks = [pip_task(head, face, config.pip.teaching)]
    else:
        tasks = [asm_task(head, None, config.epochs)]
    if "pose" in network.output:
        tasks.append(pose_task(get_scheme(card.scheme), config.pose))
    return Method(network, tuple(tasks), head)
