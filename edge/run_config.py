"""What one run of ``edge-run`` does, from its command line."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from edge.camera import CameraRequest
from edge.camera.choose import Handling
from edge.camera.kind import kind_of
from edge.camera.network import shown_source
from edge.camera.view import View
from edge.config_file import with_config
from edge.live import LivePage
from edge.run_loop.loop import Limits
from edge.run_options import run_parser
from edge.sinks.broker import NAME_FORM, Broker, Tls, run_name
from edge.sinks.choose import Format, Outputs
from edge.sinks.drawing import Look
from edge.sinks.mqtt import Publishing
from edge.sinks.output import STDOUT
from landmarks.errors import UsageError


@dataclass(frozen=True)
class RunConfig:
    """The options of a run; see ``edge-run --help`` for each.

    Attributes:
        source: None for the first camera.
        min_score: least evidence of a face; see ``edge.tracking.evidence``.
        thermal_guard_c: None: no guard.
    """

    source: str | None
    camera: CameraRequest
    handling: Handling
    model: str
    finder: str
    threads: int | None
    faces: int
    min_score: float
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
    args = run_parser().parse_args(with_config(argv))
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
        min_score=args.min_score,
        smooth=args.smooth,
        outputs=Outputs(
            output=_output(args),
            output_format=_format(args),
            measures=args.measure or args.homeassistant,
            annotate=_annotate(args),
            look=Look(args.style, args.blur_faces),
            crops=args.crops,
            record=args.record,
            record_limit_mb=args.record_limit,
            mqtt=_publishing(args),
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


def _output(args: argparse.Namespace) -> str | None:
    """Return where lines go: not to a terminal, unless asked to or there is nothing else to see."""
    others = (args.annotate, args.crops, args.record, args.mqtt, args.live)
    if args.output is None and any(others) and sys.stdout.isatty():
        return None
    return args.output or STDOUT


def _format(args: argparse.Namespace) -> Format:
    if args.format is None:
        return "csv" if (args.output or "").lower().endswith(".csv") else "jsonl"
    return cast(Format, args.format)


def _publishing(args: argparse.Namespace) -> Publishing | None:
    if args.mqtt is None:
        if args.mqtt_tls is not None or args.mqtt_name is not None or args.homeassistant:
            raise UsageError(
                "--mqtt-tls, --mqtt-name and --homeassistant say how --mqtt publishes: give it"
            )
        return None
    if args.mqtt_name is not None and not NAME_FORM.fullmatch(args.mqtt_name):
        raise UsageError(f"--mqtt-name {args.mqtt_name}: expected up to 64 of A-Z a-z 0-9 _ -")
    tls = None if args.mqtt_tls is None else Tls(Path(args.mqtt_tls) if args.mqtt_tls else None)
    name = args.mqtt_name or run_name(args.source)
    return Publishing(Broker.parse(args.mqtt, tls), name, homeassistant=args.homeassistant)


def _live_page(args: argparse.Namespace) -> LivePage | None:
    if args.live is None:
        if args.live_token is not None or args.live_no_picture or args.live_framed_by is not None:
            raise UsageError(
                "--live-token, --live-no-picture and --live-framed-by say how --live is served: "
                "give it"
            )
        return None
    return LivePage(
        args.live,
        args.live_token,
        with_picture=not args.live_no_picture,
        framed_by=args.live_framed_by,
        finder=args.finder,
    )
