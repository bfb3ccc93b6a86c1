"""What one run of ``edge-run`` does, and the command line that says it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from command_line.arguments import Parser, at_least
from edge.camera import CameraRequest
from edge.camera.choose import Handling
from edge.camera.kind import kind_of
from edge.camera.listing import camera_lines
from edge.camera.network import shown_source
from edge.camera.view import Region, View
from edge.config_file import with_config
from edge.finder.choose import DEFAULT_FINDER, SPECS
from edge.live import LivePage
from edge.run_loop.loop import Limits
from edge.runtime import MOST_THREADS
from edge.sinks.choose import Format, Outputs
from edge.sinks.drawing import Look
from edge.sinks.mqtt import Broker, Tls
from landmarks import __version__
from landmarks.errors import CameraError, UsageError

MOST_CAMERA_PX, MOST_CAMERA_FPS = 16384, 1000
WARM_C = 75  # a Raspberry Pi lowers its clock at 80 degrees


@dataclass(frozen=True)
class RunConfig:
    """The options of a run; see ``edge-run --help`` for each.

    Attributes:
        source: None for the first camera.
        thermal_guard_c: None: no guard.
    """

    source: str | None
    camera: CameraRequest
    handling: Handling
    model: str
    finder: str
    threads: int | None
    faces: int
    smooth: bool
    outputs: Outputs
    limits: Limits
    thermal_guard_c: float | None
    strict: bool


def parse(argv: Sequence[str]) -> RunConfig:
    """Read a command line; a mistake ends the program with usage and exit code 2.

    Raises:
        UsageError: ``--mqtt`` is not of its form, or options do not go together.
        PictureError: there is no such source.
    """
    args = _parser().parse_args(with_config(argv))
    return RunConfig(
        source=args.source,
        camera=_camera_request(args),
        handling=Handling(
            view=View(args.rotate, args.flip, args.roi),
            max_fps=args.max_fps,
            loop=args.loop,
            realtime=args.realtime,
        ),
        model=args.model,
        finder=args.finder,
        threads=args.threads,
        faces=args.faces,
        smooth=args.smooth,
        outputs=Outputs(
            output=args.output,
            output_format=cast(Format, args.format),
            annotate=_annotate(args),
            look=Look(args.style, args.blur_faces),
            record=args.record,
            record_limit_mb=args.record_limit,
            mqtt=_broker(args),
            live=_live_page(args),
            force=args.force,
        ),
        limits=Limits(args.duration, args.max_frames),
        thermal_guard_c=args.thermal_guard,
        strict=args.strict,
    )


def _camera_request(args: argparse.Namespace) -> CameraRequest:
    asked = {name: getattr(args, name) for name in ("width", "height", "fps")}
    asked = {name: value for name, value in asked.items() if value is not None}
    if asked and args.source is not None and kind_of(args.source) not in ("csi", "v4l2"):
        options = ", ".join(f"--{name}" for name in asked)
        raise UsageError(
            f"{options}: asked of a camera, and {shown_source(args.source)} is none; --max-fps "
            "looks at fewer frames"
        )
    return CameraRequest(**asked)


def _annotate(args: argparse.Namespace) -> Path | None:
    path: Path | None = args.annotate
    if path is None:
        if args.style != Look.style or args.blur_faces:
            raise UsageError("--style and --blur-faces say how --annotate draws: give it")
    elif (
        args.source is not None and path.exists() and path.resolve() == Path(args.source).resolve()
    ):
        raise UsageError(f"--annotate {path}: is the source, which is never written to")
    return path


def _broker(args: argparse.Namespace) -> Broker | None:
    if args.mqtt is None:
        if args.mqtt_tls is not None:
            raise UsageError("--mqtt-tls says how --mqtt connects: give it")
        return None
    tls = None if args.mqtt_tls is None else Tls(Path(args.mqtt_tls) if args.mqtt_tls else None)
    return Broker.parse(args.mqtt, tls)


def _live_page(args: argparse.Namespace) -> LivePage | None:
    if args.live is None:
        if args.live_token is not None or args.live_no_picture:
            raise UsageError("--live-token and --live-no-picture say how --live is served: give it")
        return None
    return LivePage(args.live, args.live_token, with_picture=not args.live_no_picture)


class _ListCameras(argparse.Action):
    """Prints the cameras and ends the program, as ``--version`` does."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, nargs=0)

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        lines = camera_lines()
        print("\n".join(lines) if lines else "no cameras: ask edge-doctor")
        parser.exit(0 if lines else CameraError.exit_code)


def _parser() -> argparse.ArgumentParser:
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
        type=Region.parse,
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
        "--threads", type=at_least(1, MOST_THREADS), help="for the network (default: cores - 1)"
    )
    how.add_argument("--faces", type=at_least(1), default=1, help="faces at most (default: 1)")
    how.add_argument("--smooth", action="store_true", help="smoothed points beside the raw ones")
    how.add_argument(
        "--thermal-guard",
        type=at_least(30),
        nargs="?",
        const=WARM_C,
        metavar="C",
        help=f"fewer frames while the board is held back or this hot (default: {WARM_C})",
    )

    out = parser.add_argument_group("where results go")
    out.add_argument("--output", default="-", metavar="FILE", help="default: stdout (-)")
    out.add_argument("--format", choices=["jsonl", "csv"], default="jsonl")
    out.add_argument(
        "--annotate", type=Path, metavar="FILE", help="picture, film, or folder to draw into"
    )
    out.add_argument(
        "--style", choices=["lines", "dots", "none"], default=Look.style, help="of what is drawn"
    )
    out.add_argument(
        "--blur-faces", action="store_true", help="make the faces of --annotate unrecognisable"
    )
    out.add_argument("--record", type=Path, metavar="DIR", help="keep frames, for --source DIR")
    out.add_argument(
        "--record-limit",
        type=at_least(1),
        default=Outputs.record_limit_mb,
        metavar="MB",
        help="a recording's size; the oldest frames go first (default: 1000)",
    )
    out.add_argument("--mqtt", metavar="HOST[:PORT][/TOPIC]", help="publish to an MQTT broker")
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
    out.add_argument("--force", action="store_true", help="replace existing outputs")

    end = parser.add_argument_group("when it ends")
    end.add_argument("--duration", type=at_least(1), metavar="S", help="stop after S seconds")
    end.add_argument("--max-frames", type=at_least(1), metavar="N", help="stop after N frames")
    end.add_argument("--strict", action="store_true", help="exit 3 if a picture could not be read")
    return parser
