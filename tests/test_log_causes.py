"""Every cause in the log says something: some exceptions have no text, such as a time-out's."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.reasons import Reason
from services.faults import Fault, Unavailable, described
from services.workflow.codec import Unreadable

_ROOT = Path(__file__).parents[1]
_FOLDERS = ("bot", "composition", "config", "dialogs", "services")
_LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
_MAY_BE_SILENT = frozenset({
    "BaseException", "Exception", "TimeoutError", "ValueError", "TypeError", "KeyError",
    "LookupError", "OSError", "ClientError", "Conflict",
})  # fmt: skip
"""Exceptions that are raised without a text, here or by libraries."""


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TimeoutError(), "no answer in time"),
        (TimeoutError("the lease was taken"), "TimeoutError: the lease was taken"),
        (ValueError(), "ValueError"),
        (ValueError("  "), "ValueError"),
        (KeyError("name"), "KeyError: 'name'"),
        (Unreadable("an event: ValueError"), "an event: ValueError"),
        (Unavailable("Azure", "503"), "Azure: 503"),
    ],
)
def test_an_exception_without_a_text_is_described_by_its_kind(
    error: Exception, expected: str
) -> None:
    assert described(error) == expected


@pytest.mark.parametrize("cause", ["", " "])
def test_a_fault_without_a_cause_says_that_there_is_none(cause: str) -> None:
    assert str(Fault("Azure", cause)) == "Azure: no cause given"
    assert str(Fault("Azure", Reason("locked"))) == "Azure: locked"


def test_no_exception_that_may_have_no_text_is_logged_as_it_is() -> None:
    assert list(_logged_as_they_are()) == []


def _logged_as_they_are() -> Iterator[str]:
    for path in sorted(file for folder in _FOLDERS for file in (_ROOT / folder).rglob("*.py")):
        for handler in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(handler, ast.ExceptHandler) and _may_be_silent(handler):
                for call in ast.walk(handler):
                    if isinstance(call, ast.Call) and _logs(call, handler.name):
                        yield f"{path.relative_to(_ROOT)}:{call.lineno}"


def _may_be_silent(handler: ast.ExceptHandler) -> bool:
    names = ast.walk(handler.type) if handler.type else ()
    return any(
        (node.id if isinstance(node, ast.Name) else node.attr) in _MAY_BE_SILENT
        for node in names
        if isinstance(node, ast.Name | ast.Attribute)
    )


def _logs(call: ast.Call, name: str | None) -> bool:
    """Return whether a call writes an exception to the log as one of its parts."""
    return (
        isinstance(call.func, ast.Attribute)
        and call.func.attr in _LEVELS
        and any(isinstance(part, ast.Name) and part.id == name for part in call.args[1:])
    )
