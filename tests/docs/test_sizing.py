"""The figures of one request are those that tests hold, and what is computed from them is right."""

import re

import pytest

from tests.docs import pages
from tests.outside.test_cost_of_a_life import MOST_READS, MOST_TEAMS_CALLS, MOST_TRANSACTIONS
from tests.outside.test_size_of_a_life import CALLS, MOST_BYTES, MOST_ROWS

DOCS = pages.ROOT / "docs"
PERFORMANCE = (DOCS / "performance.md").read_text(encoding="utf-8")
_BEFORE, _, _REST = (DOCS / "sizing.md").read_text("utf-8").partition("## 100,000 requests a day")
CARRIES, _, _AFTER = _REST.partition("\n## ")
SIZING = _BEFORE + _AFTER
"""The page about sizes, without what carries 100,000 requests a day."""

A_DAY = (100, 1_000, 10_000)
PLANS = (13.14, 2 * 13.14, 2 * 62.05)
IDLE_CALLS = 3.5e6
"""What a replica without any work asks of the table in a month, of 30 days."""

AT_THE_PEAK = [each * 2 / 3 / (8 * 3600) * 3 for each in A_DAY]
"""Requests a second: two thirds in eight hours, and three times as many in a busy quarter hour."""

GIGABYTES = [each * 400 * MOST_BYTES / 1e9 for each in A_DAY]
TABLE_CALLS = [
    replicas * IDLE_CALLS + 30 * each * (MOST_TRANSACTIONS + MOST_READS)
    for replicas, each in zip((1, 2, 2), A_DAY, strict=True)
]
VAULT_CALLS = [30 * each * CALLS["Key Vault"] for each in A_DAY]

COSTS = {
    "plan": list(PLANS),
    "table: calls": [calls / 1e4 * 0.00036 for calls in TABLE_CALLS],
    "table: data": [size * 0.045 for size in GIGABYTES],
    "Key Vault: calls": [calls / 1e4 * 0.03 for calls in VAULT_CALLS],
}


def row(page: str, begins: str) -> list[str]:
    """Return the cells of the only row that begins so, without its first one."""
    [found] = re.findall(rf"^\| {re.escape(begins)}[^|]*((?:\|[^|\n]+)+)\|$", page, re.MULTILINE)
    return [cell.strip(" *") for cell in found[1:].split("|")]


def number(cell: str) -> float:
    """Return the number that a cell begins with."""
    found = re.match(r"([\d.,]+)( million)?", cell)
    assert found, cell
    return float(found[1].replace(",", "")) * (1e6 if found[2] else 1)


def numbers(begins: str) -> list[float]:
    """Return the numbers of a row of the page about sizes, for each size."""
    return [number(cell) for cell in row(SIZING, begins)[: len(A_DAY)]]


def test_what_one_request_needs_is_what_tests_hold() -> None:
    held = {
        "transactions on the table": MOST_TRANSACTIONS,
        "reads of the table": MOST_READS,
        "calls to Teams |": MOST_TEAMS_CALLS,
        "calls to Azure Resource Manager": CALLS["Resource Manager"],
        "calls to Key Vault": CALLS["Key Vault"],
        "calls to Microsoft Graph": CALLS["Graph"],
        "new rows in the table": MOST_ROWS,
    }

    assert {name: number(_figure(name)) for name in held} == held
    assert f"of {MOST_BYTES // 1000} KB in all" in _figure("new rows in the table")


def _figure(begins: str) -> str:
    [found] = re.findall(rf"^\| {re.escape(begins)}[^|]*\|? ?(\d[^|]*) \|", SIZING, re.MULTILINE)
    return str(found)


def test_the_steps_of_a_request_add_up_to_what_tests_hold() -> None:
    steps = [
        [number(cell) for cell in row(PERFORMANCE, f"{step} ")]
        for step in ("asked", "announced", "granted", "warned", "revoked")
    ]

    sums = [sum(column) for column in zip(*steps, strict=True)]
    assert sums == [MOST_TRANSACTIONS, MOST_READS, MOST_TEAMS_CALLS]
    assert [number(cell) for cell in row(PERFORMANCE, "**all**")] == sums


def test_what_carries_100_000_a_day_counts_with_the_same() -> None:
    counted = [
        int(row(CARRIES, name)[0])
        for name in ("calls to Teams", "table transactions", "ARM writes", "ARM deletions")
    ]

    assert counted == [MOST_TEAMS_CALLS, MOST_TRANSACTIONS, 1, 1]
    assert sum(counted[2:]) + int(row(CARRIES, "ARM reads")[0]) == CALLS["Resource Manager"]


@pytest.mark.parametrize(
    ("begins", "factor"),
    [
        ("requests a second, at the peak", 1),
        ("calls to Teams a second, at the peak", MOST_TEAMS_CALLS),
        ("reads of Resource Manager a second, at the peak", CALLS["Resource Manager"] - 2),
    ],
)
def test_the_load_at_the_peak_follows_from_it(begins: str, factor: float) -> None:
    computed = [each * factor for each in AT_THE_PEAK]

    assert numbers(begins) == [pytest.approx(each, rel=0.1, abs=0.05) for each in computed]


def test_the_size_of_the_table_follows_from_it() -> None:
    rows = [each * 400 * MOST_ROWS for each in A_DAY]

    assert numbers("rows in the table after") == [pytest.approx(each, rel=0.04) for each in rows]
    assert numbers("their size") == [pytest.approx(each, rel=0.1) for each in GIGABYTES]


def test_the_costs_follow_from_it() -> None:
    calls = numbers("table: calls")
    prices = [float(cell.partition(": ")[2]) for cell in row(SIZING, "table: calls")]
    vault = [float(cell.partition(": ")[2]) for cell in row(SIZING, "Key Vault: calls")]

    near = 0.04
    assert calls == [pytest.approx(each, rel=near) for each in TABLE_CALLS]
    assert prices == [pytest.approx(each, rel=near) for each in COSTS["table: calls"]]
    assert numbers("table: data") == [
        pytest.approx(each, rel=near, abs=0.005) for each in COSTS["table: data"]
    ]
    assert numbers("Key Vault: calls") == [pytest.approx(each, rel=near) for each in VAULT_CALLS]
    assert vault == [pytest.approx(each, abs=0.005) for each in COSTS["Key Vault: calls"]]
    assert numbers("plan") == [pytest.approx(each, abs=0.5) for each in PLANS]
    totals = [sum(each) for each in zip(*COSTS.values(), strict=True)]
    assert [number(cell) for cell in row(SIZING, "**in all, about**")] == [
        pytest.approx(each, abs=0.5) for each in totals
    ]
