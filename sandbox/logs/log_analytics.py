"""Log Analytics: queries about the vaults' logs, and no others.

A query is recognized by its text: the lines of `services.azure.read_log`, whose first part is the
same in all of them. Anything else is a syntax error here.
"""

import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from operator import itemgetter
from typing import Any

from sandbox import roles
from sandbox.calls import Call, Json, Reply, route
from sandbox.errors import ApiError
from sandbox.logs.vault_log import visible
from sandbox.seed import WORKSPACE_ID
from sandbox.state import State
from sandbox.stored.logged_operation import LoggedOperation

RESOURCE = "https://api.loganalytics.io"

_LITERAL = r'"(?:[^"\\]|\\.)*"'


def _list(group: str) -> str:
    return rf"(?P<{group}>{_LITERAL}(?:, {_LITERAL})*)"


def _names(group: str) -> str:
    return rf"\({_list(group)}\)"


_ROWS = (
    r"let rows = union isfuzzy=true \(datatable\(.*\)\[\]\), \(AZKVAuditLogs \| .*\),"
    r" \(AzureDiagnostics \| .*\)"
    rf" \| where Vault in {_names('vaults')}"
    r" \| extend Parts = split\(Item, \"/\"\)"
    r" \| extend Secret = tostring\(Parts\[4\]\), Version = tostring\(Parts\[5\]\),"
    r' Assigned = replace_string\(tostring\(split\(Assignment, "/"\)\[-1\]\), "-", ""\),'
    r' Application = iff\(IsPerson, "", tolower\(Application\)\); '
)
_VALUES = r'\| where Operation in \("SecretGet", "SecretBackup"\) and Status == 200'
_SECRETS = rf"Secret in {_names('secrets')}"
_OPENED = rf"{_VALUES} and {_SECRETS}"
_HEARD = r"rows \| summarize At = max\(At\) by Vault"
_READS = re.compile(
    rf"{_ROWS}union \(rows {_VALUES} and \(\({_SECRETS} and Caller in {_names('callers')}\)"
    rf" or Assigned in \(dynamic\(\[(?:{_list('assignments')})?\]\)\)\)"
    r" \| top (?P<most>\d+) by At desc"
    rf" \| project At, Vault, Secret, Version, Caller, Assignment, Operation\), \({_HEARD}\)"
)
_READERS = re.compile(
    rf"{_ROWS}union \(rows {_OPENED} \| summarize Count = count\(\), First = min\(At\),"
    r" At = max\(At\) by Vault, Secret, Caller, IsPerson, Application, Assignment"
    r" \| top (?P<most>\d+) by Count desc\),"
    rf" \({_HEARD}\)"
)
_LINES = re.compile(_ROWS + _HEARD)

_TYPES = {
    "At": "datetime",
    "First": "datetime",
    "Count": "long",
    "IsPerson": "bool",
}
_Line = dict[str, Any]


def query(state: State, call: Call, workspace: str) -> Reply:
    """Answer one of the known queries about the lines that have arrived."""
    _require(state, call, workspace)
    given = call.json() or {}
    text = " ".join(str(given.get("query", "")).split())
    start, end = _interval(str(given.get("timespan") or ""))
    lines = [_line(one) for one in visible(state, call.now) if start <= one.at <= end]
    for pattern, answer in _ANSWERS:
        if match := pattern.fullmatch(text):
            names, rows = answer(match, _within(lines, "Vault", match["vaults"]))
            return Reply(200, {"tables": [_table(names, rows)]})
    raise _refusal(
        400, "BadArgumentError", "The request had some invalid properties", "SyntaxError"
    )


def _require(state: State, call: Call, workspace: str) -> None:
    caller = state.tokens.read(call.bearer(), (RESOURCE, call.origin))
    if caller is None:
        raise _refusal(401, "InvalidTokenError", "The provided authentication is not valid")
    if workspace.lower() != WORKSPACE_ID:
        raise _refusal(404, "PathNotFoundError", "The requested path does not exist")
    held = state.assignments.held_by(caller.principal_id, state.seed.workspace_scope)
    if not any(one.role.allows(roles.QUERY_LOGS) for one in held):
        raise _refusal(
            403,
            "InsufficientAccessError",
            "The provided credentials have insufficient access to perform the requested operation",
        )


def _reads(match: re.Match[str], lines: list[_Line]) -> tuple[list[str], list[_Line]]:
    by_callers = _within(_opened(match, lines), "Caller", match["callers"])
    by_role = _within(_values(lines), "Assigned", match["assignments"] or "")
    found = by_callers + [line for line in by_role if line not in by_callers]
    newest = sorted(found, key=itemgetter("At"), reverse=True)[: int(match["most"])]
    names = ["At", "Vault", "Secret", "Version", "Caller", "Assignment", "Operation"]
    return names, newest + _heard(lines)


def _readers(match: re.Match[str], lines: list[_Line]) -> tuple[list[str], list[_Line]]:
    by = ("Vault", "Secret", "Caller", "IsPerson", "Application", "Assignment")
    groups: dict[tuple[Any, ...], list[_Line]] = {}
    for line in _opened(match, lines):
        groups.setdefault(tuple(line[name] for name in by), []).append(line)
    found = [
        {
            **dict(zip(by, key, strict=True)),
            "Count": len(each),
            "First": min(line["At"] for line in each),
            "At": max(line["At"] for line in each),
        }
        for key, each in groups.items()
    ]
    most = sorted(found, key=itemgetter("Count"), reverse=True)[: int(match["most"])]
    return [*by, "Count", "First", "At"], most + _heard(lines)


def _newest(_: re.Match[str], lines: list[_Line]) -> tuple[list[str], list[_Line]]:
    return ["Vault", "At"], _heard(lines)


_Answer = Callable[[re.Match[str], list[_Line]], tuple[list[str], list[_Line]]]
_ANSWERS: tuple[tuple[re.Pattern[str], _Answer], ...] = (
    (_READS, _reads),
    (_READERS, _readers),
    (_LINES, _newest),
)


def _opened(match: re.Match[str], lines: list[_Line]) -> list[_Line]:
    return _within(_values(lines), "Secret", match["secrets"])


def _values(lines: list[_Line]) -> list[_Line]:
    return [
        one
        for one in lines
        if one["Operation"] in ("SecretGet", "SecretBackup") and one["Status"] == 200
    ]


def _within(lines: Iterable[_Line], name: str, literals: str) -> list[_Line]:
    wanted = set(json.loads(f"[{literals}]"))
    return [line for line in lines if line[name] in wanted]


def _heard(lines: list[_Line]) -> list[_Line]:
    vaults = {line["Vault"] for line in lines}
    return [
        {"Vault": vault, "At": max(line["At"] for line in lines if line["Vault"] == vault)}
        for vault in sorted(vaults)
    ]


def _line(logged: LoggedOperation) -> _Line:
    parts = [*logged.item.split("/"), *[""] * 6]
    return {
        "At": logged.at,
        "Vault": logged.vault,
        "Operation": logged.operation,
        "Status": logged.status,
        "Secret": parts[4],
        "Version": parts[5],
        "Caller": logged.caller,
        "IsPerson": logged.is_person,
        "Application": "" if logged.is_person else logged.application,
        "Assignment": logged.assignment,
        "Assigned": logged.assignment.rpartition("/")[2].replace("-", ""),
    }


def _table(names: list[str], rows: list[_Line]) -> Json:
    return {
        "name": "PrimaryResult",
        "columns": [{"name": name, "type": _TYPES.get(name, "string")} for name in names],
        "rows": [[_shown(name, row.get(name)) for name in names] for row in rows],
    }


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    # In Kusto, a text is never null.
    return "" if value is None and name not in _TYPES else value


def _interval(text: str) -> tuple[datetime, datetime]:
    start, _, end = text.partition("/")
    try:
        return datetime.fromisoformat(start), datetime.fromisoformat(end)
    except ValueError:
        raise _refusal(400, "BadArgumentError", "The timespan isn't an interval") from None


def _refusal(status: int, code: str, message: str, inner: str = "") -> ApiError:
    error: Json = {"code": code, "message": message}
    if inner:
        error["innererror"] = {"code": inner, "message": message}
    return ApiError(Reply(status, {"error": error}))


ROUTES = (route("POST", r"/v1/workspaces/(?P<workspace>[^/]+)/query", query),)
