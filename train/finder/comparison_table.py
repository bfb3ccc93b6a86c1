"""The comparison of finders as Markdown tables."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from train.finder.compare import AS_THEY_ARE, Key, Tally, median_ms
from train.finder.score import PER_FRAMES, FinderScore, summarise

THIRDS = ("darkest third of the skin tones", "middle third", "lightest third")


def figures(tallies: Mapping[str, Tally]) -> list[dict[str, Any]]:
    """Return the figures of each finder as JSON types."""
    return [
        {
            "finder": spec,
            "groups": {
                title: {
                    "found": vars(_score(tally.found, keys)),
                    "reported": vars(_score(tally.kept, keys)),
                }
                for title, keys in _groups(tally).items()
            },
            "empty_frames": len(tally.empty_boxes),
            "boxes_in_20_empty_frames": _in_20(tally.empty_boxes),
            "faces_in_20_empty_frames": _in_20(tally.empty_faces),
            "find_ms": median_ms(tally.find_ms),
            "find_cpu_ms": median_ms(tally.find_cpu_ms),
            "reported_by_skin_tone": _by_tone(tally),
        }
        for spec, tally in tallies.items()
    ]


def render(tallies: Mapping[str, Tally]) -> str:
    """Return the tables: what is found and reported, and what is seen where nothing is."""
    rows = figures(tallies)
    names = [_short(row["finder"]) for row in rows]
    head = f"| faces | {' | '.join(names)} |\n|{'---|' * (len(names) + 1)}"
    lines = ["Found, and in brackets reported by the whole pipeline, %; IoU 0.5.", "", head]
    for title, group in rows[0]["groups"].items():
        cells = (_recall(row["groups"][title], "recall") for row in rows)
        lines.append(f"| {title} ({group['found']['faces']}) | {' | '.join(cells)} |")
        if large := group["found"]["large_faces"]:
            cells = (_recall(row["groups"][title], "large_recall") for row in rows)
            lines.append(f"| the large ones of them ({large}) | {' | '.join(cells)} |")
    for third in THIRDS if rows[0]["reported_by_skin_tone"] else ():
        cells = (f"({100 * row['reported_by_skin_tone'][third]:.1f})" for row in rows)
        lines.append(f"| {third} | {' | '.join(cells)} |")
    lines += ["", f"| | {' | '.join(names)} |", f"|{'---|' * (len(names) + 1)}"]
    for title, name in (
        (
            f"boxes in 20 frames without a face ({rows[0]['empty_frames']})",
            "boxes_in_20_empty_frames",
        ),
        ("faces reported in them", "faces_in_20_empty_frames"),
        ("`find()` of a whole frame, ms", "find_ms"),
        ("the same, time of the processor", "find_cpu_ms"),
    ):
        lines.append(f"| {title} | {' | '.join(f'{row[name]:.2f}' for row in rows)} |")
    return "\n".join(lines)


def _recall(group: Mapping[str, Mapping[str, float]], name: str) -> str:
    return f"{100 * group['found'][name]:.1f} ({100 * group['reported'][name]:.1f})"


def _groups(tally: Tally) -> dict[str, list[Key]]:
    """Return what each line sums up: sets as they are, all of them, and each condition."""
    plain = [key for key in tally.found if key.condition == AS_THEY_ARE]
    groups = {key.set: [key] for key in plain}
    if len(plain) > 1:
        groups["all"] = plain
    for condition in dict.fromkeys(key.condition for key in tally.found):
        if condition != AS_THEY_ARE:
            groups[f"all, {condition}"] = [k for k in tally.found if k.condition == condition]
    return groups


def _score(outcomes: Mapping[Key, list[Any]], keys: list[Key]) -> FinderScore:
    return summarise([outcome for key in keys for outcome in outcomes[key]])


def _in_20(counts: list[int]) -> float:
    return PER_FRAMES * float(np.mean(counts)) if counts else float("nan")


def _by_tone(tally: Tally) -> dict[str, float]:
    """Return the share of the faces that is reported, by thirds of the typology angle."""
    if len(tally.tones) < len(THIRDS):
        return {}
    angles, hit = np.array(sorted(tally.tones)).T
    edges = np.linspace(0, len(angles), len(THIRDS) + 1).astype(int)
    return {
        third: float(hit[start:end].mean())
        for third, (start, end) in zip(THIRDS, pairwise(edges.tolist()), strict=True)
    }


def _short(spec: str) -> str:
    kind, _, file = spec.partition(":")
    return f"{kind} {Path(file).name}".rstrip()
