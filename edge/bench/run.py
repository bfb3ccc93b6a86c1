"""One run on one board: accuracy, cold starts, then latencies with everything taking turns."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from edge.bench.accuracy import Accuracy, accuracy_of
from edge.bench.choice import Choice
from edge.bench.cold import cold_start
from edge.bench.config import BUNDLED_FACES, BenchConfig
from edge.bench.environment import describe, look, unsteady, why_doubtful, why_invalid
from edge.bench.measure import Probe, Samples, measure, medians_ms, pooled
from edge.bench.model import OwnModel
from edge.bench.probes import FACE, FRAME, FrameProbe, face_probe
from edge.bench.report import Data, Row, Run
from edge.bench.subject import Subject
from edge.bench.worst import worst_faces
from edge.finder.haar import HaarFinder
from landmarks.boxes import Box, face_box
from landmarks.errors import UsageError
from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.types import Image

TIMED_FACES = 64  # pictures kept in memory; a board has little


def run_bench(config: BenchConfig) -> Run:
    """Measure everything that a configuration names.

    Raises:
        UsageError: two files have the same name.
        ModelFileError, MissingExtraError: a model or peer cannot be loaded.
        DatasetError, PictureError: faces or the clip cannot be read, or cannot be compared.
    """
    started = datetime.now(UTC).isoformat(timespec="seconds")
    board, before = describe(), look()
    faces = [face for folder in config.data for face in read_labelled_faces(folder)]
    subjects = open_subjects(config)
    accuracies = _accuracies(subjects, faces)
    starts = {}
    for choice, subject in subjects:
        _say(f"start of {subject.facts.key}")
        starts[subject.facts.key] = cold_start(choice, threads=subject.facts.threads)
    face_samples, frame_samples = _latencies([s for _, s in subjects], faces, config)
    after = look()
    rows = tuple(
        Row(
            facts=subject.facts,
            face=pooled(face_samples[key]),
            frame=pooled(frame_samples.get(key, ())),
            repeats_p50_ms={
                "infer": medians_ms(face_samples[key], "infer"),
                FACE: medians_ms(face_samples[key], FACE),
                FRAME: medians_ms(frame_samples.get(key, ()), FRAME),
            },
            cold=starts[key],
            accuracy=accuracies[subject.facts.name],
            delegation=subject.delegation() if isinstance(subject, OwnModel) else None,
        )
        for _, subject in subjects
        for key in [subject.facts.key]
    )
    shown = next((s for _, s in subjects if s.facts.scheme is not None), None)
    errors = () if shown is None else accuracies[shown.facts.name].errors_percent
    return Run(
        started=started,
        quick=config.quick,
        rules=config.rules,
        board=board,
        before=before,
        after=after,
        invalid=why_invalid(before, after),
        warnings=(
            *why_doubtful(before, board["cores"]),
            *unsteady({row.facts.key: row.spread_percent(FACE) for row in rows}),
        ),
        clip=config.clip.name,
        data=_data(config, faces),
        rows=rows,
        worst_of="" if shown is None else shown.facts.name,
        worst=() if shown is None else worst_faces(shown, faces, errors, pictures=config.pictures),
    )


def open_subjects(config: BenchConfig) -> list[tuple[Choice, Subject]]:
    """Load every choice with every number of threads.

    Raises:
        UsageError: two files have the same name, so that rows could not be told apart.
    """
    counts = Counter(choice.name for choice in config.choices)
    twice = sorted(name for name, count in counts.items() if count > 1)
    if twice:
        raise UsageError(f"given more than once: {', '.join(twice)}; rename or leave out one")
    return [
        (choice, choice.open(threads))
        for choice in config.choices
        for threads in (config.threads if choice.threaded else (1,))
    ]


def _accuracies(
    subjects: Sequence[tuple[Choice, Subject]], faces: Sequence[LabelledFace]
) -> dict[str, Accuracy]:
    """Measure each file once: threads do not change its answers."""
    measured: dict[str, Accuracy] = {}
    for _, subject in subjects:
        name = subject.facts.name
        if name not in measured:
            _say(f"error of {name} on {len(faces)} faces")
            measured[name] = accuracy_of(subject, faces)
    return measured


def _latencies(
    subjects: Sequence[Subject], faces: Sequence[LabelledFace], config: BenchConfig
) -> tuple[Mapping[str, Sequence[Samples]], Mapping[str, Sequence[Samples]]]:
    """Return the samples of faces and of whole frames by the subjects' keys."""
    timed = _timed(faces)
    with ExitStack() as stack:
        probes: dict[tuple[str, str], Probe] = {
            (FACE, subject.facts.key): face_probe(subject, timed) for subject in subjects
        }
        for subject in subjects:
            if isinstance(subject, OwnModel):
                probe = FrameProbe(subject.localizer, HaarFinder(), config.clip)
                probes[FRAME, subject.facts.key] = stack.enter_context(closing(probe))
        samples = measure(tuple(probes.values()), config.rules, progress=_say)
    by_probe = dict(zip(probes, samples, strict=True))
    face, frame = (
        {key: repeats for (what, key), repeats in by_probe.items() if what == wanted}
        for wanted in (FACE, FRAME)
    )
    return face, frame


def _timed(faces: Sequence[LabelledFace]) -> list[tuple[Image, Box]]:
    chosen = np.linspace(0, len(faces) - 1, min(TIMED_FACES, len(faces))).astype(int).tolist()
    return [(faces[i].picture.read(), face_box(faces[i].points_frame)) for i in chosen]


def _data(config: BenchConfig, faces: Sequence[LabelledFace]) -> Data:
    bundled = [folder.resolve() == BUNDLED_FACES for folder in config.data]
    names = tuple(_short(folder) for folder in config.data)
    return Data(names, len(faces), synthetic=all(bundled))


def _short(folder: Path) -> str:
    """Name a folder by its last parts: a report tells nothing of its maker's home."""
    return "/".join(folder.resolve().parts[-3:])


def _say(text: str) -> None:
    print(text, file=sys.stderr)
