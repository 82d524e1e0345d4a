"""Erasing a person's name, pass by pass over everything, until one finds nothing to erase.

So what is said at the end was read, however often a pass was interrupted, and with any number of
replicas: what is erased is erased, and the last pass counts what it reads.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.people import Actor
from domain.workflow import Change, Done, Event, Fact, Move, Wait

MOST_PASSES = 5
"""Someone who goes on working would be named anew for ever."""

SOONER = timedelta(minutes=5)
"""How long to wait after a failure."""


class ErasureState(StrEnum):
    ERASING = "erasing"
    ENDED = "ended"


class ErasureEffect(StrEnum):
    ERASE = "erase"


class ErasureEvent(StrEnum):
    BEGUN = "erasure_begun"
    ENDED = "erasure_ended"


class Stage(StrEnum):
    """What a pass goes through, in this order."""

    WORKFLOWS = "workflows"
    FIGURES = "figures"
    OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a pass has found so far."""

    workflows: int = 0
    """How many workflows the person is part of."""
    erased: int = 0
    """In how many of them, and of the days' figures, the name still was."""
    older: int = 0
    """How many events of older versions have the name in their hashed text, or may have it."""
    unreadable: int = 0
    """How many workflows with the person this version can't read."""

    def __add__(self, other: "Found") -> "Found":
        return Found(
            workflows=self.workflows + other.workflows,
            erased=self.erased + other.erased,
            older=self.older + other.older,
            unreadable=self.unreadable + other.unreadable,
        )


NOTHING = Found()


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where a pass goes on: in a shard from a key on, then with a day."""

    stage: Stage = Stage.WORKFLOWS
    shard: int = 0
    key: str = ""
    day: date | None = None


BEGINNING = Position()


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The erasing of one person's name, which it doesn't have itself."""

    id: str
    state: ErasureState
    person_id: str
    asked_by: Actor
    due_at: datetime
    """When to go on."""
    passes: int = 0
    """How many are done."""
    position: Position = BEGINNING
    found: Found = NOTHING


def begin(erasure_id: str, person_id: str, actor: Actor, now: datetime) -> Change[Erasure]:
    """Begin to erase a person's name, because an admin asked for it."""
    head = Erasure(
        id=erasure_id,
        state=ErasureState.ERASING,
        person_id=person_id,
        asked_by=actor,
        due_at=now,
    )
    return Change(head, (Event(ErasureEvent.BEGUN, now, actor, {"person": person_id}),))


def next_move(erasure: Erasure, now: datetime) -> Move[ErasureEffect] | Wait | Done:
    """Return what comes next."""
    if erasure.state is ErasureState.ENDED:
        return Done()
    return Move(ErasureEffect.ERASE) if now >= erasure.due_at else Wait(erasure.due_at)


def go_on(erasure: Erasure, position: Position, found: Found, now: datetime) -> Change[Erasure]:
    """Go on at a position, with what was found before it."""
    return Change(replace(erasure, position=position, found=erasure.found + found, due_at=now))


def finish_pass(erasure: Erasure, now: datetime) -> Change[Erasure]:
    """End with a pass that found nothing to erase; otherwise begin another one."""
    found, passes = erasure.found, erasure.passes + 1
    if found.erased and passes < MOST_PASSES:
        head = replace(erasure, passes=passes, position=BEGINNING, found=NOTHING, due_at=now)
        return Change(head)
    facts: dict[str, Fact] = {
        "person": erasure.person_id,
        "workflows": found.workflows,
        "left": found.erased,
        "older": found.older,
        "unreadable": found.unreadable,
    }
    head = replace(erasure, state=ErasureState.ENDED, passes=passes)
    return Change(head, (Event(ErasureEvent.ENDED, now, None, facts),))


def postpone(erasure: Erasure, now: datetime) -> Change[Erasure]:
    """Try again a little later."""
    return Change(replace(erasure, due_at=now + SOONER))
