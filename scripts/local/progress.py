"""One line for each finished step of `run`: how long it took, and where to look."""

import time
from collections.abc import Callable

_NAME_WIDTH = 8


class Progress:
    """Times steps that follow one another, from its construction on."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take the clock, in seconds."""
        self._clock = clock
        self._began = clock()

    def done(self, name: str, where: str = "") -> None:
        """Print that a step is finished; the next one begins now."""
        now = self._clock()
        line = f"{name:<{_NAME_WIDTH}} {now - self._began:6.1f} s  {where}"
        print(line.rstrip(), flush=True)
        self._began = now


def nothing(name: str, where: str = "") -> None:
    """Print nothing about a finished step, where nobody watches."""
