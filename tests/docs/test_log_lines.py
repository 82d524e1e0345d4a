"""The log lines that the runbook quotes are those that the code writes."""

import ast
import re

from tests.docs import pages

_RUNBOOK = pages.ROOT / "docs" / "runbook.md"
_LOGS = re.compile(r"^### Logs\n(.*?)^#", re.MULTILINE | re.DOTALL)
_LINE = re.compile(r"`(?!az )([a-z]+(?: [a-z]+)+)(?::[^`]*)?`")
"""A quoted log line, up to what differs in each; commands for Azure's CLI look similar."""
_FOLDERS = ("bot", "composition", "config", "services")
_LEVELS = frozenset({"debug", "info", "warning", "error", "exception"})


def test_each_log_line_in_the_runbook_is_one_that_the_code_writes() -> None:
    found = _LOGS.search(_RUNBOOK.read_text(encoding="utf-8"))
    quoted = _LINE.findall(found[1]) if found else []
    written = [line for folder in _FOLDERS for line in _lines_of(folder)]

    assert "request rejected" in quoted
    assert [one for one in quoted if not any(line.startswith(one) for line in written)] == []


def _lines_of(folder: str) -> list[str]:
    """Return the texts with which the code of a folder writes to the log."""
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((pages.ROOT / folder).rglob("*.py"))
    ]
    return [
        str(call.args[0].value)
        for tree in trees
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in _LEVELS
        and call.args
        and isinstance(call.args[0], ast.Constant)
    ]
