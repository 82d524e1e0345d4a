"""The steps of a rotation and their outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from domain.reasons import Reason
from domain.rotation.rotation import PATIENCE, Rotation
from services.faults import Fault, Unavailable


class Drift(Fault):
    """Someone else changed what the plan relies on; their change stays."""


class NotYet(Unavailable):
    """The effect was accepted but doesn't show yet: worth minutes of retries, however many."""

    def __init__(
        self,
        service: str,
        cause: str | Reason,
        patience: timedelta = PATIENCE,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(service, cause, retry_after, outcome_unknown=False)
        self.patience = patience


class CredentialLeft(Exception):
    """The old version was read back as disabled, but its credential couldn't be retired."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class StillUnknown(Unavailable):
    """An earlier request may still be carried out, so it isn't sent again yet."""


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """The rotation with what the step found or changed, and a note for the card.

    A note never holds a value. An undo with nothing to undo has no note.
    """

    rotation: Rotation
    note: Reason | None = None


def notes(parts: Sequence[Reason | None]) -> Reason | None:
    """Combine several notes into one; None if there is none."""
    known = tuple(part for part in parts if part)
    if len(known) < 2:
        return known[0] if known else None
    return Reason("notes", parts=known)


class RotationStep(Protocol):
    """One step: probe whether it is done, perform it, undo it. All can be called repeatedly."""

    async def probe(self, rotation: Rotation) -> StepOutcome | None:
        """Return the outcome if the step is already done; None otherwise."""

    async def perform(self, rotation: Rotation) -> StepOutcome:
        """Perform the step, and read back the result."""

    async def undo(self, rotation: Rotation) -> StepOutcome:
        """Reverse whatever may have been done, and read back the result."""
