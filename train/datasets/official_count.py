"""Does a folder hold the whole data set? A part of it is used, but never silently."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

from landmarks.errors import DatasetError

logger = logging.getLogger(__name__)


def check_official_count(
    where: object, found: int, official: int, what: str = "faces", absent: Sequence[Path] = ()
) -> None:
    """Log one line where a subset does not hold what its papers count.

    Args:
        where: names the subset in the message, e.g. its folder or list.
        found: how many can be used or were tried.
        official: how many the owners publish.
        what: what is counted.
        absent: pictures that a list names and the disk does not hold.

    Raises:
        DatasetError: nothing was found.
    """
    missing = (
        f"; {len(absent)} listed pictures are missing, the first: {absent[0]}" if absent else ""
    )
    if found == 0:
        raise DatasetError(f"{where}: none of the official {official} {what} is here{missing}")
    if found != official:
        logger.warning("%s holds %d of the official %d %s%s", where, found, official, what, missing)
