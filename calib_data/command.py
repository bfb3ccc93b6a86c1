"""Command line: fit the face sampler, draw the calibration faces, film the demo clip.

Results go to stdout, progress to stderr. Exit codes: 0 ok, 2 usage, 3 bad data.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from calib_data import CLIP_PATH, FACES_DIR, SAMPLER_PATH
from calib_data.appearance import fit_model, load_model, save_model
from calib_data.clip import DROWSY, ClipPlan, render_clip, truth_line, write_video
from calib_data.likeness import measure_likeness
from calib_data.render import draw_head, render_face
from calib_data.training_set import list_training_faces
from command_line.arguments import Parser
from landmarks.errors import OutputExistsError, UsageError
from landmarks.files import atomic_write, refuse_overwrite
from landmarks.pictures import write_picture
from landmarks.pts import write_pts

_JPEG_QUALITY = 92
_PLANS = {"demo": ClipPlan(), "drowsy": DROWSY}
_N_LIKENESS = 400  # faces drawn to check that none is like a training face


def main(argv: Sequence[str]) -> int:
    """Run one of the commands."""
    arguments = _parser().parse_args(argv)
    run = {"fit": _fit, "faces": _faces, "clip": _clip}[arguments.command]
    run(arguments)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(prog="python -m calib_data", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)

    fit = commands.add_parser("fit", help="fit the sampler on the 300W training folders")
    fit.add_argument("--data", type=Path, required=True, help="folder that holds 300w/")
    fit.add_argument("--out", type=Path, default=SAMPLER_PATH, help="sampler to write (.npz)")

    faces = commands.add_parser("faces", help="draw synthetic faces with their points")
    faces.add_argument("--n", type=int, default=160, help="how many (default %(default)s)")
    faces.add_argument("--seed", type=int, default=7, help="default %(default)s")
    faces.add_argument("--out", type=Path, default=FACES_DIR, help="folder to write")

    clip = commands.add_parser("clip", help="film one synthetic face; truth goes beside it")
    clip.add_argument("--seed", type=int, default=33, help="default %(default)s")
    clip.add_argument("--out", type=Path, default=CLIP_PATH, help="video to write (.mp4)")
    clip.add_argument("--plan", choices=_PLANS, default="demo", help="default %(default)s")
    clip.add_argument("--no-points", action="store_true", help="leave the truth of points out")

    for command in (faces, clip):
        command.add_argument("--sampler", type=Path, default=SAMPLER_PATH, help="fitted sampler")
    for command in (fit, faces, clip):
        command.add_argument("--force", action="store_true", help="replace existing output")
    return parser


def _fit(arguments: argparse.Namespace) -> None:
    refuse_overwrite(arguments.out, force=arguments.force)
    faces = list_training_faces(arguments.data)
    model, coefficients = fit_model(faces, progress=sys.stderr.isatty())
    save_model(model, arguments.out, force=arguments.force)
    rng = np.random.default_rng(0)
    sampled = np.stack([draw_head(model, rng) for _ in range(_N_LIKENESS)])
    likeness = measure_likeness(sampled[:, model.slices()["detail"]], coefficients["detail"])
    report = {
        "sampler": str(arguments.out),
        "bytes": arguments.out.stat().st_size,
        "training_faces": len(faces),
        "nearest_distance": likeness.as_dict(),
    }
    print(json.dumps(report))


def _faces(arguments: argparse.Namespace) -> None:
    if arguments.n < 1:
        raise UsageError(f"--n {arguments.n}: expected at least 1 face")
    if arguments.seed < 0:
        raise UsageError(f"--seed {arguments.seed}: expected 0 or more")
    model = load_model(arguments.sampler)
    out: Path = arguments.out
    old = [*out.glob("face_*.jpg"), *out.glob("face_*.pts")]
    if old and not arguments.force:
        raise OutputExistsError(f"{out} already holds faces: give --force to replace them")
    for path in old:
        path.unlink()
    for index in tqdm(range(arguments.n), disable=not sys.stderr.isatty(), unit="face"):
        face = render_face(model, arguments.seed, index)
        stem = out / f"face_{index:03d}"
        write_picture(stem.with_suffix(".jpg"), face.picture, quality=_JPEG_QUALITY, force=True)
        write_pts(stem.with_suffix(".pts"), face.points, force=True)
    print(json.dumps({"faces": str(out), "n": arguments.n, "seed": arguments.seed}))


def _clip(arguments: argparse.Namespace) -> None:
    if arguments.seed < 0:
        raise UsageError(f"--seed {arguments.seed}: expected 0 or more")
    out: Path = arguments.out
    if out.suffix.lower() != ".mp4":
        raise UsageError(f"{out}: the clip is an MPEG-4 video, name it .mp4")
    truth = None if arguments.no_points else out.with_suffix(".jsonl")
    for path in filter(None, (out, truth)):
        refuse_overwrite(path, force=arguments.force)
    model = load_model(arguments.sampler)
    plan = _PLANS[arguments.plan]
    frames = list(render_clip(model, arguments.seed, plan, progress=sys.stderr.isatty()))
    with atomic_write(out, force=arguments.force) as temporary:
        write_video(temporary, [picture for picture, _ in frames], plan.fps)
    report = {"clip": str(out), "frames": len(frames)}
    if truth is not None:
        lines = [json.dumps(truth_line(index, points)) for index, (_, points) in enumerate(frames)]
        with atomic_write(truth, force=arguments.force) as temporary:
            temporary.write_text("\n".join(lines) + "\n", encoding="utf-8")
        report["truth"] = str(truth)
    print(json.dumps(report))
