"""Pin processes to cores: the measured one gets its own core, everything else another."""

import os
import sys

_CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else []

MEASURED, OTHERS = 0, 1


def can_pin() -> bool:
    """Tell whether there are two cores and the system allows pinning."""
    return len(_CORES) > 1


def pin(pid: int, core: int) -> None:
    """Pin a process (0 for this one) and its future children to a core, if possible."""
    if sys.platform == "linux" and can_pin():
        os.sched_setaffinity(pid, {_CORES[core]})
