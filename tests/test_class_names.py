"""A class's name says which one it is, without its module."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROGRAMS = ("app.py",)
PACKAGES = ("bot", "cards", "composition", "config", "dialogs", "domain", "sandbox", "services")


def _files() -> Iterator[Path]:
    for program in PROGRAMS:
        yield ROOT / program
    for package in PACKAGES:
        yield from (ROOT / package).rglob("*.py")


def test_no_two_classes_share_a_name() -> None:
    places = defaultdict(list)
    for file in _files():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{file.relative_to(ROOT)}:{node.lineno}")

    shared = {name: found for name, found in places.items() if len(found) > 1}

    assert places
    assert shared == {}
