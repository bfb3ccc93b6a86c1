"""Batches of augmented faces, made by a thread ahead of the network.

OpenCV and NumPy release the interpreter lock where they work, so one thread keeps two cores fed.
The faces of epoch e depend on (seed, e) alone: a resumed run sees what an unbroken one would have.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

import numpy as np

from landmarks.types import Floats, Image, Ints

AHEAD = 4  # batches kept ready

Example = tuple[Image, Floats]
Batch = tuple[Image, Floats, Ints]


def epoch_batches(
    make_example: Callable[[int, np.random.Generator], Example],
    indices: Ints,
    *,
    batch: int,
    seed: int,
    epoch: int,
) -> Iterator[Batch]:
    """Yield the batches of one epoch: every face once, in a new order; a rest is left out.

    Args:
        make_example: gives image uint8 (S, S, 3) and points float32 (L, 2) for a face's index.
        indices: int (faces,), the faces to use.
        batch: faces in a batch.
        seed: with the epoch, chooses the order and all augmentation.
        epoch: counts from 0.

    Yields:
        Images uint8 (batch, S, S, 3), points float32 (batch, L, 2) and faces int (batch,).
    """
    rng = np.random.default_rng((seed, epoch))
    order = rng.permutation(indices)
    ready: queue.Queue[Batch | BaseException | None] = queue.Queue(AHEAD)
    abandoned = threading.Event()

    def work() -> None:
        try:
            for start in range(0, len(order) - batch + 1, batch):
                faces = order[start : start + batch]
                examples = [make_example(int(face), rng) for face in faces]
                images, points = zip(*examples, strict=True)
                ready.put((np.stack(images), np.stack(points), faces))
                if abandoned.is_set():
                    return
            ready.put(None)
        except BaseException as error:  # handed to the consumer, which raises it
            ready.put(error)

    threading.Thread(target=work, daemon=True, name="augment").start()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        abandoned.set()
        while not ready.empty():  # let a waiting put go through
            ready.get_nowait()
