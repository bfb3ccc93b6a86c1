"""Every shipped model with single bits flipped, and cut short: all of them must be refused.

::

    python -m tests.proofs.damage --flips 300 --cuts 100

Files go through ``open_network``, the door that every command uses. Interpreters load most damaged
files without a word and crash on some, so they must never see one. Exit code 1 if one was opened.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from command_line.arguments import at_least
from command_line.command import run_command
from edge.models import shipped_finders, shipped_models
from edge.runtime import open_network
from landmarks.errors import ModelFileError

SEED = 0


def opened_although_damaged(
    model: Path, damage: Callable[[bytes], bytes], times: int, folder: Path
) -> int:
    """Return how many damaged copies of a model were not refused."""
    whole, copy = model.read_bytes(), folder / model.name
    opened = 0
    for _ in range(times):
        copy.write_bytes(damage(whole))
        try:
            open_network(copy, threads=1)
            opened += 1
        except ModelFileError:
            pass
    return opened


def flip_one_bit(rng: np.random.Generator) -> Callable[[bytes], bytes]:
    """Return a damage: one bit anywhere is the other one."""

    def damage(whole: bytes) -> bytes:
        data = bytearray(whole)
        data[rng.integers(len(data))] ^= 1 << int(rng.integers(8))
        return bytes(data)

    return damage


def cut_short(rng: np.random.Generator) -> Callable[[bytes], bytes]:
    """Return a damage: the end is missing, half of the time only a few bytes of it."""

    def damage(whole: bytes) -> bytes:
        most = 64 if rng.integers(2) else len(whole)
        return whole[: -int(rng.integers(1, most + 1))]

    return damage


def main(argv: Sequence[str]) -> int:
    """Damage all shipped models; print how many copies were opened."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.proofs.damage", description="Damaged models."
    )
    parser.add_argument("--flips", type=at_least(1), default=300)
    parser.add_argument("--cuts", type=at_least(1), default=100)
    args = parser.parse_args(argv)
    rng = np.random.default_rng(SEED)
    total = 0
    with tempfile.TemporaryDirectory() as folder:
        for model in (*shipped_models(), *shipped_finders()):
            flipped = opened_although_damaged(model, flip_one_bit(rng), args.flips, Path(folder))
            cut = opened_although_damaged(model, cut_short(rng), args.cuts, Path(folder))
            print(
                f"{model.name}: opened {flipped} of {args.flips} flipped, {cut} of {args.cuts} cut"
            )
            total += flipped + cut
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(run_command(main))
