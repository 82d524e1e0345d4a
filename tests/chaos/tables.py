"""Prints a table of which cells were run, once they have.

It is loaded by `make chaos`, where no process collects the folder that prints what others have run.
"""

from _pytest.terminal import TerminalReporter

from tests.chaos import kills, lateness, matrix, one_person, replicas


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
