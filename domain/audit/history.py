"""What the history is looked up by, and who may see which part of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from domain import refusals
from domain.access.request import Request
from domain.people import Actor
from domain.reconciliation.orphan import Orphan
from domain.rotation.rotation import Rotation
from domain.workflow import Event


@dataclass(frozen=True, slots=True)
class Opening:
    """When a workflow was opened, by whom, and which secrets it is about."""

    at: datetime
    people: tuple[str, ...]
    secrets: tuple[str, ...]


Recorded = Request | Rotation | Orphan
"""The kinds of workflow that history is made of; the others only start these."""


class Workflow(Protocol):
    """The head of a workflow, of any kind."""

    @property
    def id(self) -> str: ...


def opening_of(head: Workflow) -> Opening | None:
    """Say when and by whom a workflow was opened; None for kinds that are no part of history."""
    match head:
        case Request():
            return Opening(head.requested_at, tuple(sorted(head.involved)), head.secrets)
        case Rotation():
            asker = head.trigger.actor
            return Opening(head.asked_at, (asker.object_id,) if asker else (), (head.secret,))
        case Orphan():
            return Opening(head.found_at, (), ())
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which workflows are wanted: by a person's object id, a secret's name, and since when."""

    person: str | None = None
    secret: str | None = None
    since: datetime | None = None


def decide_filter(wanted: Filter, actor: Actor, *, is_admin: bool) -> Filter:
    """Narrow a filter to what this person may see; raises NotAnAdmin for somebody else's history.

    Admins see all. Others see what they asked for or decided.
    """
    if is_admin:
        return wanted
    if wanted.person not in (None, actor.object_id):
        raise refusals.NotAnAdmin
    return replace(wanted, person=actor.object_id)


def is_part_of(head: Workflow, events: Sequence[Event], actor: Actor) -> bool:
    """Say whether a person asked for this workflow or decided something in it."""
    opening = opening_of(head)
    asked = opening.people if opening else ()
    return actor.object_id in {*asked, *(event.actor.object_id for event in events if event.actor)}
