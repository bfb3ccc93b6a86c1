"""Where a peer's file comes from: a path that the user gives, or an installed package."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from edge.bench.subject import Facts, Kind
from landmarks.errors import MissingExtraError, ModelFileError
from landmarks.model_file import MOST_MODEL_BYTES
from landmarks.provenance import sha256
from landmarks.reading import read_whole


def packaged_file(package: str, inner: str, install: str) -> Path:
    """Return a file of an installed package, which is not imported for it.

    Args:
        package: name of the top-level package.
        inner: path inside it.
        install: what to type if it is missing.

    Raises:
        MissingExtraError: the package is not installed.
        ModelFileError: it is, without the file.
    """
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(f"package {package} is not installed: {install}, or give the file")
    path = Path(spec.submodule_search_locations[0]) / inner
    if not path.is_file():
        raise ModelFileError(f"{path}: not in this version of {package}, give the file")
    return path


def facts_of(
    path: Path,
    *,
    name: str,
    kind: Kind,
    runtime: str,
    threads: int,
    scheme: str | None,
    trained_on: str,
    note: str,
) -> Facts:
    """Return the facts of a peer; the public files at hand are all float32.

    Raises:
        ModelFileError: the file cannot be read.
    """
    data = read_whole(path, what="network file", most_bytes=MOST_MODEL_BYTES, error=ModelFileError)
    return Facts(
        name=name,
        kind=kind,
        network=name,
        runtime=runtime,
        precision="float32",
        threads=threads,
        bytes=len(data),
        sha256=sha256(data),
        scheme=scheme,
        trained_on=trained_on,
        note=note,
    )
