"""The order of the packages and of the folders inside them, and what each module imports.

What stands later in an order may import what stands before it, and nothing else of the project.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
STACKS = (
    ("landmarks", "command_line", "edge", "train", "quantize"),
    ("landmarks", "command_line", "edge", "edge_landmarks"),
    ("landmarks", "command_line", "calib_data"),
)
PACKAGES = tuple(dict.fromkeys(name for stack in STACKS for name in stack))
# The folders and modules directly inside a package, from the bottom up; a package that is not named
# here has no order inside.
INSIDE = {
    "edge": (
        *("health", "board", "models", "recording", "stream", "stage_clock"),
        *("runtime", "finder", "tracking", "pipeline", "camera", "live", "sinks"),
        *("run_loop", "config_file", "run_options", "run_config", "run", "bench", "doctor"),
    ),
    "train": (
        *("settings", "datasets", "preparation", "augmentation", "models", "methods"),
        *("training_loop", "fit", "finder", "selftrain", "pose_augmentation"),
        *("baselines", "evaluation", "commands", "__main__"),
    ),
}
ROOT_MODULE = "__init__"  # of a package: imported before everything in it, so it is at the bottom


def modules() -> list[Path]:
    """Return all modules of all packages, sorted."""
    return sorted(path for package in PACKAGES for path in (CHECKOUT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    """Return the path of a module from the checkout on, such as ``edge/camera/files.py``."""
    return path.relative_to(CHECKOUT).as_posix()


def part_of(name: str) -> str:
    """Return the folder or module directly inside a package that a module belongs to."""
    return name.split("/")[1].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yield the absolute names that a module imports, at its top or later."""
    package = path.relative_to(CHECKOUT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def wrong_packages(name: str, imported: Iterable[str]) -> list[str]:
    """Return the imports of a module that lead to a package which does not stand below its own."""
    own = name.split("/")[0]
    allowed = {p for stack in STACKS if own in stack for p in stack[: stack.index(own) + 1]}
    return [full for full in imported if full.split(".")[0] in set(PACKAGES) - allowed]


def wrong_parts(name: str, imported: Iterable[str]) -> list[str]:
    """Return the imports of a module that lead to a part of its package which stands above its own.

    A part that the order lacks stands above all others.
    """
    package, own = name.split("/")[0], part_of(name)
    levels = {part: level for level, part in enumerate((ROOT_MODULE, *INSIDE[package]))}
    return [
        full
        for full in imported
        if full.startswith(f"{package}.")
        and (part := full.split(".")[1]) != own
        and levels.get(part, len(levels)) >= levels[own]
    ]
