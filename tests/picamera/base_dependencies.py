"""Print the base dependencies of a pyproject.toml without spaces, one a line."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

project = tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["project"]
for dependency in project["dependencies"]:
    print(dependency.replace(" ", ""))
