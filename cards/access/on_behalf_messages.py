"""Messages for the requester and the grantee, when someone asks for access for a colleague."""

from dataclasses import replace

from cards.access.requester_messages import (
    how_it_ended,
    requester_message,
    still_readable,
    who_ended,
)
from cards.access.start_messages import START_EVENTS, start_message
from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, how_late, person, quoted, secrets_of
from cards.kit.terms import DENIED
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.reasons.sentences import sentence_in
from domain.access.request import AccessEvent, Request
from domain.durations import format_duration
from domain.workflow import Event


def asker_message(request: Request, event: Event) -> EventMessage:
    """Write the requester's message for an event; ValueError if they get none for its kind."""
    message = requester_message(request, event)
    whose: Sentence = (person(request.holder), "'s access to ", *secrets_of(request))
    match event.kind:
        case AccessEvent.GRANTED:
            who = person(request.holder)
            return replace(message, sentence=(who, " can read ", *_what_and_until(request)))
        case kind if kind in START_EVENTS:
            return start_message(request, event)
        case AccessEvent.REVOKED:
            if still := still_readable(event, text.name_of(request.holder)):
                grant = (person(request.holder), "'s grant for ", *secrets_of(request))
                over = (*grant, " has ended. ", *who_ended(request), *still, how_late(event))
                return replace(message, sentence=over)
            ended = f"{how_it_ended(event)}{how_late(event)}"
            return replace(message, sentence=(*whose, " has ended. ", *who_ended(request), ended))
        case AccessEvent.STUCK:
            late = " should have ended, but Azure hasn't confirmed its removal. The admins know."
            return replace(message, sentence=(*whose, late))
        case AccessEvent.CLOSED:
            closed = " was closed by an admin. Azure hasn't confirmed that it's gone."
            return replace(message, sentence=(*whose, closed))
        case _:
            return message


def holder_message(request: Request, event: Event) -> EventMessage:
    """Write the grantee's message for an event; ValueError if they get none for its kind."""
    asker = person(request.requester)
    match event.kind:
        case AccessEvent.REQUESTED:
            wants = (
                f" for {format_duration(request.window)}, for you. You don't need to do anything."
            )
            return EventMessage(
                title="Access requested for you",
                tone=Tone.INFO,
                sentence=(asker, " asks for access to ", *secrets_of(request), wants),
                quoted=quoted("Why", request.justification),
            )
        case AccessEvent.GRANTED:
            granted = requester_message(request, event)
            return replace(granted, sentence=(*granted.sentence, " ", asker, " asked for it."))
        case (
            AccessEvent.REVOKED
            | AccessEvent.STUCK
            | AccessEvent.CLOSED
            | AccessEvent.NOT_PERMITTED_YET
            | AccessEvent.SCHEDULED
            | AccessEvent.CALLED_OFF
        ):
            return requester_message(request, event)
        case AccessEvent.CANCELLED:
            return _not_granted(request, " was withdrawn.")
        case AccessEvent.DENIED:
            return _not_granted(request, f" was {DENIED}.")
        case AccessEvent.LAPSED:
            return _not_granted(request, " expired: no one decided it in time.")
        case AccessEvent.FAILED:
            failed = _not_granted(request, " was approved, but nothing was granted.")
            return replace(failed, quoted=quoted("What went wrong", sentence_in(event)))
        case kind:
            raise ValueError(f"the grantee gets no message for {kind!r}")


def _not_granted(request: Request, how: str) -> EventMessage:
    return EventMessage(
        title="You won't get access",
        tone=Tone.QUIET,
        sentence=(
            person(request.requester),
            "'s request for you to read ",
            *secrets_of(request),
            how,
        ),
    )


def _what_and_until(request: Request) -> Sentence:
    expires_at = request.granted.expires_at
    until: Sentence = (" until ", Named(utc(expires_at))) if expires_at else ()
    return (*secrets_of(request), *until, f", for {format_duration(request.window)}.")
