"""A rotation that has to follow a grant and could not begin, since another one was under way."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.rotation.rotation import Cause, Rotation, Step, Trigger
from domain.workflow import Done, Move, Wait


class OwedState(StrEnum):
    OWED = "owed"
    SETTLED = "settled"


class OwedEffect(StrEnum):
    BEGIN = "begin the rotation that is owed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedRotation:
    """What is owed to a secret since the end of a grant on it, until a rotation has begun."""

    id: str
    state: OwedState
    secret: str
    rotation_id: str
    """The rotation that is to begin."""
    detail: str
    """Whose grant it was, in words."""
    since: datetime
    """The end of the grant: until then its holder could read the value."""
    attempt: int = 0
    retry_at: datetime | None = None

    @property
    def trigger(self) -> Trigger:
        return Trigger(Cause.GRANT_ENDED, None, self.detail)


def next_move(owed: OwedRotation, now: datetime) -> Move[OwedEffect] | Wait | Done:
    """Say what is to be done about a rotation that is owed."""
    if owed.state is OwedState.SETTLED:
        return Done()
    if owed.retry_at and now < owed.retry_at:
        return Wait(owed.retry_at)
    return Move(OwedEffect.BEGIN)


def serves(rotation: Rotation, since: datetime) -> bool:
    """Say whether a rotation has brought a value that was made after this moment everywhere."""
    issued = (record.at for record in rotation.records if record.step is Step.ISSUE)
    return rotation.rotated_at is not None and all(at >= since for at in issued)
