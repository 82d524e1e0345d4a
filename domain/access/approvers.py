"""Who can decide an open request: its approvers follow the policy in force.

A stricter policy applies at once: a larger quorum, and removed approvers. A looser one doesn't
lower the quorum of requests made before it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.access import changes, failures
from domain.access.break_glass import awaits_review
from domain.access.request import AccessEvent, Approval, Request, RequestState
from domain.names import listed
from domain.people import Person
from domain.workflow import Change, Event, Fact

_OPEN = frozenset({RequestState.PENDING, RequestState.SCHEDULED})

_BETWEEN = " "
"""Separates object IDs in a fact: an ID never contains a space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Who decides about a request's secrets under the policy in force, and the quorum."""

    approvers: tuple[Person, ...]
    escalation: tuple[Person, ...] = ()
    min_approvals: int = 1


def waits(request: Request) -> bool:
    """Return whether a request's approvers still matter.

    That is while it, its extension or its review is waiting for a decision, and before a scheduled
    start: access then starts with today's approvals only.
    """
    wants_time = request.state is RequestState.ACTIVE and request.extension is not None
    return request.state in _OPEN or wants_time or awaits_review(request)


def follow_rules(request: Request, today: Today, now: datetime) -> Change[Request] | None:
    """Replace a request's approvers with today's; None if they are the same.

    Approvals by people who are no longer approvers stop counting; the events keep them. A scheduled
    request that then has too few ends: nobody could approve it again. One that a rule approved
    needs none.
    """
    approvers = _who_decide(request, today)
    needed = max(request.terms.min_approvals, today.min_approvals)
    before, after = _ids(request.terms.approvers), _ids(approvers)
    if before == after and needed == request.terms.min_approvals:
        return _escalate_to(request, today)
    added = [one for one in approvers if one.object_id not in before]
    removed = [one for one in request.terms.approvers if one.object_id not in after]
    dropped = [one for one in _given(request) if one.approver.object_id not in after]
    facts: dict[str, Fact] = {
        "added": listed([one.name for one in added]),
        "removed": listed([one.name for one in removed]),
        "added_ids": _BETWEEN.join(one.object_id for one in added),
        "removed_ids": _BETWEEN.join(one.object_id for one in removed),
        "needed": needed,
        "no_longer_counts": listed([one.approver.name for one in dropped]),
        "enough": len(after - request.involved) >= needed,
    }
    terms = replace(
        request.terms,
        approvers=approvers,
        min_approvals=needed,
        escalation=today.escalation,
    )
    head = replace(_without(request, after), terms=terms, approvers_since=now)
    changed = Event(AccessEvent.APPROVERS_CHANGED, now, None, facts)
    needs_people = head.state is RequestState.SCHEDULED and head.approved_by_rule is None
    if needs_people and len(head.approvals) < needed:
        why = failures.of_lost_approvals([one.approver.name for one in dropped])
        ended = changes.refuse_grant(head, why, now)
        return Change(ended.head, (changed, *ended.events))
    return Change(head, (changed,))


def former_approvers(request: Request, events: Iterable[Event]) -> frozenset[str]:
    """Return the object IDs of people who used to be approvers of a request."""
    removed = {one for event in events for one in _named(event, "removed_ids")}
    return frozenset(removed - _ids(request.terms.approvers))


def joined_after(person: Person, number: int, events: Sequence[Event]) -> bool:
    """Return whether a person became an approver after this event; numbers start at 1."""
    return any(person.object_id in _named(event, "added_ids") for event in events[number:])


def _escalate_to(request: Request, today: Today) -> Change[Request] | None:
    """Update the escalation contacts; no event, since it affects no one yet."""
    if _ids(request.terms.escalation) == _ids(today.escalation):
        return None
    return Change(replace(request, terms=replace(request.terms, escalation=today.escalation)))


def _who_decide(request: Request, today: Today) -> tuple[Person, ...]:
    """Return today's approvers and escalation contacts; people who stayed come first."""
    escalated = _ids(request.terms.escalation) & _ids(request.terms.approvers)
    asked_too = today.escalation if escalated and request.escalate_at is None else ()
    found = {one.object_id: one for one in (*today.approvers, *asked_too)}
    stayed = [one for one in request.terms.approvers if one.object_id in found]
    known = _ids(stayed)
    return (*stayed, *(one for one in found.values() if one.object_id not in known))


def _given(request: Request) -> tuple[Approval, ...]:
    """Return the approvals given so far to the open decision."""
    if request.state in _OPEN:
        return request.approvals
    return request.extension.approvals if request.extension else ()


def _without(request: Request, approvers: set[str]) -> Request:
    """Drop the approvals that no longer count.

    A window that one of them shortened stays short: we never widen what was narrowed.
    """
    kept = tuple(one for one in _given(request) if one.approver.object_id in approvers)
    if request.state in _OPEN:
        return replace(request, approvals=kept)
    if request.extension:
        return replace(request, extension=replace(request.extension, approvals=kept))
    return request


def _named(event: Event, fact: str) -> set[str]:
    if event.kind != AccessEvent.APPROVERS_CHANGED:
        return set()
    return set(str(event.facts.get(fact) or "").split(_BETWEEN)) - {""}


def _ids(people: Iterable[Person]) -> set[str]:
    return {person.object_id for person in people}
