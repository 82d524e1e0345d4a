"""The machine's own Node is used if recent enough."""

import os
import sys
from pathlib import Path

import pytest

from scripts import nodejs

needs_shell_scripts = pytest.mark.skipif(sys.platform == "win32", reason="needs shell scripts")


@pytest.mark.parametrize(
    ("printed", "version"),
    [("v20.20.2\n", (20, 20)), ("v22.0.0", (22, 0)), ("", (0, 0)), ("command not found", (0, 0))],
)
def test_the_version_is_parsed_from_nodes_output(printed: str, version: tuple[int, int]) -> None:
    assert nodejs.parse_version(printed) == version


@needs_shell_scripts
@pytest.mark.parametrize(("version", "is_used"), [("20.6.0", True), ("20.5.1", False)])
def test_a_node_that_is_too_old_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, is_used: bool
) -> None:
    for name in ("node", "npm"):
        put_program(tmp_path / name, f"echo v{version}")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin")

    assert (nodejs.of_machine() is not None) == is_used


@needs_shell_scripts
def test_a_node_without_npm_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_program(tmp_path / "node", "echo v22.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))

    assert nodejs.of_machine() is None


def put_program(path: Path, line: str) -> None:
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)
