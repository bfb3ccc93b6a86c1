"""From a recipe, a file and the command line to one checked configuration.

Later wins: the recipe of the model, the ``--config`` file (or another recipe), single settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from sys import float_info
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from landmarks.card import ModelCard
from landmarks.errors import UsageError
from landmarks.shown import one_line, shown
from train.settings.augmentation import PRESETS, AugmentConfig
from train.settings.config_file import parse_toml, read_config
from train.settings.finder import FinderConfig
from train.settings.fit import FitConfig
from train.settings.limits import check_limits
from train.settings.recipes import RECIPE_OF_MODEL, recipe_names, recipe_path
from train.settings.teaching import PipConfig, PoseConfig

DEFAULT_MODEL = "asmpip"
Config = TypeVar("Config")


@dataclass(frozen=True)
class Lessons:
    """How a network was taught: ``train.settings.fit.FitConfig`` without what is a run's own.

    Attributes:
        augment: how faces were shown to it.
        pip: what of PIP maps it was taught, where it has any.
        pose: the same of poses.
    """

    augment: AugmentConfig
    pip: PipConfig
    pose: PoseConfig


def resolve(
    settings: Mapping[str, Any], config: str | None = None, assignments: Sequence[str] = ()
) -> FitConfig:
    """Return the configuration of a run that trains a landmark network; see ``resolve_any``.

    Raises:
        UsageError: as there, or the model is a finder.
    """
    resolved = resolve_any(settings, config, assignments)
    if isinstance(resolved, FinderConfig):
        raise UsageError("expected a landmark model: a finder is trained by python -m train fit")
    return resolved


def resolve_any(
    settings: Mapping[str, Any], config: str | None = None, assignments: Sequence[str] = ()
) -> FitConfig | FinderConfig:
    """Return the configuration of a run; its model decides which kind.

    Args:
        settings: single settings of the command line, nested as in a TOML file.
        config: path of a TOML file, or name of a recipe.
        assignments: further ones as ``section.name=VALUE``, VALUE as in TOML.

    Raises:
        UsageError: a setting is unknown, missing, of the wrong type or outside its limits.
    """
    chosen = read_config(_recipe_file(config)) if config else {}
    for extra in (settings, *(_assignment(text) for text in assignments)):
        chosen = layered(chosen, extra)
    model = chosen.get("model", DEFAULT_MODEL)
    if not isinstance(model, str) or model not in RECIPE_OF_MODEL:
        raise UsageError(f"unknown model {shown(model)}, expected {', '.join(RECIPE_OF_MODEL)}")
    recipe = read_config(recipe_path(RECIPE_OF_MODEL[model]))
    table = _merged(layered(recipe, chosen), {"model": model})
    if missing := [name for name in ("data", "out") if name not in table]:
        raise UsageError(f"fit needs --{' and --'.join(missing)}")
    if model == "finder":
        return _build(FinderConfig, table, "")
    table["augment"] = _with_preset(_table(table, "augment"))
    return _build(FitConfig, table, "")


def recorded_lessons(card: ModelCard) -> Lessons:
    """Return how a network was taught, by the record in its card.

    Raises:
        UsageError: the card has settings that this version does not know, or not like that.
    """
    kinds = get_type_hints(Lessons)
    try:
        recorded = _table(card.training, "config")
        return Lessons(
            **{
                name: _build(kind, _table(recorded, name), f"{name}.")
                for name, kind in kinds.items()
            }
        )
    except UsageError as error:
        raise UsageError(f"{card.name} was trained by another version: {error}") from None


def _recipe_file(config: str) -> Path:
    path = recipe_path(config)
    if not path.exists():
        raise UsageError(
            f"{config}: no such configuration file, nor a recipe ({', '.join(recipe_names())})"
        )
    return path


def _assignment(text: str) -> dict[str, Any]:
    name, _, value = text.partition("=")
    for toml in (text, f"{name} = '{value}'"):  # a word needs no quotes
        with suppress(ValueError):
            return parse_toml(toml)
    raise UsageError(f"--set {shown(text)}: expected section.name=VALUE")


def layered(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Merge nested settings; a preset replaces single values of augmentation that lie below it."""
    if "preset" in _table(over, "augment"):
        base = {key: value for key, value in base.items() if key != "augment"}
    return _merged(base, over)


def _table(settings: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    table = settings.get(section, {})
    if not isinstance(table, Mapping):
        raise UsageError(f"setting {section} is {shown(table)}, expected a table of settings")
    return table


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            merged[key] = _merged(below, value)
        else:
            merged[key] = value
    return merged


def _with_preset(table: Mapping[str, Any]) -> dict[str, Any]:
    """Spell out a preset of augmentation; single values beside it win."""
    values = dict(table)
    name = values.pop("preset", "live")
    if not isinstance(name, str) or name not in PRESETS:
        raise UsageError(f"augment.preset {shown(name)} is unknown, expected {', '.join(PRESETS)}")
    return {**vars(PRESETS[name]), **values}


def _build(kind: type[Config], table: Mapping[str, Any], section: str) -> Config:
    """Make a dataclass from a table, each value checked against its type and its limits."""
    types = get_type_hints(kind)
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]  # a dataclass
    if unknown := sorted(set(table) - set(known)):
        raise UsageError(
            f"unknown setting {section}{one_line(unknown[0])}, expected {', '.join(known)}"
        )
    values = {name: _value(types[name], value, f"{section}{name}") for name, value in table.items()}
    for name, value in values.items():
        check_limits(f"{section}{name}", value)
    return kind(**values)


def _value(kind: Any, value: Any, name: str) -> Any:
    if isinstance(kind, type) and is_dataclass(kind) and isinstance(value, Mapping):
        return _build(kind, value, f"{name}.")
    if get_origin(kind) is Literal:
        if any(type(value) is type(choice) and value == choice for choice in get_args(kind)):
            return value
        expected = ", ".join(map(repr, get_args(kind)))
        raise UsageError(f"setting {name} is {shown(value)}, expected one of {expected}")
    if get_origin(kind) is tuple and isinstance(value, list | tuple):
        return tuple(_value(get_args(kind)[0], item, name) for item in value)
    if kind is float and type(value) is int and abs(value) <= float_info.max:
        return float(value)
    if kind is Path and isinstance(value, str) and "\0" not in value:
        return Path(value)
    if type(kind) is type and isinstance(value, kind) and (kind is bool) == (type(value) is bool):
        return value
    expected = "a table of settings" if is_dataclass(kind) else getattr(kind, "__name__", str(kind))
    raise UsageError(f"setting {name} is {shown(value)}, expected {expected}")
