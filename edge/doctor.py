"""``edge-doctor``: is everything here that ``edge-run`` needs, and if not, what to do about it."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import cv2

from command_line.arguments import Parser
from command_line.command import run_command
from edge.board import describe_board
from edge.camera.devices import describe_devices, hint, video_devices
from edge.camera.picamera import picamera_names
from edge.finder.haar import HaarFinder
from edge.finder.own import open_own_finder
from edge.health import Health, read_health
from edge.models import shipped_finders, shipped_models
from edge.runtime import default_threads
from edge.runtime.load import load_localizer
from landmarks.errors import LandmarkError, MissingExtraError

State = Literal["ok", "missing", "broken"]
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
# The import name of each optional part, and what it is for.
EXTRAS = {
    "onnxruntime": ("onnx", ".onnx models"),
    "paho": ("mqtt", "--mqtt"),
    "websockets": ("live", "--live"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        what: its name.
        state: how it is.
        detail: one line; with what to do where it is not ok.
        needed: whether ``edge-run`` cannot do without it.
    """

    what: str
    state: State
    detail: str
    needed: bool


def examine() -> tuple[Finding, ...]:
    """Look at everything; what needs a camera is looked at without opening it."""
    return (
        _python(),
        _interpreter(),
        *_models(),
        *_finders(),
        _try("OpenCV's face finder (Haar)", _load_haar, needed=False),
        _temporary_folder(),
        _pi_cameras(),
        _usb_cameras(),
        _board(read_health()),
        *_extras(),
    )


def _python() -> Finding:
    version = sys.version_info[:2]
    name = ".".join(map(str, version))
    if OLDEST_PYTHON <= version <= NEWEST_PYTHON and sys.maxsize > 2**32:
        return Finding("Python", "ok", name, needed=True)
    return Finding("Python", "broken", f"{name}: expected 64-bit 3.11 to 3.13", needed=True)


def _interpreter() -> Finding:
    what = "TFLite interpreter"
    if find_spec("ai_edge_litert"):
        threads = default_threads()
        return Finding(what, "ok", f"ai-edge-litert, {threads} threads unless told", needed=True)
    if find_spec("tflite_runtime"):
        slow = "INT8 without XNNPACK, 9 times slower than ai-edge-litert on x86"
        detail = f"tflite-runtime ({slow}): pip install ai-edge-litert where there is a wheel"
        return Finding(what, "ok", detail, needed=True)
    return Finding(what, "missing", "pip install ai-edge-litert", needed=True)


def _models() -> tuple[Finding, ...]:
    models = shipped_models()
    if not models:
        return (Finding("models", "missing", "none came with this installation", needed=True),)
    return tuple(
        _try(path.name, partial(_load_model, path), needed=path.suffix == ".tflite")
        for path in models
    )


def _finders() -> tuple[Finding, ...]:
    return tuple(
        _try(path.name, partial(_load_finder, path), needed=path.suffix == ".tflite")
        for path in shipped_finders()
    )


def _temporary_folder() -> Finding:
    """Only pip and the training tools need one; a board with a read-only root may have none."""
    what = "temporary folder"
    try:
        return Finding(what, "ok", tempfile.gettempdir(), needed=False)
    except FileNotFoundError:
        detail = "none can be written (a read-only root, a full card?); edge-run needs none"
        return Finding(what, "missing", detail, needed=False)


def _pi_cameras() -> Finding:
    names = picamera_names()
    detail = ", ".join(names or ()) or "libcamera sees none: check the cable, try rpicam-hello"
    if names is None:
        detail = (
            "picamera2 is not there: sudo apt install python3-picamera2, and make the "
            "environment with --system-site-packages"
        )
    return Finding("Raspberry Pi cameras", "ok" if names else "missing", detail, needed=False)


def _usb_cameras() -> Finding:
    what, cameras = "USB cameras", [device for device in video_devices() if device.is_usb]
    denied = [device for device in cameras if "no permission" in hint(device.path)]
    if denied:
        return Finding(what, "broken", f"{denied[0]}: {hint(denied[0].path)}", needed=False)
    return Finding(what, "ok" if cameras else "missing", describe_devices(), needed=False)


def _board(health: Health) -> Finding:
    what = "board"
    if health.held_back_by:
        advice = "check the power supply and the cooling"
        return Finding(what, "broken", f"{health}: {advice}", needed=False)
    before = ", ".join(health.held_back_since_boot_by)
    detail = f"{health}; since it was switched on: {before}" if before else str(health)
    return Finding(what, "ok", detail, needed=False)


def _extras() -> tuple[Finding, ...]:
    found = []
    for module, (extra, purpose) in EXTRAS.items():
        there = find_spec(module) is not None
        detail = "installed" if there else f"for {purpose}: pip install 'edge-landmarks[{extra}]'"
        found.append(Finding(extra, "ok" if there else "missing", detail, needed=False))
    return tuple(found)


def _load_haar() -> str:
    HaarFinder()
    return f"OpenCV {cv2.__version__}"


def _load_finder(path: Path) -> str:
    open_own_finder(path)
    return "sealed and loads"


def _load_model(path: Path) -> str:
    card = load_localizer(path).network.card
    return f"sealed, loads and answers: {card.name} {card.precision}"


def _try(what: str, check: Callable[[], str], *, needed: bool) -> Finding:
    try:
        return Finding(what, "ok", check(), needed)
    except MissingExtraError as error:
        return Finding(what, "missing", str(error), needed)
    except LandmarkError as error:
        return Finding(what, "broken", str(error), needed)


def main(argv: Sequence[str]) -> int:
    """Print what was found; exit 1 if something needed is not right."""
    parser = Parser(prog="edge-doctor", description="Check this machine.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    board, findings = describe_board(), examine()
    if args.json:
        report = {
            "board": board,
            "health": read_health().to_dict(),
            "findings": [asdict(finding) for finding in findings],
        }
        print(json.dumps(report))
    else:
        name = board["board"] or board["processor"] or board["machine"]
        print(f"{name}, {board['cores']} cores, Python {board['python']}, {board['system']}")
        print(", ".join(f"{tool} {version}" for tool, version in board["versions"].items()))
        for finding in findings:
            print(f"{finding.state:>8}  {finding.what}: {finding.detail}")
    return int(any(f.needed and f.state != "ok" for f in findings))


def cli() -> None:
    """Entry point of ``edge-doctor``."""
    sys.exit(run_command(main))


if __name__ == "__main__":
    cli()
