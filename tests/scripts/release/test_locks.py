"""The locks are in step with what they are made from, and complete: nothing comes unlocked."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts import paths, virtualenv
from scripts.release import locks

INSTALLED = ("requirements", "requirements-dev")
"""The locks whose packages are there wherever tests run."""

_ENTRY = re.compile(
    r"^(?P<name>[\w.-]+)==(?P<version>\S+?)(?: ; (?P<marker>.+?))?"
    r"(?P<hashes>(?: \\\n    --hash=sha256:[0-9a-f]{64})+)$",
    re.MULTILINE,
)
_HASH = re.compile(r"sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Locked:
    """A package in a lock."""

    version: str
    hashes: frozenset[str]
    marker: Marker | None

    @property
    def is_for_this_machine(self) -> bool:
        return self.marker is None or self.marker.evaluate()


def asked_for(name: str) -> list[Requirement]:
    """Return what a lock is made from."""
    lines = (paths.ROOT / f"{name}.in").read_text(encoding="utf-8").splitlines()
    texts = [line.partition("#")[0].strip() for line in lines]
    return [Requirement(text) for text in texts if text and not text.startswith("-")]


def text_of(name: str) -> str:
    return (paths.ROOT / f"{name}.txt").read_text(encoding="utf-8")


def locked(*names: str) -> dict[str, Locked]:
    return {
        canonicalize_name(found["name"]): Locked(
            found["version"],
            frozenset(_HASH.findall(found["hashes"])),
            Marker(found["marker"]) if found["marker"] else None,
        )
        for name in names
        for found in _ENTRY.finditer(text_of(name))
    }


def of_this_machine(*names: str) -> dict[str, Locked]:
    return {name: lock for name, lock in locked(*names).items() if lock.is_for_this_machine}


@pytest.mark.parametrize("name", locks.NAMES)
def test_a_lock_is_in_step_with_what_it_is_made_from(name: str) -> None:
    wanted = {
        canonicalize_name(each.name): (str(each.specifier), each.marker) for each in asked_for(name)
    }

    found = {each: (f"=={lock.version}", lock.marker) for each, lock in locked(name).items()}
    assert {each: found.get(each) for each in wanted} == wanted


@pytest.mark.parametrize("name", locks.NAMES)
def test_a_lock_has_nothing_but_packages_with_their_hashes(name: str) -> None:
    rest = re.sub(r"^ *#.*\n", "", _ENTRY.sub("", text_of(name)), flags=re.MULTILINE)

    assert locked(name)
    assert rest.strip() == ""


def test_a_package_in_several_locks_is_the_same_in_all_of_them() -> None:
    everywhere = [each for name in locks.NAMES for each in locked(name).items()]

    first = dict(reversed(everywhere))
    different = [
        name
        for name, lock in everywhere
        if (lock.version, lock.hashes) != (first[name].version, first[name].hashes)
    ]
    assert different == []


@pytest.mark.parametrize(
    "names", [INSTALLED, INSTALLED[:1]], ids=["together", "what App Service installs"]
)
def test_all_that_packages_bring_along_is_locked(names: tuple[str, ...]) -> None:
    everything = of_this_machine(*names)

    assert [
        f"{name} needs {needed}"
        for name in everything
        for needed in needed_by(name)
        if needed not in everything
    ] == []


def test_what_is_installed_is_what_is_locked() -> None:
    wanted = {name: lock.version for name, lock in of_this_machine(*INSTALLED).items()}

    assert {name: metadata.version(name) for name in wanted} == wanted


def test_nothing_is_locked_that_nobody_needs() -> None:
    asked = [each for name in INSTALLED for each in asked_for(name)]
    reached: set[str] = {canonicalize_name(each.name) for each in asked}
    waiting = list(reached)
    everything = of_this_machine(*INSTALLED)
    while waiting:
        new = {*needed_by(waiting.pop())} - reached
        reached |= new
        waiting += [each for each in new if each in everything]

    assert set(everything) - reached == set()


def needed_by(name: str) -> Iterator[str]:
    """Yield what an installed package needs, with the extras that other packages ask for."""
    extras = {"", *_extras().get(name, ())}
    for text in metadata.requires(name) or ():
        needed = Requirement(text)
        marker = needed.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            yield canonicalize_name(needed.name)


@cache
def _extras() -> dict[str, set[str]]:
    """Return which extras of which packages are asked for."""
    found: dict[str, set[str]] = {}
    for name in of_this_machine(*INSTALLED):
        for needed in map(Requirement, metadata.requires(name) or ()):
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                found.setdefault(canonicalize_name(needed.name), set()).update(needed.extras)
    return found


def test_packages_are_installed_by_their_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, ...]] = []

    def run(command: tuple[str, ...], **_: object) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)

    virtualenv.install(Path("requirements.txt"))

    assert {"--require-hashes", "--only-binary=:all:"} <= {*started[0]}
    assert started[0][-2:] == ("-r", "requirements.txt")
