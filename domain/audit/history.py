"""How history is filtered, and who can see which part of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from domain.access.request import Request
from domain.drill.drill import Drill
from domain.people import Actor
from domain.reconciliation.orphan import Orphan
from domain.refusals.people import NotAnAdmin
from domain.rotation.rotation import Rotation
from domain.workflow import Event


@dataclass(frozen=True, slots=True)
class Opening:
    """When and by whom a workflow was opened, and for which secrets."""

    at: datetime
    people: tuple[str, ...]
    secrets: tuple[str, ...]


Recorded = Request | Rotation | Orphan | Drill
"""The kinds of workflow that appear in history; the others only start these."""


class Workflow(Protocol):
    """The head of any kind of workflow."""

    @property
    def id(self) -> str: ...


def opening_of(head: Workflow) -> Opening | None:
    """Return when and by whom a workflow was opened; None for kinds that aren't in history."""
    match head:
        case Request():
            secrets = tuple(target.secret for target in head.asked_for)
            return Opening(head.requested_at, tuple(sorted(head.involved)), secrets)
        case Rotation():
            asker = head.trigger.actor
            return Opening(head.asked_at, (asker.object_id,) if asker else (), (head.secret,))
        case Orphan():
            return Opening(head.found_at, (), ())
        case Drill():
            asker = head.asked_by
            return Opening(head.begun_at, (asker.object_id,) if asker else (), (head.secret,))
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which workflows to show: by a person's object ID, a secret's name, and a start time."""

    person: str | None = None
    secret: str | None = None
    since: datetime | None = None


def decide_filter(wanted: Filter, actor: Actor, *, is_admin: bool) -> Filter:
    """Narrow a filter to what this person can see.

    Admins see everything. Others see what they requested or decided; asking for someone else's
    history raises NotAnAdmin.
    """
    if is_admin:
        return wanted
    if wanted.person not in (None, actor.object_id):
        raise NotAnAdmin
    return replace(wanted, person=actor.object_id)


def is_part_of(head: Workflow, events: Sequence[Event], actor: Actor) -> bool:
    """Return whether a person requested this workflow or decided something in it."""
    opening = opening_of(head)
    asked = opening.people if opening else ()
    return actor.object_id in {*asked, *(event.actor.object_id for event in events if event.actor)}
