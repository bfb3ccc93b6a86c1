"""What one run of ``edge-bench`` measures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.bench.choice import Choice
from edge.bench.rules import FULL, QUICK, Rules

# The synthetic faces and clips lie beside this package, in a checkout as in an installed wheel.
BUNDLED = Path(__file__).resolve().parents[2] / "calib_data"
BUNDLED_FACES, BUNDLED_CLIP = BUNDLED / "faces", BUNDLED / "clip.mp4"


@dataclass(frozen=True)
class BenchConfig:
    """The arguments of a run; see ``edge-bench --help`` for each.

    Attributes:
        choices: our models, then peers.
        data: folders of pictures with ``.pts`` files.
        clip: video for whole frames.
        threads: each subject is measured with each of these.
        quick: short rules.
        pictures: keep pictures of the worst faces in the report.
    """

    choices: tuple[Choice, ...]
    data: tuple[Path, ...] = (BUNDLED_FACES,)
    clip: Path = BUNDLED_CLIP
    threads: tuple[int, ...] = (1,)
    quick: bool = False
    pictures: bool = True

    @property
    def rules(self) -> Rules:
        """How long and how often."""
        return QUICK if self.quick else FULL
