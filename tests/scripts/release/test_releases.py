"""A release says what is new, and is the same wherever it is made."""

import hashlib
import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from scripts.faults import Fault
from scripts.release import app_package, contents, releases
from scripts.verbs import main
from tests.scripts.release.test_locks import asked_for, locked, needed_by, of_this_machine

CHANGELOG = """# Changelog

## Unreleased

## 1.1.0 - 2026-12-01

### Added

- Ponies.

## 1.0.0 - 2026-11-01

- The first.
"""


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play the program that lists the packages, which only a release installs."""

    def run(command: Sequence[str], **_: object) -> subprocess.CompletedProcess[str]:
        root = {"bom-ref": "root"}
        components = [{"name": name, "bom-ref": f"{name}!"} for name in locked("requirements")]
        found = {"metadata": {"component": root}, "components": components}
        Path(command[-1]).write_text(json.dumps(found), encoding="utf-8")
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)


def test_the_notes_are_the_versions_part_of_the_changelog() -> None:
    assert releases.notes(CHANGELOG, "1.1.0") == "### Added\n\n- Ponies.\n"
    assert releases.notes(CHANGELOG, "1.0.0") == "- The first.\n"


@pytest.mark.parametrize("version", ["Unreleased", "1.1", "2.0.0"])
def test_without_a_word_about_the_version_there_is_no_release(version: str) -> None:
    with pytest.raises(Fault, match=version):
        releases.notes(CHANGELOG, version)


def test_what_is_not_released_yet_stands_first_in_the_changelog() -> None:
    changelog = (app_package.ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

    headings = [line for line in changelog.splitlines() if line.startswith("## ")]
    assert headings[0] == "## Unreleased"


def test_a_tag_that_is_not_the_version_is_refused() -> None:
    with pytest.raises(Fault, match="version in pyproject"):
        releases.main(["--tag", "v99.0.0"])


@pytest.mark.usefixtures("listed")
def test_the_same_commit_gives_the_same_files(tmp_path: Path) -> None:
    releases.write(tmp_path / "one", "1.1.0")
    releases.write(tmp_path / "two", "1.1.0")

    names = {path.name for path in (tmp_path / "one").iterdir()}
    assert names == {"latchkey-1.1.0.zip", "latchkey-1.1.0.cdx.json", "SHA256SUMS"}
    zips = [(tmp_path / each / "latchkey-1.1.0.zip").read_bytes() for each in ("one", "two")]
    assert zips[0] == zips[1]


@pytest.mark.usefixtures("listed")
def test_the_list_of_packages_says_what_each_one_needs(tmp_path: Path) -> None:
    contents.write(tmp_path / "list")

    listed = json.loads((tmp_path / "list").read_text(encoding="utf-8"))
    needs = {each["ref"]: each["dependsOn"] for each in listed["dependencies"]}
    asked = {canonicalize_name(each.name) for each in asked_for("requirements")}
    assert needs["root"] == sorted(f"{name}!" for name in asked)
    assert set(locked("requirements")) == {name.removesuffix("!") for name in needs} - {"root"}
    for name in of_this_machine("requirements"):
        here = {f"{each}!" for each in needed_by(name)}
        assert here <= set(needs[f"{name}!"]) | {f"{name}!"}


@pytest.mark.usefixtures("listed")
def test_the_sums_are_those_of_the_files(tmp_path: Path) -> None:
    releases.write(tmp_path / "one", "1.1.0")

    lines = (tmp_path / "one" / "SHA256SUMS").read_text(encoding="ascii").splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums == {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (tmp_path / "one").iterdir()
        if path.name != "SHA256SUMS"
    }


@pytest.mark.parametrize("verb", ["bundle", "release", "lock"])
def test_each_command_says_what_it_does(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([verb, "--help"])

    assert len(capsys.readouterr().out.splitlines()) > 2
