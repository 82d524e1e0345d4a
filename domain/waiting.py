"""What happens while a request waits for its approvers."""

from dataclasses import replace
from datetime import datetime

from domain.access import AccessEvent, Request
from domain.workflow import Change, Event, Fact


def remind(request: Request, now: datetime) -> Change[Request]:
    """Remind the approvers, once."""
    head = replace(request, remind_at=None)
    return Change(head, (Event(AccessEvent.REMINDED, now),))


def escalate(request: Request, now: datetime) -> Change[Request]:
    """Ask further people, who may decide from now on."""
    present = {person.object_id for person in request.terms.approvers}
    further = tuple(one for one in request.terms.escalation if one.object_id not in present)
    terms = replace(request.terms, approvers=(*request.terms.approvers, *further))
    head = replace(request, escalate_at=None, terms=terms)
    facts: dict[str, Fact] = {"asked": ", ".join(person.name for person in further)}
    return Change(head, (Event(AccessEvent.ESCALATED, now, None, facts),))
