"""Run all benchmarks, or those named: ``python -m bench agenda turns``.

Those of waiting run in virtual time; ``--real`` runs them in the machine's. Ends with an error if a
goal isn't held.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from bench import agenda, dependents, ends, opened, soak, turns
from bench.goals import Goal
from bench.setup.modes import Mode, real, virtual

Benchmark = Callable[[argparse.Namespace], list[Goal]]


def main() -> int:
    """Run what the command line names; return the exit code."""
    options = _parser().parse_args()
    names = [each for name in options.names or BENCHMARKS for each in GROUPS.get(name, (name,))]
    goals = [goal for name in names for goal in BENCHMARKS[name](options)]
    missed = [goal for goal in goals if not goal.held]
    for goal in missed:
        print(f"not held: {goal.name}, {goal.measured} instead of {goal.goal}")
    return 1 if missed else 0


def _run(
    options: argparse.Namespace, part: Callable[[Mode], Coroutine[Any, Any, list[Goal]]]
) -> list[Goal]:
    mode = real() if options.real else virtual()
    goals: list[Goal] = mode.run(part(mode))
    return goals


BENCHMARKS: Mapping[str, Benchmark] = {
    "agenda": lambda _: asyncio.run(agenda.main()),
    "turns": lambda _: asyncio.run(turns.main()),
    "open": lambda _: asyncio.run(opened.many_open()),
    "ends": lambda options: _run(options, ends.at_once),
    "replicas": lambda options: _run(options, ends.by_replicas),
    "lateness": lambda options: _run(options, ends.spread_out),
    "rotation": lambda options: _run(options, dependents.side_by_side),
    "soak": lambda options: asyncio.run(soak.soak(options.minutes)),
}

GROUPS = {"load": ("open", "ends", "replicas", "lateness", "rotation")}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench", description="Measure Latchkey.")
    names = (*BENCHMARKS, *GROUPS)
    parser.add_argument("names", nargs="*", choices=names, metavar="NAME", help=", ".join(names))
    parser.add_argument("--real", action="store_true", help="in the machine's time")
    parser.add_argument("--minutes", type=float, default=soak.MINUTES, help="how long to soak")
    return parser


if __name__ == "__main__":
    sys.exit(main())
