"""Changes while a request waits for its approvers or for the bot's own permissions."""

from dataclasses import replace
from datetime import datetime

from domain.access.changes import facts_of
from domain.access.request import AccessEvent, Request
from domain.workflow import Change, Event, Fact


def remind(request: Request, now: datetime) -> Change[Request]:
    """Remind the approvers, once."""
    head = replace(request, remind_at=None)
    return Change(head, (Event(AccessEvent.REMINDED, now),))


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


def escalate(request: Request, now: datetime) -> Change[Request]:
    """Escalate: the escalation contacts become approvers."""
    present = {person.object_id for person in request.terms.approvers}
    further = tuple(one for one in request.terms.escalation if one.object_id not in present)
    terms = replace(request.terms, approvers=(*request.terms.approvers, *further))
    if terms.later_deciders:
        in_channel = terms.in_channel or terms.later_in_channel
        terms = replace(terms, deciders=terms.later_deciders, in_channel=in_channel)
    head = replace(request, escalate_at=None, terms=terms)
    facts: dict[str, Fact] = {"asked": ", ".join(person.name for person in further)}
    return Change(head, (Event(AccessEvent.ESCALATED, now, None, facts),))
