"""Audit messages for access that has ended but is not confirmed to be gone."""

from cards.kit.elements import Named
from cards.kit.message import EventMessage, actor_of, fact, person, quoted, secrets_of
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.access.request import AccessEvent, Request
from domain.workflow import Event

OVERDUE_EVENTS = frozenset({AccessEvent.WATCHED, AccessEvent.RETRIED, AccessEvent.CLOSED})


def overdue_message(request: Request, event: Event) -> EventMessage:
    """Write the audit message for one of these events; ValueError for others."""
    match event.kind:
        case AccessEvent.WATCHED:
            return _watched(request, event)
        case AccessEvent.RETRIED:
            return _retried(request, event)
        case AccessEvent.CLOSED:
            return _closed(request, event)
        case kind:
            raise ValueError(f"{kind!r} is not about overdue access")


_WHY_UNANSWERED = "Azure didn't answer an earlier request and may still carry it out until "
_WHY_UNSHOWN = "Azure may not show the role assignment it created until "


def _watched(request: Request, event: Event) -> EventMessage:
    until = Named(utc(request.watched_until or event.at))
    is_gone = " was removed. " if event.facts.get("found") else " isn't there. "
    return EventMessage(
        title="Making sure access is gone",
        tone=Tone.INFO,
        sentence=(
            person(request.holder),
            "'s access to ",
            *secrets_of(request),
            is_gone,
            _WHY_UNANSWERED if request.unanswered else _WHY_UNSHOWN,
            until,
            ", so Latchkey keeps checking until then.",
        ),
    )


def _retried(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Retrying now",
        tone=Tone.INFO,
        sentence=(
            actor_of(event),
            " asked Latchkey to revoke ",
            person(request.holder),
            "'s access to ",
            *secrets_of(request),
            " now.",
        ),
    )


def _closed(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title="Closed by an admin, removal not confirmed",
        tone=Tone.BAD,
        sentence=(
            actor_of(event),
            " closed ",
            person(request.holder),
            "'s access to ",
            *secrets_of(request),
            ". Latchkey no longer tries to revoke it, and Azure hasn't confirmed that it's gone.",
        ),
        quoted=quoted("Reason", fact(event, "reason")),
    )
