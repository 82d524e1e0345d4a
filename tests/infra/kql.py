"""A small reader of the Kusto queries in `infra/`: it parses all of them, and runs them on rows."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.infra.kql_expressions import NotKustoError, Row, of_a_row, of_rows

# As in Azure Monitor's reference, for those that the queries use.
COLUMNS = {
    "AppServiceConsoleLogs": {"TimeGenerated", "ResultDescription"},
    "AppMetrics": {
        *("TimeGenerated", "Name", "Properties", "Sum", "Max", "ItemCount"),
        *("AppRoleInstance", "AppVersion"),
    },
    "StorageTableLogs": {"TimeGenerated", "Uri", "StatusCode"},
    "AZKVAuditLogs": {"TimeGenerated", "OperationName", "_ResourceId"},
    "AzureDiagnostics": {"TimeGenerated", "OperationName", "_ResourceId"},
}

_Step = Callable[[list[Row]], list[Row]]


@dataclass(frozen=True, slots=True)
class KustoQuery:
    """A query that was understood."""

    tables: tuple[str, ...]
    steps: tuple[_Step, ...]
    columns: frozenset[str]
    """What it returns."""

    def run(self, rows: Mapping[str, Sequence[Row]]) -> list[Row]:
        """Return what it makes of the rows of its tables; now is ``kql_expressions.NOW``."""
        found = [row for table in self.tables for row in rows.get(table, ())]
        for step in self.steps:
            found = step(found)
        return found


def parse(query: str) -> KustoQuery:
    """Read a query, with a step on each line; raise NotKustoError if Azure wouldn't."""
    source, *lines = query.splitlines()
    tables = _tables(source)
    columns = set.intersection(*(COLUMNS[table] for table in tables))
    steps = []
    for line in lines:
        step, columns = _step(line, columns)
        steps.append(step)
    return KustoQuery(tables, tuple(steps), frozenset(columns))


def _tables(source: str) -> tuple[str, ...]:
    together = source.removeprefix("union isfuzzy=true ")
    named = tuple(together.split(", "))
    if (len(named) > 1) != (together != source) or not COLUMNS.keys() >= set(named):
        raise NotKustoError(f"no such table: {source}")
    return named


def _step(line: str, columns: set[str]) -> tuple[_Step, set[str]]:
    for opening, read in _STEPS.items():
        if line.startswith(opening):
            return read(line.removeprefix(opening), columns)
    raise NotKustoError(f"no such step: {line}")


def _where(written: str, columns: set[str]) -> tuple[_Step, set[str]]:
    [holds] = of_a_row(f"Holds = {written}", columns).values()
    return lambda rows: [row for row in rows if holds(row) is True], columns


def _extend(written: str, columns: set[str]) -> tuple[_Step, set[str]]:
    made = of_a_row(written, columns)
    return lambda rows: [{**row, **_made(made, row)} for row in rows], columns | made.keys()


def _project(written: str, columns: set[str]) -> tuple[_Step, set[str]]:
    made = of_a_row(written, columns)
    return lambda rows: [_made(made, row) for row in rows], set(made)


def _summarize(written: str, columns: set[str]) -> tuple[_Step, set[str]]:
    """Group rows; without `by` there is one group, also of no rows."""
    found = re.fullmatch(r"(?P<totals>.+?\))(?: by (?P<by>\w.*))?", written)
    if found is None:
        raise NotKustoError(f"not a summary: {written}")
    if latest := re.fullmatch(r"arg_max\((\w+), (\w+)\)", found["totals"]):
        totals = _latest(latest[1], latest[2], columns)
    else:
        totals = of_rows(found["totals"], columns)
    by = of_a_row(found["by"], columns) if found["by"] else {}

    def summarized(rows: list[Row]) -> list[Row]:
        groups: dict[tuple[Any, ...], list[Row]] = {} if by else {(): []}
        for row in rows:
            groups.setdefault(tuple(_made(by, row).values()), []).append(row)
        return [
            {**dict(zip(by, key, strict=True)), **_made(totals, group)}
            for key, group in groups.items()
        ]

    return summarized, {*totals, *by}


def _latest(time: str, value: str, columns: set[str]) -> dict[str, Callable[[list[Row]], Any]]:
    if not {time, value} <= columns:
        raise NotKustoError(f"no such columns: {time}, {value}")

    def column(name: str) -> Callable[[list[Row]], Any]:
        return lambda rows: max(rows, key=lambda row: row[time])[name]

    return {name: column(name) for name in (time, value)}


def _order(written: str, columns: set[str]) -> tuple[_Step, set[str]]:
    for one in written.split(", "):
        name, _, direction = one.partition(" ")
        if name not in columns or direction not in {"asc", "desc"}:
            raise NotKustoError(f"not an order: {written}")
    return lambda rows: rows, columns  # it makes no difference to what is found


def _made(values: Mapping[str, Callable[[Any], Any]], source: Any) -> dict[str, Any]:
    return {name: value(source) for name, value in values.items()}


_STEPS: dict[str, Callable[[str, set[str]], tuple[_Step, set[str]]]] = {
    "| where ": _where,
    "| extend ": _extend,
    "| project ": _project,
    "| summarize ": _summarize,
    "| order by ": _order,
}
