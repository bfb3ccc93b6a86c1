"""Print the base dependencies of a pyproject.toml without spaces or platform marks, one a line.

Lines marked for 32-bit ARM are left out: they name the same packages in other versions.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
for dependency in project["dependencies"]:
    requirement, _, mark = dependency.partition(";")
    if "== 'armv7l'" not in mark:
        print(requirement.strip())
