"""Which numbers make sense as settings: the first that does not is said in one line."""

from __future__ import annotations

from math import inf
from sys import float_info

from landmarks.errors import UsageError
from landmarks.shown import shown

ABOVE_0 = float_info.min
SHARE = (0, 1)
LARGEST_INPUT_PX = 1024  # side of an input; the largest of the papers has 256
MANY = 10**6  # epochs, steps, copies, channels: more is a mistake of typing
# Smallest and largest value by the name of the setting, ``section.name`` inside a section.
LIMITS: dict[str, tuple[float, float]] = {
    "size": (1, LARGEST_INPUT_PX),
    "crop_scale": (ABOVE_0, inf),
    "epochs": (1, MANY),
    "batch": (1, MANY),
    "learning_rate": (ABOVE_0, inf),
    "weight_decay": (0, inf),
    "ema": SHARE,
    "norm_momentum": SHARE,
    "validation_percent": (0, 99),  # some faces are left to train on
    "validate_every": (1, MANY),
    "early_stop": (0, MANY),
    "empty_share": SHARE,
    "seed": (0, 2**32 - 1),  # what NumPy and Keras take
    "false_boxes": (0, inf),
    "schedule.warmup_epochs": (0, MANY),
    "schedule.factor": (ABOVE_0, inf),
    "schedule.decay": (0, inf),
    "schedule.milestones": (0, MANY),
    "pip.k": (0, MANY),
    "pip.merged_weight": (0, inf),
    "asm.percent": (ABOVE_0, 100),
    "asm.copies": (1, MANY),
    "pose.weight": (0, inf),
    "pose.max_reprojection": (0, inf),
    "asmpip.width": (ABOVE_0, 100),
    "asmpip.hidden": (1, MANY),
    "asmpip.reduced": (1, MANY),
    **{
        f"augment.{name}": SHARE
        for name in "turn turn_wide move mirror grey blur noise occlusion shrink salt".split()
    },
    **{
        f"augment.{name}": (0, inf)
        for name in "turn_deg turn_limit_deg zoom_in zoom_out shift light colour".split()
    },
    "augment.blur_sigma": (ABOVE_0, inf),
}


def check_limits(name: str, value: object) -> None:
    """Compare a setting with its limits, if it is a number or several; any must be finite.

    Raises:
        UsageError: it is outside of them.
    """
    if isinstance(value, tuple):
        for item in value:
            check_limits(name, item)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    low, high = LIMITS.get(name, (-inf, inf))
    if low <= value <= high and -inf < value < inf:
        return
    raise UsageError(f"setting {name} is {shown(value)}, expected {_expected(low, high)}")


def _expected(low: float, high: float) -> str:
    if low == ABOVE_0:
        return "above 0" if high == inf else f"above 0, up to {high}"
    if low == -inf:
        return "a finite number"
    return f"{low} or more" if high == inf else f"{low} to {high}"
