"""No text is said while modules are imported: it would stay English for everybody."""

import ast
from collections.abc import Iterator

import pytest

from scripts import paths
from scripts.catalogues import called

_SAYING = {"say", "say_count", "say_as", "sentence", "sentence_count", "listed", "joined"}
_FOLDERS = ("cards", "bot", "dialogs", "composition", "scripts")


@pytest.mark.parametrize("folder", _FOLDERS)
def test_nothing_is_said_at_import(folder: str) -> None:
    modules = sorted((paths.ROOT / folder).rglob("*.py"))
    said = [
        f"{module.name}:{call.lineno}"
        for module in modules
        for call in _at_import(ast.parse(module.read_text(encoding="utf-8")))
        if called(call) in _SAYING
    ]

    assert modules
    assert said == []


@pytest.mark.parametrize(
    "source",
    [
        'TITLE = say("Access")',
        'class Card:\n    title = say("Access")',
        'def card(title=say("Access")): ...',
        'def card(*, title=say("Access")): ...',
        '@titled(say("Access"))\ndef card(): ...',
    ],
)
def test_such_a_call_is_found(source: str) -> None:
    assert [called(call) for call in _at_import(ast.parse(source)) if called(call) == "say"]


@pytest.mark.parametrize(
    "source", ['def title():\n    return say("Access")', 'T = lambda: say("A")']
)
def test_a_call_that_comes_later_is_not(source: str) -> None:
    assert [called(call) for call in _at_import(ast.parse(source)) if called(call) == "say"] == []


def _at_import(node: ast.AST) -> Iterator[ast.Call]:
    """Find the calls that are made when a module is imported."""
    if isinstance(node, ast.Call):
        yield node
    parts: list[ast.AST] = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        parts = [*node.decorator_list, node.args]
    elif isinstance(node, ast.Lambda):
        parts = [node.args]
    for part in parts:
        yield from _at_import(part)
