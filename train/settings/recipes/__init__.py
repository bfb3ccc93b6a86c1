"""The settings of published and own models as TOML, by the names that the papers use."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
# The recipe that a model starts from.
RECIPE_OF_MODEL = {
    "asmpip": "asmpip",
    "asmnet": "ASMNet",
    "asmnet-mnv2": "mnv2",
    "pipnet-r18": "pipnet",
    "pipnet-r50": "pipnet",
    "pipnet-r101": "pipnet",
    "pipnet-mnv2": "pipnet",
    "pipnet-mnv3": "pipnet-mnv3",
    "finder": "finder",
}


def recipe_names() -> tuple[str, ...]:
    """Return the names of all recipes."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def recipe_path(name: str) -> Path:
    """Return the file of a recipe by name, or ``name`` as a path if there is no such recipe."""
    return FOLDER / f"{name}.toml" if name in recipe_names() else Path(name)
