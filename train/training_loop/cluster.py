"""The processes that train one network together, on Keras's and TensorFlow's own means.

Every process sees all prepared data, makes its share of every batch, and ends each step with the
same weights. What a cluster is, is said by the environment of each process, as the frameworks
document it:

* TensorFlow: ``TF_CONFIG``, read by ``tf.distribute.MultiWorkerMirroredStrategy``; one accelerator
  a process.
* JAX: ``KERAS_DISTRIBUTION_JOB_ADDRESSES``, ``..._NUM_PROCESSES`` and ``..._PROCESS_ID``, read by
  ``keras.distribution.initialize``; without them, all devices of this machine in one process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import keras

from landmarks.errors import UsageError


def _unchanged(trainer: keras.Model) -> None:
    """One process needs no change to its trainer."""


INTER_OP_THREADS = 64


@dataclass(frozen=True)
class Cluster:
    """This process among those that train together.

    Attributes:
        rank: of this process, 0 for the chief, which alone writes.
        processes: how many there are.
        replicas: copies of the network, over all processes.
        scope: what the network is built and trained in.
        adapt: makes a trainer fit for it, before its first step.
    """

    rank: int = 0
    processes: int = 1
    replicas: int = 1
    scope: Callable[[], AbstractContextManager[object]] = nullcontext
    adapt: Callable[[keras.Model], None] = _unchanged

    @property
    def chief(self) -> bool:
        """Whether this process writes."""
        return self.rank == 0

    def share(self, batch: int) -> slice:
        """Return the part of a batch that this process makes.

        Raises:
            UsageError: the batch cannot be divided evenly.
        """
        if batch % self.replicas:
            raise UsageError(f"--batch {batch} cannot be divided among {self.replicas} replicas")
        size = batch // self.processes
        return slice(self.rank * size, (self.rank + 1) * size)


ALONE = Cluster()


def join_cluster() -> Cluster:
    """Wait for the other processes and return this one's place; call it before all else.

    Raises:
        UsageError: the backend has no such means here, or the environment names no cluster.
    """
    backend = keras.backend.backend()
    if backend == "tensorflow":
        return _tensorflow_workers()
    if backend == "jax":
        return _jax_devices()
    raise UsageError(f"--distribute works on the backends tensorflow and jax, not on {backend}")


def _tensorflow_workers() -> Cluster:
    try:
        place = json.loads(os.environ["TF_CONFIG"])
        workers, rank = place["cluster"]["worker"], int(place["task"]["index"])
    except (KeyError, TypeError, ValueError):
        raise UsageError(
            "--distribute on TensorFlow needs the variable TF_CONFIG in every process, such as "
            '{"cluster": {"worker": ["host:port", ...]}, "task": {"type": "worker", "index": 0}}'
        ) from None
    import tensorflow as tf

    # Exchanges wait for the other process inside the threads that run operations; with as many of
    # these as a small machine has cores, all can wait while the one that would go on has no thread.
    tf.config.threading.set_inter_op_parallelism_threads(INTER_OP_THREADS)
    strategy = tf.distribute.MultiWorkerMirroredStrategy()
    replicas = strategy.num_replicas_in_sync
    if replicas != len(workers):
        raise UsageError(
            f"{replicas} accelerators for {len(workers)} processes: give each process one, with "
            "CUDA_VISIBLE_DEVICES"
        )
    return Cluster(rank, len(workers), replicas, strategy.scope, _with_rows_of_metrics)


def _with_rows_of_metrics(trainer: keras.Model) -> None:
    """Make each step return its metrics as rows of one: Keras 3.15 averages over the first axis.

    A scalar, which is what its own steps return, has none, and is an error with these strategies.
    """
    step = trainer.train_step

    def train_step(data: Any) -> dict[str, Any]:
        return {name: keras.ops.reshape(value, (1,)) for name, value in step(data).items()}

    trainer.train_step = train_step


def _jax_devices() -> Cluster:
    if "KERAS_DISTRIBUTION_NUM_PROCESSES" in os.environ:
        keras.distribution.initialize()
    from keras.src.backend.jax import distribution_lib  # Keras exports no rank

    parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
    return Cluster(
        distribution_lib.process_id(),
        distribution_lib.num_processes(),
        parallel.num_model_replicas,
        parallel.scope,
    )
