"""``python -m train``: prepare data, fit a network, evaluate and describe model files.

::

    python -m train prepare w300 --root 300w --out prepared/w300
    python -m train shape --percent 90 --data prepared/w300
    python -m train fit --model asmpip --data prepared/w300 --out runs/asmpip
    python -m train label --model runs/asmpip/model.keras --data prepared/faces --out prepared/seen
    python -m train label-frames --data frames --yunet yunet_n_640_640.onnx --out runs/frames
    python -m train turn --data prepared/w300 --face ict --out prepared/turned
    python -m train selftrain --labelled prepared/w300 --unlabelled prepared/faces --out runs/stc
    python -m train presence edge/models/asmpip-80-int8.tflite --frames frames --out model.tflite
    python -m train throughput --model asmnet --data prepared/w300
    python -m train evaluate edge/models/asmpip-144-int8.tflite --data 300w --json
    python -m train finders own haar --data frames/test
    python -m train table --data 300w --ytf ytf
    python -m train describe edge/models/asmpip-144-int8.tflite --json
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from command_line.arguments import Parser
from command_line.command import run_command
from command_line.terminal import OneLineFormatter


def main(argv: Sequence[str] | None = None) -> int | None:
    """Parse the command line and run one command."""
    from train.commands.every import COMMANDS  # here, so that a missing package is one line

    parser = Parser(prog="python -m train", description="Train landmark networks.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_parser(commands)
    arguments = parser.parse_args(argv)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLineFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    code: int | None = arguments.run(arguments)
    return code


if __name__ == "__main__":
    sys.exit(run_command(main, extra="train"))
