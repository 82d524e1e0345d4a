"""What was measured, next to what it should be."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Goal:
    """One figure: what it is, the goal in words, what was measured, and whether it is held."""

    name: str
    goal: str
    measured: str
    held: bool


def at_most(name: str, measured: float, most: float, unit: str = "", digits: int = 2) -> Goal:
    """Return a goal that is held up to a limit."""
    return Goal(
        name,
        f"≤ {most:,.{digits}f}{unit}",
        f"{measured:,.{digits}f}{unit}",
        round(measured, digits) <= most,
    )


def at_least(name: str, measured: float, least: float, unit: str = "", digits: int = 2) -> Goal:
    """Return a goal that is held from a limit on."""
    return Goal(
        name,
        f"≥ {least:,.{digits}f}{unit}",
        f"{measured:,.{digits}f}{unit}",
        round(measured, digits) >= least,
    )


def show(title: str, *goals: Goal) -> list[Goal]:
    """Print a table of goals, and return them."""
    print(f"\n{table(title, goals)}", flush=True)
    return list(goals)


def table(title: str, goals: Sequence[Goal]) -> str:
    """Format goals with the machine's load, one line each."""
    name, goal, measured = (
        max(len(getattr(one, column)) for one in goals) for column in ("name", "goal", "measured")
    )
    lines = [
        f"  {one.name:<{name}}  {one.goal:>{goal}}  {one.measured:>{measured}}"
        f"  {'held' if one.held else 'NOT HELD'}"
        for one in goals
    ]
    return "\n".join([f"{title}; {machine()}", *lines])


def machine() -> str:
    """Describe how busy the machine is: figures in seconds depend on that."""
    if sys.platform == "win32":
        return f"{os.cpu_count()} processors"
    return f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
