"""Which Latchkey this is."""

import tomllib
from pathlib import Path

from services.workflow.version import VERSION


def test_the_version_comes_from_the_project() -> None:
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))

    assert project["project"]["version"] == VERSION
