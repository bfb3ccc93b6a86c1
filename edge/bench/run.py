"""One run on one board: accuracy, cold starts, then latencies with everything taking turns."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edge.bench.accuracy import Accuracy, accuracy_of
from edge.bench.choice import Choice, ModelChoice
from edge.bench.cold import ColdStart, cold_start
from edge.bench.config import BUNDLED_FACES, BenchConfig
from edge.bench.environment import describe, look
from edge.bench.measure import Probe, Samples, measure, medians_ms, pooled
from edge.bench.model import OwnModel
from edge.bench.probes import FACE, FRAME, FrameProbe, face_probe
from edge.bench.report import Data, Row, Run
from edge.bench.subject import Facts, Subject
from edge.bench.trust import undelegated, unsteady, why_doubtful, why_invalid
from edge.bench.worst import worst_faces
from edge.camera.files import open_video
from edge.finder.choose import open_finder
from edge.runtime.delegation import Delegation
from landmarks.boxes import Box, face_box
from landmarks.errors import UsageError
from landmarks.faces import LabelledFace, read_labelled_faces
from landmarks.spread import evenly_spread
from landmarks.types import Image

TIMED_FACES = 64  # pictures kept in memory; a board has little


@dataclass(frozen=True)
class _Timings:
    """The samples of one subject, repeat by repeat; no frames of a peer."""

    face: Sequence[Samples]
    frame: Sequence[Samples]


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
    opened = open_subjects(config)
    with open_video(config.clip):
        pass  # one that cannot be read is said now, not after minutes
    subjects = [subject for _, subject in opened]
    accuracies = _accuracies(subjects, faces)
    starts = _starts(opened)
    timings = _timings(subjects, faces, config)
    after = look()
    delegations = {
        subject.facts.key: delegation
        for choice, subject in opened
        if isinstance(choice, ModelChoice) and (delegation := choice.delegation())
    }
    rows = tuple(
        _row(
            subject.facts,
            timings[subject.facts.key],
            cold=starts[subject.facts.key],
            accuracy=accuracies[subject.facts.name],
            delegation=delegations.get(subject.facts.key),
        )
        for subject in subjects
    )
    shown = next((subject for subject in subjects if subject.facts.scheme is not None), None)
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
            *undelegated(delegations),
            *unsteady({row.facts.key: row.spread_percent(FACE) for row in rows}),
        ),
        clip=config.clip.name,
        data=_data(config, faces),
        rows=rows,
        worst_of="" if shown is None else shown.facts.name,
        worst=()
        if shown is None
        else worst_faces(
            shown,
            faces,
            accuracies[shown.facts.name].errors_percent,
            pictures=config.pictures,
        ),
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


def _accuracies(subjects: Sequence[Subject], faces: Sequence[LabelledFace]) -> dict[str, Accuracy]:
    """Measure each file once: threads do not change its answers."""
    measured: dict[str, Accuracy] = {}
    for subject in subjects:
        name = subject.facts.name
        if name not in measured:
            _say(f"error of {name} on {len(faces)} faces")
            measured[name] = accuracy_of(subject, faces)
    return measured


def _starts(opened: Sequence[tuple[Choice, Subject]]) -> dict[str, ColdStart | None]:
    starts = {}
    for choice, subject in opened:
        _say(f"start of {subject.facts.key}")
        starts[subject.facts.key] = cold_start(choice, threads=subject.facts.threads)
    return starts


def _timings(
    subjects: Sequence[Subject], faces: Sequence[LabelledFace], config: BenchConfig
) -> dict[str, _Timings]:
    """Time faces of all subjects and whole frames of our models, by the subjects' keys."""
    timed = _timed(faces)
    with ExitStack() as stack:
        probes: dict[tuple[str, str], Probe] = {
            (FACE, subject.facts.key): face_probe(subject, timed) for subject in subjects
        }
        for subject in subjects:
            if isinstance(subject, OwnModel):
                finder = open_finder(threads=subject.facts.threads)
                probe = FrameProbe(subject.localizer, finder, config.clip)
                probes[FRAME, subject.facts.key] = stack.enter_context(closing(probe))
        taken = measure(tuple(probes.values()), config.rules, progress=_say)
    samples = dict(zip(probes, taken, strict=True))
    keys = [subject.facts.key for subject in subjects]
    return {key: _Timings(samples[FACE, key], samples.get((FRAME, key), ())) for key in keys}


def _row(
    facts: Facts,
    timings: _Timings,
    *,
    cold: ColdStart | None,
    accuracy: Accuracy,
    delegation: Delegation | None,
) -> Row:
    return Row(
        facts=facts,
        face=pooled(timings.face),
        frame=pooled(timings.frame),
        repeats_p50_ms={
            "infer": medians_ms(timings.face, "infer"),
            FACE: medians_ms(timings.face, FACE),
            FRAME: medians_ms(timings.frame, FRAME),
        },
        cold=cold,
        accuracy=accuracy,
        delegation=None if delegation is None else delegation.summary(),
    )


def _timed(faces: Sequence[LabelledFace]) -> list[tuple[Image, Box]]:
    chosen = evenly_spread(len(faces), TIMED_FACES).tolist()
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
