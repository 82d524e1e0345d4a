"""Run the benchmarks, or those that are named: ``python -m bench agenda turns``."""

import asyncio
import sys

from bench import agenda, turns

BENCHMARKS = {"agenda": agenda.main, "turns": turns.main}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"No such benchmark: {', '.join(unknown)}. There are {', '.join(BENCHMARKS)}.")
    for name in names:
        asyncio.run(BENCHMARKS[name]())


if __name__ == "__main__":
    main()
