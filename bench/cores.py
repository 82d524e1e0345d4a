"""Which core a process runs on: what is measured has one for itself, and all else another."""

import os
import sys

_CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []

MEASURED, OTHERS = 0, 1


def can_pin() -> bool:
    """Tell whether there are two cores to tell apart, and a system that lets us."""
    return len(_CORES) > 1


def pin(pid: int, core: int) -> None:
    """Keep a process, 0 for this one, and its future children on one core, if that is possible."""
    if sys.platform == "linux" and can_pin():
        os.sched_setaffinity(pid, {_CORES[core]})
