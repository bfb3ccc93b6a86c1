"""Which steps of a network INT8 harms: the noise that each adds, and what it costs in NME.

A step is judged in three ways: by its output when everything is rounded, and by the network's
outputs and landmarks when it alone is. SQNR is signal-to-quantization-noise ratio: the energy of
what the float network gives over the energy of the difference, in dB; 6 dB are one bit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import tensorflow as tf
from keras import layers
from tqdm import tqdm

from landmarks.boxes import face_box
from landmarks.card import ModelCard
from landmarks.crop import crop_transform
from landmarks.cross_scheme import to_68
from landmarks.decode import OutputTensor
from landmarks.errors import QuantizationError
from landmarks.faces import LabelledFace
from landmarks.locate import decoder_of
from landmarks.measure import comparable
from landmarks.metrics import nme
from landmarks.schemes import get_scheme
from landmarks.types import Floats
from quantize.audit_report import Audit, StepAudit
from quantize.networks.fake_quant import SMALLEST_CHANNEL, Range
from quantize.networks.fold import kernel_axis
from quantize.networks.simulate import INPUT_RANGE, rounding_name
from quantize.networks.steps import Step, fused_relu
from quantize.networks.switched import switch, switched
from train.methods.method import landmark_head
from train.models.backbones import SCALING_LAYER

BATCH = 32
LEVELS = 255  # steps of a scale between the ends of a range
Crops = npt.NDArray[np.uint8]
Outputs = Mapping[str, Floats]


def audit(
    folded: keras.Model,
    ranges: Mapping[str, Range],
    steps: Sequence[Step],
    card: ModelCard,
    crops: Crops,
    faces: Sequence[LabelledFace],
) -> Audit:
    """Round each step of a network by itself, and all together.

    Args:
        folded: from ``quantize.networks.fold``; it stays as it is.
        ranges: of the output of each step, by its name; that of the pixels is known.
        steps: which are rounded.
        card: of the network.
        crops: uint8 (n, size, size, 3), calibration crops: the steps' own outputs are compared on
            these.
        faces: with landmarks: the network's outputs and its NME are compared on these.

    Raises:
        DatasetError: the faces have other landmarks than the network.
        QuantizationError: a range is missing, there are no faces, or a layer has no rounded form.
    """
    ranges = {**ranges, SCALING_LAYER: INPUT_RANGE}
    if missing := [step.output for step in steps if step.output not in ranges]:
        raise QuantizationError(
            f"{len(missing)} of {len(steps)} steps have no range, e.g. {missing[0]}: calibrate the "
            "network that is audited"
        )
    face_crops, errors_percent = _examination(faces, card)
    network, switches = switched(folded, ranges, steps)
    own_db = _own_sqnr_db(network, switches, crops)
    signature = [tf.TensorSpec((None, *face_crops.shape[1:]), tf.uint8)]
    run = tf.function(lambda batch: network(batch, training=False), input_signature=signature)

    expected = _outputs(run, face_crops)
    before = errors_percent(expected)  # (faces,)
    operations = {operation.name: operation for operation in folded.operations}
    # A step that ends with a ReLU is known by what comes before it.
    operations |= {relu.name: op for op in folded.operations if (relu := fused_relu(op))}
    rows = []
    for step in tqdm(steps, desc="auditing", unit="step", disable=None):
        switches[step].assign(True)
        received = _outputs(run, face_crops)
        switches[step].assign(False)
        costs = errors_percent(received) - before
        low, high = network.get_layer(rounding_name(step.output)).rounded.start
        rows.append(
            StepAudit(
                step=step.output,
                kind=type(operations[step.output]).__name__,
                range=(low, high),
                scale=(high - low) / LEVELS,
                channel_ratio=_channel_ratio(operations[step.output]) if step.kernel else None,
                sqnr_db=own_db[step],
                output_sqnr_db={
                    name: _db(*_energies(expected[name], received[name])) for name in expected
                },
                nme_cost_points=float(costs.mean()),
                nme_cost_error=float(costs.std() / np.sqrt(len(costs))),
            )
        )
    switch(switches, True)
    together = errors_percent(_outputs(run, face_crops)) - before
    return Audit(tuple(rows), len(faces), float(before.mean()), float(together.mean()))


def _own_sqnr_db(
    network: keras.Model, switches: Mapping[Step, Any], crops: Crops
) -> dict[Step, float]:
    """Return the SQNR of each step's output with all steps rounded."""
    watched = keras.Model(
        network.input,
        {step.output: network.get_layer(rounding_name(step.output)).output for step in switches},
    )
    energies = {step: np.zeros(2) for step in switches}
    for at in range(0, len(crops), BATCH):
        seen = []
        for on in (False, True):
            switch(switches, on)
            seen.append(watched(crops[at : at + BATCH], training=False))
        for step in switches:
            energies[step] += _energies(*(np.asarray(values[step.output]) for values in seen))
    switch(switches, False)
    return {step: _db(*pair) for step, pair in energies.items()}


def _outputs(run: Callable[[Crops], Any], crops: Crops) -> Outputs:
    batches = [run(crops[at : at + BATCH]) for at in range(0, len(crops), BATCH)]
    return {name: np.concatenate([batch[name] for batch in batches]) for name in batches[0]}


def _energies(expected: Floats, received: Floats) -> tuple[float, float]:
    """Return the energy of the signal and that of the noise."""
    noise = received.astype(np.float64) - expected
    return float(np.square(expected, dtype=np.float64).sum()), float(np.square(noise).sum())


def _db(signal: float, noise: float) -> float:
    if noise == 0:
        return math.inf
    return 10 * math.log10(signal / noise) if signal else -math.inf


def _channel_ratio(layer: layers.Layer) -> float:
    kernel = np.abs(np.asarray(layer.kernel))
    axis = kernel_axis(layer)
    tops = kernel.max(axis=tuple(a for a in range(kernel.ndim) if a != axis))
    return float(tops.max() / max(tops.min(), SMALLEST_CHANNEL * tops.max(), np.finfo("f4").tiny))


def _examination(
    faces: Sequence[LabelledFace], card: ModelCard
) -> tuple[Crops, Callable[[Outputs], Floats]]:
    """Return the crops of faces, and what turns the outputs for them into NMEs in percent."""
    if not faces:
        raise QuantizationError("no faces to audit the network on: name a folder of labelled faces")
    scheme, decode = get_scheme(card.scheme), decoder_of(landmark_head(card))
    pairs = [comparable(face, scheme) for face in faces]
    truth, shared = [face.points_frame for face, _ in pairs], pairs[0][1]
    own = (lambda points: points) if shared == scheme else (lambda points: to_68(points, scheme))
    transforms = [
        crop_transform(face_box(face.points_frame), size=card.input_size, scale=card.crop_scale)
        for face in faces
    ]
    pictures = (face.picture.read() for face in faces)
    crops = np.stack([t.cut(picture) for t, picture in zip(transforms, pictures, strict=True)])

    def errors_percent(outputs: Outputs) -> Floats:
        errors = []
        for i, (transform, true) in enumerate(zip(transforms, truth, strict=True)):
            face = decode({name: OutputTensor(values[i]) for name, values in outputs.items()})
            errors.append(nme(own(transform.from_unit(face.points_unit)), true, shared))
        return 100 * np.array(errors)

    return crops, errors_percent
