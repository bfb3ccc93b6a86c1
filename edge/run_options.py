"""The command line of ``edge-run``: every option, its limits, and what ``--help`` says of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from command_line.arguments import Parser, at_least
from edge.camera.listing import camera_lines
from edge.camera.view import Region
from edge.finder.choose import DEFAULT_FINDER, SPECS
from edge.runtime import MOST_THREADS
from edge.sinks.choose import Outputs
from edge.sinks.drawing import Look
from edge.tracking.evidence import LEAST_EVIDENCE
from landmarks import __version__
from landmarks.errors import CameraError

MOST_CAMERA_PX, MOST_CAMERA_FPS = 16384, 1000
WARM_C = 75  # a Raspberry Pi lowers its clock at 80 degrees


class _ListCameras(argparse.Action):
    """Prints the cameras and ends the program, as ``--version`` does."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, nargs=0)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        lines = camera_lines()
        print("\n".join(lines) if lines else "no cameras: ask edge-doctor")
        parser.exit(0 if lines else CameraError.exit_code)


def run_parser() -> argparse.ArgumentParser:
    """Return the parser of ``edge-run``'s command line."""
    parser = Parser(prog="edge-run", description="Face landmarks, live or of files.")
    parser.add_argument("--version", action="version", version=f"edge-run {__version__}")
    parser.add_argument("--config", metavar="FILE", help="options in TOML; the command line wins")
    source = parser.add_argument_group("where frames come from")
    where = source.add_mutually_exclusive_group(required=True)
    where.add_argument("--camera", action="store_true", help="the first camera that is found")
    where.add_argument(
        "--source",
        help="picture, folder, film, folder of --record, number or path of a V4L2 camera, csi[:N], "
        "rtsp:// or http:// address, or - (raw MJPEG on standard input)",
    )
    where.add_argument("--list-cameras", action=_ListCameras, help="say which there are, and end")
    source.add_argument(
        "--width", type=at_least(16, MOST_CAMERA_PX), help="asked of a camera (default: 640)"
    )
    source.add_argument(
        "--height", type=at_least(16, MOST_CAMERA_PX), help="asked of a camera (default: 480)"
    )
    source.add_argument(
        "--fps", type=at_least(1, MOST_CAMERA_FPS), help="asked of a camera (default: 30)"
    )
    source.add_argument(
        "--max-fps", type=at_least(0.01, MOST_CAMERA_FPS), metavar="N", help="look at no more"
    )
    source.add_argument(
        "--rotate",
        type=int,
        choices=[0, 90, 180, 270],
        default=0,
        help="turn each picture clockwise, for a camera that hangs on its head or its side",
    )
    source.add_argument("--flip", action="store_true", help="mirror left and right")
    source.add_argument(
        "--roi",
        type=_region,
        metavar="X,Y,W,H",
        help="look at this part alone, pixels of the turned picture; points are pixels of the part",
    )
    source.add_argument(
        "--loop", action="store_true", help="begin a film or folder anew at its end"
    )
    source.add_argument(
        "--realtime", action="store_true", help="frames of a film when they are due, as of a camera"
    )

    how = parser.add_argument_group("what is done with them")
    how.add_argument("--model", default="default", help="file or name of a shipped model")
    how.add_argument("--finder", default=DEFAULT_FINDER, help=f"{SPECS} (default: own)")
    how.add_argument(
        "--min-score",
        type=at_least(0.0, 1.0),
        default=LEAST_EVIDENCE,
        metavar="S",
        help="least evidence with which a face is reported, or begins to be followed in a film: "
        "0.8 times its score and 0.2 times its presence in units of the model's presence threshold "
        f"(default: {LEAST_EVIDENCE}); a lower one finds more faces, and more that are none",
    )
    how.add_argument(
        "--threads", type=at_least(1, MOST_THREADS), help="for the network (default: cores - 1)"
    )
    how.add_argument("--faces", type=at_least(1), default=1, help="faces at most (default: 1)")
    how.add_argument("--smooth", action="store_true", help="smoothed points beside the raw ones")
    how.add_argument(
        "--measure", action="store_true", help="eyes, mouth, brows, turn and size of each face"
    )
    how.add_argument(
        "--thermal-guard",
        type=at_least(30),
        nargs="?",
        const=WARM_C,
        metavar="C",
        help=f"fewer frames while the board is held back or this hot (default: {WARM_C})",
    )

    out = parser.add_argument_group("where results go")
    out.add_argument(
        "--output",
        metavar="FILE",
        help="lines (default: stdout, -, but no terminal where there is another output)",
    )
    out.add_argument(
        "--format", choices=["jsonl", "csv"], help="of the lines (default: csv for FILE.csv)"
    )
    out.add_argument(
        "--annotate", type=Path, metavar="FILE", help="picture, film, or folder to draw into"
    )
    out.add_argument(
        "--style", choices=["lines", "dots", "none"], default=Look.style, help="of what is drawn"
    )
    out.add_argument(
        "--blur-faces", action="store_true", help="make the faces of --annotate unrecognisable"
    )
    out.add_argument("--crops", type=Path, metavar="DIR", help="each face, upright, 112 x 112")
    out.add_argument("--record", type=Path, metavar="DIR", help="keep frames, for --source DIR")
    out.add_argument(
        "--record-limit",
        type=at_least(1),
        default=Outputs.record_limit_mb,
        metavar="MB",
        help="a recording's size; the oldest frames go first (default: 1000)",
    )
    out.add_argument(
        "--mqtt", metavar="[USER@]HOST[:PORT][/TOPIC]", help="publish to an MQTT broker"
    )
    out.add_argument(
        "--mqtt-name", metavar="NAME", help="of this run at the broker (default: host and source)"
    )
    out.add_argument(
        "--homeassistant", action="store_true", help="be found by Home Assistant (needs --mqtt)"
    )
    out.add_argument(
        "--mqtt-tls",
        nargs="?",
        const="",
        metavar="CA.pem",
        help="encrypt, and check the broker's certificate (default: by the system's authorities)",
    )
    out.add_argument("--live", metavar="[HOST:]PORT", help="a page in the browser")
    out.add_argument("--live-token", metavar="TOKEN", help="what the page's readers must know")
    out.add_argument("--live-no-picture", action="store_true", help="landmarks alone on the page")
    out.add_argument(
        "--live-framed-by",
        metavar="ORIGIN",
        help="page that may show this one in a frame, such as http://homeassistant.local:8123",
    )
    out.add_argument("--force", action="store_true", help="replace existing outputs")

    end = parser.add_argument_group("when it ends")
    end.add_argument("--duration", type=at_least(1), metavar="S", help="stop after S seconds")
    end.add_argument("--max-frames", type=at_least(1), metavar="N", help="stop after N frames")
    end.add_argument("--strict", action="store_true", help="exit 3 if a picture could not be read")
    return parser


def _region(text: str) -> Region:
    try:
        return Region.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected X,Y,WIDTH,HEIGHT in whole pixels, such as 0,0,320,240, received {text!r}"
        ) from None
