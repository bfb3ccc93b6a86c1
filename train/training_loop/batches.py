"""Batches of augmented faces, made by threads ahead of the network.

OpenCV and NumPy release the interpreter lock where they work, so threads keep all cores fed. An
augmented face depends on (seed, epoch, face) alone: neither the number of threads, nor a share of
the batches that other processes make, nor a resume changes what a face looks like.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from landmarks.types import Floats, Image, Ints

AHEAD = 4  # batches kept ready
THREADS = max(1, min(8, (os.cpu_count() or 1) - 1))  # one core is left to the network

Item = TypeVar("Item")
Example = tuple[Image, Floats]
Batch = tuple[Image, Floats, Ints]
MakeExample = Callable[[int, np.random.Generator], Example]


def epoch_batches(
    make_example: MakeExample,
    indices: Ints,
    *,
    batch: int,
    seed: int,
    epoch: int,
    share: slice = slice(None),
    threads: int = THREADS,
) -> Generator[Batch, None, None]:
    """Yield the batches of one epoch: every face once, in a new order; a rest is left out.

    Args:
        make_example: gives image uint8 (S, S, 3) and points float32 (L, 2) for a face's index.
        indices: int (faces,), the faces to use.
        batch: faces in a batch.
        seed: with the epoch, chooses the order and all augmentation.
        epoch: counts from 0.
        share: of each batch, where other processes make the rest.
        threads: that make examples.

    Yields:
        Images uint8 (B, S, S, 3), points float32 (B, L, 2) and faces int (B,), B the share's size.
    """
    order = np.random.default_rng((seed, epoch)).permutation(indices)

    def make(face: int) -> Example:
        return make_example(face, np.random.default_rng((seed, epoch, face)))

    with ThreadPoolExecutor(threads, thread_name_prefix="augment") as pool:
        for start in range(0, len(order) - batch + 1, batch):
            faces = order[start : start + batch][share]
            images, points = zip(*pool.map(make, faces.tolist()), strict=True)
            yield np.stack(images), np.stack(points), faces


def made_ahead(items: Generator[Item, None, None]) -> Generator[Item, None, None]:
    """Yield items that a thread takes from ``items``, up to ``AHEAD`` of them before their time.

    An error there is raised here; the thread ends, and closes ``items``, with the consumer.
    """
    ready: queue.Queue[Item | _Failure | None] = queue.Queue(AHEAD)
    abandoned = threading.Event()

    def work() -> None:
        try:
            for item in items:
                ready.put(item)
                if abandoned.is_set():
                    return
            ready.put(None)
        except BaseException as error:  # handed to the consumer, which raises it
            ready.put(_Failure(error))
        finally:
            items.close()

    threading.Thread(target=work, daemon=True, name="augment-ahead").start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, _Failure):
                raise item.error
            yield item
    finally:
        abandoned.set()
        while not ready.empty():  # let a waiting put go through
            ready.get_nowait()


class _Failure:
    def __init__(self, error: BaseException) -> None:
        self.error = error
