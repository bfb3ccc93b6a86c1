"""Facts on stdout: one a line for people, or one JSON object for programs."""

from __future__ import annotations

import json
from typing import Any

from landmarks.shown import one_line


def print_facts(facts: dict[str, Any], *, as_json: bool) -> None:
    """Print facts; a card, which is long, in JSON only."""
    if as_json:
        print(json.dumps(facts))
        return
    for key, value in facts.items():
        if key == "card":
            continue
        print(f"{key:>22}  {one_line(str(value))}")
