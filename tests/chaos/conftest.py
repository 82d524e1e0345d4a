"""Prints the fault matrix after the cells have run."""

from _pytest.terminal import TerminalReporter

from tests.chaos.matrix import LIVES, table


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print a table for each life of which cells were run."""
    said = {
        name: str(text) if report.passed else "DOES NOT HOLD"
        for outcome in ("passed", "failed")
        for report in terminalreporter.stats.get(outcome, [])
        for name, text in getattr(report, "user_properties", ())
        if report.when == "call"
    }
    for life in LIVES:
        if any(name.startswith(f"{life}, ") for name in said):
            terminalreporter.write_line(f"\n{table(said, life)}")
