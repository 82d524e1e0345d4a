"""What a step of a rotation is, and what comes of it."""

from dataclasses import dataclass
from typing import Protocol

from domain.rotation import Rotation
from services.faults import Fault


class Drift(Fault):
    """The world is not as the plan needs it; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rotation with what the step found or made, and a note for the card.

    A note never holds a value. An undo with nothing to undo has no note.
    """

    rotation: Rotation
    note: str = ""


class RotationStep(Protocol):
    """One stage: does, asks whether it is done already, reverses. Each may be called again."""

    async def probe(self, rotation: Rotation) -> Outcome | None:
        """Return what ``perform`` would, where it is done already."""

    async def perform(self, rotation: Rotation) -> Outcome:
        """Do it, and read it back."""

    async def undo(self, rotation: Rotation) -> Outcome:
        """Reverse what may have been done, and read that back."""
