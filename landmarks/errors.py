"""Every error that a user can cause or meet, with the exit code of the command that met it.

::

    LandmarkError                1  something failed while running
    ├── UsageError               2  the command line asks for something that cannot be
    │   ├── OutputExistsError    2  an output is already there and --force was not given
    │   └── OutputInUseError     2  another run is writing there
    ├── MissingExtraError        1  an optional dependency is not installed
    ├── ModelFileError           3  a model file is missing, damaged or not what it claims
    ├── PictureError             3  a picture or video cannot be read
    ├── DatasetError             3  training or test data are missing or malformed
    ├── TrainingError            1  a training run cannot go on
    ├── QuantizationError        1  a network cannot be quantized as asked
    └── CameraError              4  no camera, or it cannot be opened
        └── CameraTimeout        4  the camera stopped giving frames

A message is one line: what happened, what was received, what was expected, what to do.
"No face in this frame" is an empty tuple, never an error.
"""

from __future__ import annotations


class LandmarkError(Exception):
    """Base of all errors that a command shows as one line."""

    exit_code = 1


class UsageError(LandmarkError):
    """The arguments cannot be carried out."""

    exit_code = 2


class OutputExistsError(UsageError):
    """An output path is taken and overwriting was not asked for."""


class OutputInUseError(UsageError):
    """Another process is writing to an output path."""


class MissingExtraError(LandmarkError):
    """An optional dependency is missing; the message names the extra to install."""


class ModelFileError(LandmarkError):
    """A model file is missing, damaged or not what it claims to be."""

    exit_code = 3


class PictureError(LandmarkError):
    """A picture or video cannot be read."""

    exit_code = 3


class DatasetError(LandmarkError):
    """Training or test data are missing or malformed."""

    exit_code = 3


class TrainingError(LandmarkError):
    """A training run cannot start or go on."""


class QuantizationError(LandmarkError):
    """A network cannot be quantized as asked."""


class CameraError(LandmarkError):
    """There is no camera, or it is busy or denied."""

    exit_code = 4


class CameraTimeout(CameraError):
    """The camera stopped giving frames."""
