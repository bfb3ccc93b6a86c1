"""The kinds of hostile input: each function makes one, gives it to the command, and complains.

A function takes a seeded generator and an empty folder, and returns what was wrong, a line each:
nothing, if all is well. An exception that leaves it is a traceback that a user sees.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.models import model_path
from edge.run import main as edge_run
from landmarks.errors import UsageError
from landmarks.model_file import MEMBER, read_model
from landmarks.pictures import read_picture
from landmarks.provenance import sha256
from landmarks.shown import one_line
from tests.hostile.ended import called, records
from tests.hostile.odd import Rng, changed, damaged, value

ROOT = Path(__file__).resolve().parents[2]
FACES = ROOT / "calib_data" / "faces"
MODEL = "asmpip-80"
Attempt = Callable[[Rng, Path], list[str]]


def cards(rng: Rng, folder: Path) -> list[str]:
    """A whole graph with a card that is sealed and wrong."""
    file = read_model(model_path(MODEL))
    fields = file.card.to_dict()
    if rng.random() < 0.5:
        fields["head"] = changed(fields["head"], rng)
    else:
        fields = changed(fields, rng)
    digest = file.sha256
    seal = sha256((json.dumps(fields, sort_keys=True) + digest).encode())
    archive_bytes = io.BytesIO(file.graph)
    with zipfile.ZipFile(archive_bytes, "a") as archive:
        member = zipfile.ZipInfo(MEMBER, (1980, 1, 1, 0, 0, 0))
        member.create_system = 3
        archive.writestr(member, json.dumps({**fields, "sha256": digest, "seal": seal}, indent=1))
    path = folder / "model.tflite"
    path.write_bytes(archive_bytes.getvalue())
    ended = called(edge_run, ["--source", FACES / "face_000.jpg", "--model", path])
    found = ended.complaints()
    if ended.code not in (0, 3):
        found.append(f"exit code {ended.code}")
    if ended.code == 0 and len(records(ended.out)) != 1:
        found.append("no record of the picture")
    return found


def models(rng: Rng, folder: Path) -> list[str]:
    """A damaged model file of either format."""
    whole = model_path(f"{MODEL}-int8.{rng.choice(['tflite', 'onnx'])}")
    path = folder / whole.name
    path.write_bytes(damaged(whole.read_bytes(), rng))
    ended = called(edge_run, ["--source", FACES / "face_000.jpg", "--model", path])
    return ended.complaints() + ([] if ended.code == 3 else [f"opened: exit code {ended.code}"])


def recordings(rng: Rng, folder: Path) -> list[str]:
    """A recording whose lines or description are wrong."""
    segment = folder / "recording" / "segment-000000"
    segment.mkdir(parents=True)
    lines = []
    for index in range(3):
        shutil.copy(FACES / f"face_00{index}.jpg", segment / f"{index:09d}.jpg")
        lines.append({"schema": 1, "frame": index, "name": "camera", "time_s": index / 10})
    odd_line, kind = int(rng.integers(0, 3)), rng.integers(0, 4)
    lines[odd_line] = changed(lines[odd_line], rng) if kind < 3 else lines[odd_line]
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    (segment / "frames.jsonl").write_bytes(damaged(data, rng) if kind == 3 else data)
    manifest = {"recording_schema": 1, "schema": 1, "event": "start"}
    manifest = changed(manifest, rng) if rng.random() < 0.2 else manifest
    (segment.parent / "recording.json").write_text(json.dumps(manifest))
    ended = called(edge_run, ["--source", segment.parent, "--model", MODEL])
    found = ended.complaints()
    records(ended.out)
    return found


def pictures(rng: Rng, folder: Path) -> list[str]:
    """A damaged picture among good ones: each has its line, and the good ones their face."""
    suffixes = (".jpg", ".png", ".bmp", ".webp", ".tif", ".ppm", ".avif", ".gif", ".jp2")
    suffix = str(rng.choice(suffixes))
    (folder / "in").mkdir()
    for name in ("a.jpg", "c.jpg"):
        shutil.copy(FACES / "face_000.jpg", folder / "in" / name)
    picture = read_picture(FACES / "face_001.jpg")
    if rng.random() < 0.3:  # 16 bits, of which some are used
        picture = picture.astype(np.uint16) << int(rng.integers(0, 9))
        suffix = str(rng.choice([".png", ".tif", ".ppm"]))
    data = cv2.imencode(suffix, picture)[1].tobytes()
    name = str(rng.choice(["b", "b\x1b[2J", "b\nerror: no", "=b", "b\udce9"]))
    (folder / "in" / f"{name}.jpg").write_bytes(damaged(data, rng))
    out, table = folder / "out.jsonl", folder / "out.csv"
    ended = called(edge_run, ["--source", folder / "in", "--model", MODEL, "--output", out])
    found = ended.complaints()
    if ended.code != 0:
        return [*found, f"exit code {ended.code}: {ended.err}"]
    lines = records(out.read_text(encoding="utf-8"))
    seen = {line["name"]: line["faces"] for line in lines}
    if len(lines) != 3 or not seen.get("a.jpg") or not seen.get("c.jpg"):
        found.append(f"lost: {sorted(seen)}")
    options = ["--source", folder / "in", "--model", MODEL, "--format", "csv", "--output", table]
    if called(edge_run, options).code != 0 or b"a.jpg" not in table.read_bytes():
        found.append("lost: the table")
    return found


def settings(rng: Rng, folder: Path) -> list[str]:
    """A configuration that nobody means."""
    from train.settings.resolve import resolve_any

    names = "size epochs batch model augment pip pose schedule ema seed weights also".split()
    path = folder / "config.toml"
    lines = [f"{rng.choice(names)} = {_toml(value(rng))}" for _ in range(rng.integers(1, 4))]
    text = "\n".join(lines).encode("utf-8", "replace")
    path.write_bytes(damaged(text, rng) if rng.random() < 0.3 else text)
    try:
        resolve_any({"data": "d", "out": "o"}, str(path))
    except UsageError as error:
        return [] if one_line(str(error)) == str(error) else [f"control characters: {error!s:.200}"]
    return []


def _toml(item: Any) -> str:
    if isinstance(item, dict):
        return "{" + ", ".join(f"{key} = {_toml(entry)}" for key, entry in item.items()) + "}"
    if isinstance(item, list):
        return "[" + ", ".join(map(_toml, item)) + "]"
    return "'none'" if item is None else json.dumps(item).replace("Infinity", "inf")


def labels(rng: Rng, folder: Path) -> list[str]:
    """A wrong file of labels among good ones: what is left out is counted, the rest is kept."""
    from landmarks.schemes import IBUG68
    from train.datasets.bad_files import BadFiles
    from train.datasets.labelled_folder import read_labelled_folder
    from train.preparation.prepare import prepare

    (folder / "in").mkdir()
    for name in ("face_000", "face_001", "face_002"):
        for suffix in (".jpg", ".pts"):
            shutil.copy(FACES / f"{name}{suffix}", folder / "in")
    path = folder / "in" / "face_001.pts"
    if rng.random() < 0.5:
        path.write_bytes(damaged(path.read_bytes(), rng))
    else:
        lines = path.read_text().splitlines()
        odd = rng.choice(["-1 -1", "99999 99999", "nan 3", "-60 -60", "1e308 1", "1,1", "", "x y"])
        lines[int(rng.integers(2, len(lines)))] = str(odd)
        path.write_text("\n".join(lines) + "\n")
    bad = BadFiles(skip=True)
    faces = read_labelled_folder(folder / "in", IBUG68, bad)
    out = folder / "out"
    words = {"dataset": "synthetic", "subset": "all", "scheme": IBUG68.name}
    info = prepare(faces, out, bad=bad, size=64, workers=1, **words)
    if info.n + info.skipped != 3 or info.n < 2:
        return [f"lost: {info.n} kept, {info.skipped} left out of 3"]
    return []


KINDS: dict[str, Attempt] = {
    "cards": cards,
    "models": models,
    "recordings": recordings,
    "pictures": pictures,
    "settings": settings,
    "labels": labels,
}
