"""Fixtures of the chaos tests; prints their tables after the cells have run."""

import pytest
from _pytest.terminal import TerminalReporter

from tests.chaos import kills, lateness, matrix, one_person, replicas
from tests.support.deployment import Trust, prepare_trust


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark each test of this folder, for `make chaos`."""
    item.add_marker("cell")


@pytest.fixture(scope="session")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    return prepare_trust(tmp_path_factory.mktemp("trust"))


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print each table of which cells were run."""
    said = {
        name: str(text) if report.passed else "DOES NOT HOLD"
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, text in getattr(report, "user_properties", ())
        if report.when == "call"
    }
    for table in (
        *matrix.tables(said),
        *one_person.tables(said),
        *kills.tables(said),
        *lateness.tables(said),
        *replicas.tables(said),
    ):
        terminalreporter.write_line(f"\n{table}")
