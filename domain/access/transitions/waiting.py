"""Changes while a request waits for its approvers or for the bot's own permissions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from domain.access.request import GRANT_PATIENCE, ROOM_PATIENCE, AccessEvent, Request, RequestState
from domain.access.rules.deciders import groups_in
from domain.access.rules.policy import ALLOWED, Decision
from domain.access.transitions import failures
from domain.access.transitions.changes import facts_of
from domain.access.transitions.extensions import facts_of_open_extension
from domain.names import joined, joined_ids
from domain.people import Actor
from domain.reasons import Reason, facts_of_reason
from domain.refusals.decisions import NoLongerPending, RemindedAlready
from domain.refusals.records import NothingToSee
from domain.workflow import Change, Event, Fact

LOOK_FOR_ROOM = timedelta(minutes=1)
"""How often to try again while a subscription is full."""

RELY_ON_APPROVAL = timedelta(minutes=1)
"""How long a grant relies on what was checked at its approval, or at its start."""

REMIND_AGAIN = timedelta(minutes=30)
"""How long after a reminder the requester can't send another one."""


def decide_reminder(request: Request, actor: Actor, now: datetime) -> Decision:
    """Decide whether this person can remind the approvers now: the requester or the grantee can.

    For others it is as if the request didn't exist.
    """
    if actor.object_id not in request.involved:
        return Decision(NothingToSee())
    if request.state is not RequestState.PENDING:
        return Decision(NoLongerPending(request.state))
    if now >= request.lapses_at:
        # It has expired, but the worker hasn't processed that yet.
        return Decision(NoLongerPending(RequestState.LAPSED))
    if request.reminded_at and now < request.reminded_at + REMIND_AGAIN:
        again_at = request.reminded_at + REMIND_AGAIN
        return Decision(RemindedAlready(request.reminded_at, again_at))
    return ALLOWED


def remind(request: Request, now: datetime, actor: Actor | None = None) -> Change[Request]:
    """Remind the approvers, because it is time or because someone asked for it.

    If someone asked, the reminder that is planned for later stays, but doesn't follow too soon.
    """
    planned = None
    if actor and request.remind_at:
        planned = max(request.remind_at, now + REMIND_AGAIN)
    is_in_time = planned is not None and planned < request.lapses_at
    head = replace(request, remind_at=planned if is_in_time else None, reminded_at=now)
    return Change(head, (Event(AccessEvent.REMINDED, now, actor),))


def note_not_allowed(
    request: Request, why: Reason, now: datetime, actor: Actor | None = None
) -> Change[Request]:
    """Record that what waits isn't allowed as things are now.

    That is a pending request, more time, or a start in the future. ``actor`` is the approver who
    tried to approve it.
    """
    reason = failures.of_not_allowed(why)
    facts: dict[str, Fact] = {**facts_of_reason(reason), **facts_of_open_extension(request)}
    if request.state is RequestState.SCHEDULED and request.starts_at:
        facts["starts_at"] = request.starts_at.isoformat()
    return Change(request, (Event(AccessEvent.NOT_ALLOWED_NOW, now, actor, facts),))


def skip_reminder(request: Request, why: Reason, now: datetime) -> Change[Request]:
    """Record the same in place of a reminder, which would ask for what no approver can do."""
    return note_not_allowed(replace(request, remind_at=None), why, now)


def is_known_not_allowed(request: Request, why: Reason, events: Iterable[Event]) -> bool:
    """Return whether that is on record of what waits now, for the same kind of reason."""
    noted = note_not_allowed(request, why, request.requested_at).events[0]
    return any(_say_the_same(event, noted) for event in events)


def _say_the_same(event: Event, other: Event) -> bool:
    names = ("reason", "more_asked_at", "starts_at")
    same = [event.facts.get(name) == other.facts.get(name) for name in names]
    return event.kind == other.kind and all(same)


def await_rights(change: Change[Request], now: datetime) -> Change[Request]:
    """Announce, once, that a grant is delayed because the bot isn't permitted to assign the role.

    Role assignments, including the bot's own, can take ten minutes to take effect (Microsoft
    Learn, "Troubleshoot Azure RBAC").
    """
    request = change.head
    if request.granted.awaits_rights:
        return change
    head = replace(request, grant=replace(request.granted, awaits_rights=True))
    facts: dict[str, Fact] = {"until": request.granted.give_up_at.isoformat()}
    event = Event(AccessEvent.NOT_PERMITTED_YET, now, None, facts | facts_of(request.answer))
    return Change(head, (*change.events, event))


def is_long_after_approval(request: Request, now: datetime) -> bool:
    """Return whether what a grant relies on has to be checked again before the next try."""
    begun_at = request.granted.give_up_at - GRANT_PATIENCE
    return request.granted.awaits_room or now >= begun_at + RELY_ON_APPROVAL


def await_room(change: Change[Request], now: datetime) -> Change[Request]:
    """Wait for room in a full subscription, and announce that when it begins.

    Azure refuses the assignment until others are removed, and access that ends makes room. Nothing
    may be half granted for that long: with some assignments made, the usual time is all there is.

    Source: Microsoft Learn, "Azure RBAC limits": 4,000 role assignments per subscription.
    """
    request = change.head
    retry_at = min(request.retry_at or now, now + LOOK_FOR_ROOM)
    grant = request.granted
    if grant.awaits_room:
        return Change(replace(request, retry_at=retry_at), change.events)
    give_up_at = grant.give_up_at if grant.made else now + ROOM_PATIENCE
    grant = replace(grant, give_up_at=give_up_at, awaits_room=True)
    head = replace(request, retry_at=retry_at, grant=grant)
    facts: dict[str, Fact] = {"until": grant.give_up_at.isoformat()}
    event = Event(AccessEvent.NO_ROOM_YET, now, None, facts | facts_of(request.answer))
    return Change(head, (*change.events, event))


def escalate(request: Request, now: datetime) -> Change[Request]:
    """Escalate: the escalation contacts become approvers.

    The people of the request can't decide it, so if they are among the contacts, they aren't asked.
    """
    present = {person.object_id for person in request.terms.approvers}
    further = tuple(one for one in request.terms.escalation if one.object_id not in present)
    terms = replace(request.terms, approvers=(*request.terms.approvers, *further))
    if terms.later_deciders:
        in_channel = terms.in_channel or terms.later_in_channel
        terms = replace(terms, deciders=terms.later_deciders, in_channel=in_channel)
    head = replace(request, escalate_at=None, terms=terms)
    asked = [one for one in further if one.object_id not in request.involved]
    facts: dict[str, Fact] = {
        "asked": joined([person.name for person in asked]),
        "asked_ids": joined_ids(asked),
    }
    known = request.terms.groups
    if groups := [one.name for one in groups_in(terms.later_deciders) if one not in known]:
        facts["asked_groups"] = joined(groups)
    return Change(head, (Event(AccessEvent.ESCALATED, now, None, facts),))
