"""Whether a turn has changed anything, for what people are told if it can't be finished."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class TurnChanges:
    """What is known of a turn's changes, in all of its tasks."""

    were_made: bool = False
    """Whether one was stored, or may have been."""


_CHANGES: ContextVar[TurnChanges | None] = ContextVar("changes", default=None)


@contextmanager
def noting_changes() -> Iterator[TurnChanges]:
    """Note whether anything is changed in the block."""
    changes = TurnChanges()
    token = _CHANGES.set(changes)
    try:
        yield changes
    finally:
        _CHANGES.reset(token)


def note_change() -> None:
    """Note that the present turn, if there is one, has changed something."""
    if changes := _CHANGES.get():
        changes.were_made = True
