"""``edge-doctor``: is everything here that ``edge-run`` needs, and if not, what to install."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from edge.board import describe_board, temperature_c
from edge.camera.picamera import picamera_names
from edge.camera.v4l2 import v4l2_devices
from edge.finder.haar import HaarFinder
from edge.models import shipped_models
from edge.runtime import open_network
from landmarks.command import run_command
from landmarks.errors import LandmarkError, MissingExtraError

State = Literal["ok", "missing", "broken"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; ``needed`` says whether ``edge-run`` can do without it."""

    what: str
    state: State
    detail: str
    needed: bool


def examine() -> tuple[Finding, ...]:
    """Look at interpreters, models, finder and cameras."""
    findings = [_try("face finder (Haar)", _load_finder, needed=True)]
    models = shipped_models()
    if not models:
        findings.append(Finding("models", "missing", "no model is shipped", needed=True))
    for path in models:
        findings.append(
            _try(
                path.name,
                partial(_load_model, path),
                needed=path.suffix == ".tflite",
            )
        )
    pi_cameras, usb = picamera_names(), v4l2_devices()
    findings.append(
        Finding(
            "Raspberry Pi cameras",
            "ok" if pi_cameras else "missing",
            "picamera2 is not installed (sudo apt install python3-picamera2)"
            if pi_cameras is None
            else ", ".join(pi_cameras) or "libcamera sees none (rpicam-hello, cable)",
            needed=False,
        )
    )
    findings.append(
        Finding("V4L2 cameras", "ok" if usb else "missing", ", ".join(usb) or "none", needed=False)
    )
    return tuple(findings)


def _load_finder() -> str:
    HaarFinder()
    return "ready"


def _load_model(path: Path) -> str:
    card = open_network(path).card
    return f"loads, checksum right: {card.name} {card.precision}"


def _try(what: str, check: Callable[[], str], *, needed: bool) -> Finding:
    try:
        return Finding(what, "ok", check(), needed)
    except MissingExtraError as error:
        return Finding(what, "missing", str(error), needed)
    except LandmarkError as error:
        return Finding(what, "broken", str(error), needed)


def main(argv: Sequence[str]) -> int:
    """Print what was found; exit 1 if something needed is not right."""
    parser = argparse.ArgumentParser(prog="edge-doctor", description="Check this machine.")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    args = parser.parse_args(argv)
    board, findings = describe_board(), examine()
    if args.json:
        report = {
            "board": board,
            "temperature_c": temperature_c(),
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
