"""Keeps count of a task's parts while it runs, for whoever shows how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.phrases import Phrase
from domain.progress import Progress


class ProgressCount:
    """The count of one task; the task writes it, and whoever shows it reads it when it likes."""

    def __init__(self) -> None:
        self._total: int | None = None
        self._done = 0
        self._running: list[Phrase] = []

    @property
    def now(self) -> Progress:
        """How far the task is."""
        return Progress(self._done, self._total, tuple(self._running))

    def expect(self, total: int) -> None:
        """Say how many parts there are."""
        self._total = total

    def add(self, done: int) -> None:
        """Count parts that are done, where nobody knows how many there will be."""
        self._done += done

    @contextmanager
    def part(self, name: Phrase | None = None) -> Iterator[None]:
        """Count a part, however it ends; meanwhile its name is listed as running."""
        if name:
            self._running.append(name)
        try:
            yield
        finally:
            if name:
                self._running.remove(name)
            self._done += 1
