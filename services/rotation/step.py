"""What a step of a rotation is, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.reasons import Reason
from domain.rotation.rotation import PATIENCE, Rotation
from services.faults import Fault, Unavailable


class Drift(Fault):
    """The world is not as the plan needs it: somebody else has changed it, and theirs stays."""


class NotYet(Unavailable):
    """What was asked for was taken on and does not show yet: worth minutes, however many tries."""

    def __init__(
        self,
        service: str,
        cause: str | Reason,
        patience: timedelta = PATIENCE,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(service, cause, retry_after, outcome_unknown=False)
        self.patience = patience


class StillUnknown(Unavailable):
    """What was sent before may still be carried out, so it is not sent again yet."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The rotation with what the step found or made, and a note for the card.

    A note never holds a value. An undo with nothing to undo has no note.
    """

    rotation: Rotation
    note: Reason | None = None


def notes(parts: Sequence[Reason | None]) -> Reason | None:
    """Return one note for several; None if there is none."""
    known = tuple(part for part in parts if part)
    if len(known) < 2:
        return known[0] if known else None
    return Reason("notes", parts=known)


class RotationStep(Protocol):
    """One stage: does, asks whether it is done already, reverses. Each may be called again."""

    async def probe(self, rotation: Rotation) -> StepOutcome | None:
        """Return what ``perform`` would, where it is done already."""

    async def perform(self, rotation: Rotation) -> StepOutcome:
        """Do it, and read it back."""

    async def undo(self, rotation: Rotation) -> StepOutcome:
        """Reverse what may have been done, and read that back."""
