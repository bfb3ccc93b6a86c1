"""What happens to a file that cannot be used: the first one stops the work, or all are counted.

Example:
    >>> bad = BadFiles(skip=True)
    >>> with bad.tolerated():
    ...     raise DatasetError("a.pts:7: expected 'x y', received 'x'")
    >>> bad.messages
    ["a.pts:7: expected 'x y', received 'x'"]
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from landmarks.errors import DatasetError, PictureError

logger = logging.getLogger(__name__)


@dataclass
class BadFiles:
    """What to do with bad labels and pictures, and which were met.

    Attributes:
        skip: leave them out and count them; otherwise the first one raises.
        hint: ends the message that is raised, e.g. which option leaves bad files out.
        messages: one for each that was left out.
    """

    skip: bool = False
    hint: str = ""
    messages: list[str] = field(default_factory=list)

    @contextmanager
    def tolerated(self) -> Iterator[None]:
        """Run a block that reads one label or picture.

        Raises:
            DatasetError: its label is bad and ``skip`` is not set.
            PictureError: its picture is bad and ``skip`` is not set.
        """
        try:
            yield
        except (DatasetError, PictureError) as error:
            if not self.skip:
                raise type(error)(f"{error}{self.hint}") from error
            self.messages.append(str(error))
            logger.warning("left out: %s", error)

    def report(self) -> None:
        """Log how many were left out, if any."""
        if self.messages:
            logger.warning(
                "%d bad files were left out, the first: %s", len(self.messages), self.messages[0]
            )
