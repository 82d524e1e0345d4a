"""Run all benchmarks, or those named: ``python -m bench agenda turns``."""

import asyncio
import sys

from bench import agenda, turns

BENCHMARKS = {"agenda": agenda.main, "turns": turns.main}


def main() -> None:
    names = sys.argv[1:] or list(BENCHMARKS)
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"Unknown benchmark: {', '.join(unknown)}. Choose from {', '.join(BENCHMARKS)}.")
    for name in names:
        asyncio.run(BENCHMARKS[name]())


if __name__ == "__main__":
    main()
