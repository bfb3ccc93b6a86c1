"""Which finder ``--finder`` means."""

from __future__ import annotations

from pathlib import Path

from edge.finder import FaceFinder
from edge.finder.haar import HaarFinder
from edge.finder.own import open_own_finder
from edge.finder.yunet import YunetFinder
from landmarks.errors import UsageError

DEFAULT_FINDER = "own"
SPECS = "own, own:FILE, haar or yunet:FILE"


def open_finder(spec: str = DEFAULT_FINDER, *, threads: int | None = None) -> FaceFinder:
    """Open a finder.

    Args:
        spec: ``own``, the network that is shipped; ``own:FILE``, another one of its kind;
            ``haar``, OpenCV's cascade; ``yunet:FILE``, YuNet from an ONNX file.
        threads: for our network; OpenCV's finders have those of ``cv2.setNumThreads``.

    Raises:
        UsageError: there is no such finder.
        ModelFileError: the file is missing, damaged or another kind of network.
        MissingExtraError: what the finder runs on is not installed.
    """
    kind, _, file = spec.partition(":")
    if kind == "own":
        return open_own_finder(file, threads=threads) if file else open_own_finder(threads=threads)
    if spec == "haar":
        return HaarFinder()
    if kind == "yunet":
        if not file:
            raise UsageError("yunet needs its file: yunet:FILE.onnx")
        return YunetFinder(Path(file))
    raise UsageError(f"unknown finder {spec!r}, expected {SPECS}")
