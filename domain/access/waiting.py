"""What happens while a request waits: for its approvers, or for the bot's own rights."""

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
    """Tell, once, that an attempt to grant was put off since the bot may not assign the role yet.

    Assignments of roles, the bot's own among them, can take ten minutes to take effect (Microsoft
    Learn, "Troubleshoot Azure RBAC").
    """
    request = change.head
    if request.granted.awaits_rights:
        return change
    head = replace(request, grant=replace(request.granted, awaits_rights=True))
    facts: dict[str, Fact] = {"until": request.granted.give_up_at.isoformat()}
    told = Event(AccessEvent.NOT_PERMITTED_YET, now, None, facts | facts_of(request.answer))
    return Change(head, (*change.events, told))


def escalate(request: Request, now: datetime) -> Change[Request]:
    """Ask further people, who may decide from now on."""
    present = {person.object_id for person in request.terms.approvers}
    further = tuple(one for one in request.terms.escalation if one.object_id not in present)
    terms = replace(request.terms, approvers=(*request.terms.approvers, *further))
    head = replace(request, escalate_at=None, terms=terms)
    facts: dict[str, Fact] = {"asked": ", ".join(person.name for person in further)}
    return Change(head, (Event(AccessEvent.ESCALATED, now, None, facts),))
