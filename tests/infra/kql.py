"""A minimal reader of the queries in `infra/`: a table, and a step on each line."""

import re

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

_TEXT = re.compile(r"@'[^']*'|\"[^\"]*\"")
_PARAMETER = re.compile(r"\{\w+(?::\w+)?\}")
_STEP = re.compile(r"\| (?:where|extend|summarize|project|order by) .+")


def tables(query: str) -> list[str]:
    """Return the tables that a query reads."""
    return re.findall(r"\b[A-Z]\w+", query.partition("\n")[0])


def columns(query: str) -> set[str]:
    """Return the columns that a query reads, without those that it makes itself."""
    steps = _without_text(query.partition("\n")[2])
    made = set(re.findall(r"\b([A-Z]\w+) = ", steps))
    return set(re.findall(r"\b_?[A-Z]\w+", steps)) - made


def can_be_parsed(query: str) -> bool:
    """Tell whether each line is a step that we use, with brackets that match."""
    steps = _without_text(query).splitlines()[1:]
    return all(_STEP.fullmatch(step) and _is_balanced(step) for step in steps)


def _without_text(steps: str) -> str:
    return _PARAMETER.sub("1h", _TEXT.sub('""', steps))


def _is_balanced(step: str) -> bool:
    while step != (fewer := re.sub(r"\([^()]*\)", "", step)):
        step = fewer
    return not set("()") & set(step)
