"""``python -m calib_data``: see ``calib_data.command``, which needs more than the base install."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from command_line.command import run_command


def main(argv: Sequence[str]) -> int:
    """Run the command line."""
    from calib_data import command  # here, so that a missing package is one line

    return command.main(argv)


if __name__ == "__main__":
    sys.exit(run_command(main, extra="train"))
