"""No text that people read is written where the catalogues can't find it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import paths
from scripts.catalogues import FUNCTIONS, called, literals

_FOLDERS = ["cards", "bot/handlers", "bot/delivery", "dialogs"]
MODULES = [
    path.relative_to(paths.ROOT).as_posix()
    for folder in _FOLDERS
    for path in sorted((paths.ROOT / folder).rglob("*.py"))
]
_PROSE = re.compile(r"[A-Za-z]{2,}[,;:]? +[A-Za-z{]|[A-Za-z]{2,}[.?!]$|[.!?,;:…·] [A-Za-z]{2,}")
_PROSE_IN_PIECES = re.compile(r"[A-Za-z]{2,}")
# Lines to type are the same in every language; usages are translated as a whole where shown.
_LINE = re.compile(
    r"\s*(?:abandon|all commands|approve|az keyvault|break glass|cancel|close|deny|export|extend|"
    r"help|"
    r"hi latchkey|history|last|my (?:access|requests)|plan|request secret|retry|revoke|rotate|"
    r"status|verify|why)\b"
)
_NOT_OURS = {
    "Key Vault Administrator",
    "Key Vault Reader",
    "Key Vault Secrets Officer",
    "Key Vault Secrets User",
    # What events of earlier versions keep, and how menus and the docs mark commands of admins.
    "Admins: ",
    "at most ",
    "named requesters",
    "with a ticket",
}
_LOGGED = {"debug", "info", "warning", "error", "exception"}


@pytest.mark.parametrize("module", MODULES)
def test_a_literal_that_looks_like_prose_is_a_text_of_a_catalogue(module: str) -> None:
    source = (paths.ROOT / module).read_text(encoding="utf-8")

    assert list(prose_in(source)) == []


@pytest.mark.parametrize(
    "source",
    [
        'title = "Access granted to you"',
        'title = f"{who} decided"',
        'return notice("Done.", tone)',
        'return say("Hello my " + "friend")',
    ],
)
def test_such_a_literal_is_found(source: str) -> None:
    assert list(prose_in(source)) != []


@pytest.mark.parametrize(
    "source",
    [
        'say("Access granted to {who}", who=who)',
        '"""A docstring of a module."""',
        'log.info("no chat with %s", who)',
        'raise ValueError(f"{name} has no card")',
        'STYLE = "Attention"',
        'KEY = f"{verb}:{name}"',
    ],
)
def test_nothing_else_is(source: str) -> None:
    assert list(prose_in(source)) == []


def prose_in(source: str) -> Iterator[str]:
    """Find the literals of a module that look like prose and are in no catalogue."""
    tree = ast.parse(source)
    accounted = {id(node) for node in _accounted_for(tree)}
    for node in ast.walk(tree):
        if id(node) in accounted:
            continue
        if isinstance(node, ast.JoinedStr):
            pieces = [part for part in node.values if isinstance(part, ast.Constant)]
            said = "…".join(str(part.value) for part in pieces)
            has_words = any(_PROSE_IN_PIECES.search(str(part.value)) for part in pieces)
            is_call = "{DATE(" in said  # a function of clients
            is_ours = not is_call and not _LINE.match(said) and said not in _NOT_OURS
            if has_words and " " in said and is_ours:
                yield said
        elif isinstance(node, ast.Constant) and _is_prose(str(node.value)):
            yield str(node.value)


def _is_prose(said: str) -> bool:
    return bool(_PROSE.search(said)) and said not in _NOT_OURS and not _LINE.match(said)


def _accounted_for(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk what is a text, a docstring or for operators, and the parts of f-strings."""
    for node in ast.walk(tree):
        match node:
            case ast.Expr(value=ast.Constant() as docstring):
                yield docstring
            case ast.Raise():
                yield from ast.walk(node)
            case ast.Call() if called(node) in FUNCTIONS:
                yield from node.args[: len(literals(node))]
            case ast.Call() if called(node) in _LOGGED or called(node) == "compile":
                yield from ast.walk(node)
            case ast.JoinedStr():
                yield from (part for part in node.values if isinstance(part, ast.Constant))


def test_the_folders_are_there() -> None:
    assert all(Path(paths.ROOT / folder).is_dir() for folder in _FOLDERS)
