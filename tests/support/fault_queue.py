"""Faults that a test injects into a fake."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.support.tables.crashing_table import When


@dataclass(slots=True)
class _Ordered:
    operation: str
    fault: Exception
    when: When
    times: int


class FaultQueue:
    """The next failures, by operation; ``AFTER`` is an effect whose answer was lost."""

    def __init__(self) -> None:
        self._ordered: list[_Ordered] = []

    def order(
        self, operation: str, fault: Exception, *, when: When = When.BEFORE, times: int = 1
    ) -> None:
        """Make the next ``times`` operations of this name fail."""
        self._ordered.append(_Ordered(operation, fault, when, times))

    def clear(self) -> None:
        self._ordered.clear()

    @property
    def is_empty(self) -> bool:
        """Whether no faults are left."""
        return not self._ordered

    @contextmanager
    def around(self, operation: str) -> Iterator[None]:
        """Carry out an operation, or fail before or after it."""
        ordered = self._take(operation)
        if ordered and ordered.when is When.BEFORE:
            raise ordered.fault
        yield
        if ordered and ordered.when is When.AFTER:
            raise ordered.fault

    def _take(self, operation: str) -> _Ordered | None:
        found = next((each for each in self._ordered if each.operation == operation), None)
        if found:
            found.times -= 1
            if found.times == 0:
                self._ordered.remove(found)
        return found
