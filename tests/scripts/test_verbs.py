"""Each command sets up what it needs, so that it works in a fresh checkout."""

import argparse
from collections.abc import Callable

import pytest

from scripts import nodejs, verbs, virtualenv
from scripts.local import browser

NODE = nodejs.Node("node", ("npm",))

WITH_AZURITE = (verbs.test, verbs.e2e, verbs.chaos, verbs.bench)
WITHOUT = (verbs.mutants, verbs.generate, verbs.rights)


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what a command does, in order; nothing is really installed or started."""
    did: list[str] = []

    def notes(what: str) -> Callable[[], None]:
        return lambda: did.append(what)

    def started(*_: str, **__: str) -> int:
        did.append("started")
        return 0

    def node() -> nodejs.Node:
        did.append("node")
        return NODE

    for name in ("ensure", "ensure_benchmarks", "ensure_mutants", "ensure_tools"):
        monkeypatch.setattr(virtualenv, name, notes("packages"))
    monkeypatch.setattr(nodejs, "ensure", node)
    monkeypatch.setattr(nodejs, "ensure_axe", lambda _: nodejs.AXE)
    monkeypatch.setattr(browser, "find", lambda _: "chromium")
    monkeypatch.setattr(verbs, "_python", started)
    return did


@pytest.mark.parametrize("verb", WITH_AZURITE)
def test_what_needs_azurite_installs_it_before_anything_starts(
    verb: Callable[[argparse.Namespace, list[str]], int], done: list[str]
) -> None:
    assert verb(argparse.Namespace(), []) == 0

    assert done == ["packages", "node", "started"]


@pytest.mark.parametrize("verb", WITHOUT)
def test_nothing_else_waits_for_it(
    verb: Callable[[argparse.Namespace, list[str]], int], done: list[str]
) -> None:
    assert verb(argparse.Namespace(), []) == 0

    assert done[:2] == ["packages", "started"]
    assert "node" not in done
