"""A trained network on disk: the Keras file with its card inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from landmarks.card import ModelCard
from landmarks.files import atomic_write, naming
from landmarks.model_file import with_card
from landmarks.provenance import git_revision, tool_versions
from train.methods.method import Method
from train.models.cost import count_macs
from train.preparation.prepared import PreparedInfo
from train.settings.fit import FitConfig

TOOLS = (
    "keras",
    "tensorflow-cpu",
    "tensorflow",
    "jax",
    "torch",
    "numpy",
    "opencv-python-headless",
)


def save_network(
    path: Path, method: Method, config: FitConfig, info: PreparedInfo, facts: Mapping[str, Any]
) -> None:
    """Write the network of a method with its card.

    Args:
        path: of the ``.keras`` file; an existing one is replaced.
        method: holds the trained weights.
        config: of the run.
        info: of the data that it was trained on.
        facts: of the run, JSON types; they go into the card's ``training``.
    """
    network = method.network
    card = ModelCard(
        name=f"{config.model}-{config.size}",
        architecture=config.model,
        precision="float32",
        scheme=info.landmark_scheme.name,
        input_size=config.size,
        crop_scale=config.crop_scale,
        head=method.head,
        outputs=method.outputs,
        training={
            "dataset": f"{info.dataset} {info.subset}",
            "parameters": network.count_params(),
            "macs": count_macs(network),
            "terms": info.terms or "ask whoever made the data",
            "prepared_sha256": info.sha256,
            **method.facts,
            **facts,
            "config": without_places(asdict(config)),
        },
        tools=tool_versions(TOOLS),
        git_revision=git_revision(),
    )
    with naming(path), atomic_write(path, force=True) as temporary:
        network.save(temporary)
        temporary.write_bytes(with_card(temporary.read_bytes(), card, path.suffix))


def without_places(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings for a card: of folders and files the name, for where they lie is no fact."""
    plain = {name: _without_place(value) for name, value in settings.items()}
    if "weights" in plain:  # a file, or a word such as "imagenet"
        plain["weights"] = Path(plain["weights"]).name
    return plain


def _without_place(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_without_place(item) for item in value]
    return value.name if isinstance(value, Path) else value
