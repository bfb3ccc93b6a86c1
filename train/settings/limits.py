"""Which numbers make sense as settings: the first that does not is said in one line."""

from __future__ import annotations

from math import inf
from sys import float_info

from landmarks.card_check import MOST_PX
from landmarks.errors import UsageError
from landmarks.shown import shown

ABOVE_0 = float_info.min
SHARE = (0, 1)
# Smallest and largest value by the name of the setting, ``section.name`` inside a section.
LIMITS: dict[str, tuple[float, float]] = {
    "size": (1, inf),
    "crop_scale": (ABOVE_0, inf),
    "epochs": (1, inf),
    "batch": (1, inf),
    "learning_rate": (ABOVE_0, inf),
    "weight_decay": (0, inf),
    "ema": SHARE,
    "norm_momentum": SHARE,
    "validation_percent": (0, 99),  # some faces are left to train on
    "validate_every": (1, inf),
    "early_stop": (0, inf),
    "empty_share": SHARE,
    "seed": (0, 2**32 - 1),  # what NumPy and Keras take
    "false_boxes": (0, inf),
    "schedule.warmup_epochs": (0, inf),
    "schedule.factor": (ABOVE_0, inf),
    "schedule.decay": (0, inf),
    "pip.k": (0, inf),
    "pip.merged_weight": (0, inf),
    "asm.percent": (ABOVE_0, 100),
    "asm.copies": (1, inf),
    "pose.weight": (0, inf),
    "pose.max_reprojection": (0, inf),
    "asmpip.width": (ABOVE_0, inf),
    "asmpip.hidden": (1, inf),
    "asmpip.reduced": (1, inf),
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
    """Compare a setting with its limits, if it is a number and has any.

    Raises:
        UsageError: it is outside of them.
    """
    if name not in LIMITS or not isinstance(value, int | float):
        return
    low, high = LIMITS[name]
    if low <= value <= high:
        return
    if low == ABOVE_0:
        expected = "above 0" if high == inf else f"above 0, up to {high}"
    else:
        expected = f"{low} or more" if high == inf else f"{low} to {high}"
    raise UsageError(f"setting {name} is {shown(value)}, expected {expected}")
