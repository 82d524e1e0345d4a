"""Messages about waiting requests and ending access: reminders, warnings, extensions."""

from dataclasses import replace
from datetime import datetime, timedelta

from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, actor_of, fact, person, quoted, secrets_of
from cards.kit.terms import DENIED
from cards.kit.times import utc
from cards.kit.tone import Tone
from domain.access.request import AccessEvent, Request
from domain.durations import format_duration
from domain.workflow import Event

WINDOW_EVENTS = frozenset(
    {
        AccessEvent.REMINDED,
        AccessEvent.ESCALATED,
        AccessEvent.EXPIRES_SOON,
        AccessEvent.EXTENSION_ASKED,
        AccessEvent.EXTENSION_ALLOWED,
        AccessEvent.EXTENDED,
        AccessEvent.EXTENSION_DENIED,
    }
)


def window_message(request: Request, event: Event) -> EventMessage:
    """Write the message for one of these events, for any reader; ValueError for other kinds."""
    match event.kind:
        case AccessEvent.REMINDED:
            sentence = (*_waits(request), *_who_reminds(event))
            return _message("Still waiting for approval", Tone.WARNING, sentence)
        case AccessEvent.ESCALATED:
            asked = text.line(fact(event, "asked")) or "no one else"
            sentence = (*_waits(request), " Also asked now: ", Named(asked), ".")
            return _message("Escalated", Tone.WARNING, sentence)
        case AccessEvent.EXPIRES_SOON:
            sentence = (*_whose(request), " ends at ", Named(_end(event)), ".")
            return _message("Access ends soon", Tone.WARNING, sentence)
        case AccessEvent.EXTENSION_ASKED:
            return _asked(request, event)
        case AccessEvent.EXTENSION_ALLOWED:
            title = "Extension allowed, not extended yet"
            return _answer(title, Tone.INFO, _allowed(request, event), event)
        case AccessEvent.EXTENDED:
            sentence = (
                actor_of(event),
                " extended ",
                *_whose(request),
                f" by {_by(event)}. It now ends at ",
                Named(_end(event)),
                ".",
            )
            return _answer("Access extended", Tone.GOOD, sentence, event)
        case AccessEvent.EXTENSION_DENIED:
            sentence = (
                actor_of(event),
                f" {DENIED} more time: ",
                *_whose(request),
                " still ends at ",
                Named(_end(event)),
                ".",
            )
            return _answer(f"Extension {DENIED}", Tone.QUIET, sentence, event)
        case kind:
            raise ValueError(f"{kind!r} is not about a window")


def _asked(request: Request, event: Event) -> EventMessage:
    expires_at = request.granted.expires_at
    sentence = (
        person(request.requester),
        f" asks for {_by(event)} more access to ",
        *secrets_of(request),
        *((", which ends at ", Named(utc(expires_at))) if expires_at else ()),
        ".",
    )
    return _message("Extension requested", Tone.INFO, sentence)


def _allowed(request: Request, event: Event) -> Sentence:
    count, needed = text.line(fact(event, "approvals")), text.line(fact(event, "needed"))
    return (
        actor_of(event),
        f" allowed {_by(event)} more. {count} of {needed} have allowed it; ",
        *_whose(request),
        " still ends at ",
        Named(_end(event)),
        ".",
    )


def _message(title: str, tone: Tone, sentence: Sentence) -> EventMessage:
    return EventMessage(title=title, tone=tone, sentence=sentence)


def _answer(title: str, tone: Tone, sentence: Sentence, event: Event) -> EventMessage:
    """Write a message about an approver's answer, with what they typed with it."""
    message = _message(title, tone, sentence)
    return replace(message, quoted=quoted("Note", fact(event, "note")))


def _waits(request: Request) -> Sentence:
    return (
        person(request.requester),
        "'s request for ",
        *secrets_of(request),
        f" expires at {utc(request.lapses_at)}.",
    )


def _who_reminds(event: Event) -> Sentence:
    """Say who asked for a reminder; empty if it was time for one."""
    return (" ", person(event.actor), " asked for this reminder.") if event.actor else ()


def _whose(request: Request) -> Sentence:
    return person(request.holder), "'s access to ", *secrets_of(request)


def _by(event: Event) -> str:
    seconds = event.facts.get("by")
    return format_duration(timedelta(seconds=seconds if isinstance(seconds, int | float) else 0))


def _end(event: Event) -> str:
    try:
        return utc(datetime.fromisoformat(fact(event, "expires_at")))
    except ValueError:
        return "an unknown time"
