"""A rotation that must follow a grant, and can't begin before its revocation has taken effect."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.rotation.rotation import Cause, Rotation, Step, Trigger
from domain.workflow import Done, Move, Wait


class OwedState(StrEnum):
    OWED = "owed"
    SETTLED = "settled"


class OwedEffect(StrEnum):
    BEGIN = "begin"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRotation:
    """The rotation still due for a secret since a grant on it ended."""

    id: str
    state: OwedState
    secret: str
    rotation_id: str
    """The rotation to begin."""
    detail: str
    """The request whose grant it was; older versions added a name."""
    since: datetime
    """When it is due: until then the grantee may be able to read the value."""
    attempt: int = 0
    retry_at: datetime | None = None

    @property
    def trigger(self) -> Trigger:
        return Trigger(Cause.GRANT_ENDED, None, self.detail)


def next_move(owed: OwedRotation, now: datetime) -> Move[OwedEffect] | Wait | Done:
    """Return what a due rotation needs next."""
    if owed.state is OwedState.SETTLED:
        return Done()
    due = owed.retry_at or owed.since
    return Move(OwedEffect.BEGIN) if now >= due else Wait(due)


def serves(rotation: Rotation, since: datetime) -> bool:
    """Return whether a rotation deployed a value issued at or after ``since`` everywhere."""
    issued = (record.at for record in rotation.records if record.step is Step.ISSUE)
    return rotation.rotated_at is not None and all(at >= since for at in issued)
