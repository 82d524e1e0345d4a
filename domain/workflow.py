"""What requests and rotations have in common: a head, events, and a next move."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from domain.people import Actor

Fact = str | int | float | bool | None
HeadT = TypeVar("HeadT", covariant=True)
EffectT = TypeVar("EffectT", bound=str, covariant=True)


@dataclass(frozen=True, slots=True)
class Event:
    """A past-tense fact of a workflow; ``actor`` is None if Latchkey itself acted."""

    kind: str
    at: datetime
    actor: Actor | None = None
    facts: Mapping[str, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change(Generic[HeadT]):
    """A new head and the events that led to it; stored together or not at all."""

    head: HeadT
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Move(Generic[EffectT]):
    """Something to do now."""

    effect: EffectT


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before ``until``."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing left to do, ever."""
