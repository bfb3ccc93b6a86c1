"""The cumulative error curve (CED) of one or several models, as a picture.

Figures are drawn on matplotlib's Agg canvas without ``pyplot``, which would keep global state and
look for a screen.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from landmarks.errors import UsageError
from landmarks.files import atomic_write
from landmarks.metrics import area_under_curve, cumulative_error, failure_rate
from landmarks.score import Score

LIMIT = 0.10  # of the horizontal axis: where failures begin
STEPS = 500
SUFFIXES = (".png", ".svg", ".pdf")


def check_ced_path(path: Path) -> None:
    """Raise UsageError unless the suffix is one that ``write_ced`` can write."""
    if path.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{path}: cannot draw a curve as that, use one of {' '.join(SUFFIXES)}")


def write_ced(
    path: Path, scores: Mapping[str, Score], *, title: str = "", force: bool = False
) -> None:
    """Draw the curves of several models into one picture.

    Args:
        path: ``.png``, ``.svg`` or ``.pdf``.
        scores: by the name that the legend shows; all with the same normaliser and frame.
        title: above the curves.
        force: replace an existing file.

    Raises:
        UsageError: another suffix.
        OutputExistsError: ``path`` exists and ``force`` is False.
    """
    check_ced_path(path)
    figure = draw_ced(scores, title=title)
    with atomic_write(path, force=force) as temporary:
        figure.savefig(temporary, dpi=150)


def draw_ced(scores: Mapping[str, Score], *, title: str = "") -> Figure:
    """Return the figure of ``write_ced``: one curve a model, its figures in the legend."""
    figure = Figure(figsize=(6.4, 4.8), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    thresholds = np.linspace(0.0, LIMIT, STEPS + 1)
    for name, score in scores.items():
        errors = score.errors
        label = (
            f"{name}: NME {score.nme_percent:.2f} %, "
            f"AUC {area_under_curve(errors, LIMIT):.3f}, "
            f"failures {100 * failure_rate(errors, LIMIT):.1f} %"
        )
        axes.plot(100 * thresholds, 100 * cumulative_error(errors, thresholds), label=label)
    first = next(iter(scores.values()))
    axes.set_xlabel(f"NME, % of the {first.normaliser} length ({first.frame} frame)")
    axes.set_ylabel("faces up to this error, %")
    axes.set_xlim(0, 100 * LIMIT)
    axes.set_ylim(0, 100)
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize="small")
    axes.set_title(title, fontsize="medium")
    return figure
