"""The reader of the queries refuses what Azure would refuse, and runs the others."""

import pytest

from tests.infra import kql
from tests.infra.kql_expressions import NOW, NotKustoError, Row


def a_row(name: str, value: float) -> Row:
    return {"TimeGenerated": NOW, "Name": name, "Sum": value}


@pytest.mark.parametrize(
    "step",
    [
        "were Sum > 0",
        "| were Sum > 0",
        "| where Sum >> 0",
        "| where Sum > 0)",
        "| where Sum = 0",
        "| where Name has_ 'x'",
        '| where Nmae == "x"',
        "| where Sum > agoo(3h)",
        "| where Sum > ago()",
        "| sumarize Count = count()",
        "| summarize Count = cuont()",
        "| summarize Count = Sum",
        "| summarize Count = count() by Nmae",
        "| project About",
        "| order by Sum upwards",
    ],
)
def test_a_step_with_a_slip_is_refused(step: str) -> None:
    with pytest.raises(NotKustoError):
        kql.parse(f"AppMetrics\n{step}")


def test_what_is_neither_true_nor_false_finds_nothing() -> None:
    query = kql.parse("AppMetrics\n| where Sum")

    assert query.run({"AppMetrics": [a_row("x", 1)]}) == []


def test_a_table_that_isnt_there_is_refused() -> None:
    with pytest.raises(NotKustoError):
        kql.parse("AppMetric\n| where Sum > 0")


def test_a_column_is_gone_after_a_step_that_leaves_it_out() -> None:
    with pytest.raises(NotKustoError):
        kql.parse("AppMetrics\n| project TimeGenerated\n| where Sum > 0")


def test_and_binds_closer_than_or() -> None:
    query = kql.parse('AppMetrics\n| where Name == "a" or Name == "b" and Sum > 1\n| project Sum')

    found = query.run({"AppMetrics": [a_row("a", 0), a_row("b", 1), a_row("b", 2)]})

    assert found == [{"Sum": 0}, {"Sum": 2}]


def test_a_summary_without_groups_has_a_row_even_of_nothing() -> None:
    query = kql.parse("AppMetrics\n| summarize Count = count(), Last = max(TimeGenerated)")

    assert query.run({}) == [{"Count": 0, "Last": None}]


def test_a_summary_has_a_row_for_each_group() -> None:
    query = kql.parse("AppMetrics\n| summarize Average = sum(Sum) / count() by Name")

    found = query.run({"AppMetrics": [a_row("a", 1), a_row("a", 2), a_row("b", 5)]})

    assert found == [{"Name": "a", "Average": 1.5}, {"Name": "b", "Average": 5}]


def test_nothing_is_true_of_null() -> None:
    last = "AppMetrics\n| summarize Last = max(TimeGenerated)"
    query = kql.parse(f"{last}\n| where Last < ago(1h) or Last > ago(1h)")

    assert query.run({}) == []
