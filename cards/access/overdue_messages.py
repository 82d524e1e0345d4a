"""What the audit channel reads of access that is over and not yet known to be gone for good."""

from cards.kit.elements import Named
from cards.kit.message import EventMessage, actor_of, fact, person, quoted, secrets_of
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.access.request import AccessEvent, Request
from domain.workflow import Event

OVERDUE_EVENTS = frozenset({AccessEvent.WATCHED, AccessEvent.RETRIED, AccessEvent.CLOSED})


def overdue_message(request: Request, event: Event) -> EventMessage:
    """Put one of these events into words; ValueError for another one."""
    match event.kind:
        case AccessEvent.WATCHED:
            return _watched(request, event)
        case AccessEvent.RETRIED:
            return _retried(request, event)
        case AccessEvent.CLOSED:
            return _closed(request, event)
        case kind:
            raise ValueError(f"{kind!r} is not about overdue access")


_WHY_UNANSWERED = "Azure did not answer an earlier request and may still carry it out until "
_WHY_UNSHOWN = "Azure may not show the role assignment that it made until "


def _watched(request: Request, event: Event) -> EventMessage:
    until = Named(utc(request.watched_until or event.at))
    is_gone = " was removed. " if event.facts.get("found") else " is not there. "
    return EventMessage(
        title="Making sure that access is gone",
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
        title="Trying again now",
        tone=Tone.INFO,
        sentence=(
            actor_of(event),
            " asked to remove ",
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
            ". Latchkey no longer tries to remove it, and Azure has not confirmed that it is gone.",
        ),
        quoted=quoted("Reason", fact(event, "reason")),
    )
