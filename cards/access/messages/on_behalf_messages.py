"""Messages for the requester and the grantee, when someone asks for access for a colleague."""

from dataclasses import replace

from cards.access.messages.proof_messages import proof_of
from cards.access.messages.requester_messages import requester_message
from cards.access.messages.start_messages import START_EVENTS, start_message
from cards.access.parts.endings import (
    COLLEAGUE,
    access_ended,
    grant_ended,
    rotation_due,
    still_readable,
)
from cards.access.parts.extension import undecided_extension
from cards.access.parts.opened import could_be_read, was_opened
from cards.kit import text
from cards.kit.elements import Sentence
from cards.kit.message import EventMessage, how_late, person, quoted, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import duration
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from domain.access.request import AccessEvent, Request
from domain.access.transitions.as_asked import as_asked_for
from domain.phrases import mark
from domain.workflow import Event

FOR_YOU = mark("Access for you")
"""What the grantee's messages are about."""


def asker_message(request: Request, event: Event) -> EventMessage:
    """Write the requester's message for an event; ValueError if they get none for its kind."""
    message = requester_message(request, event)
    match event.kind:
        case kind if kind in START_EVENTS:
            return start_message(request, event)
        case AccessEvent.REVOKED:
            if still := still_readable(request, event.facts, COLLEAGUE):
                ended = together(grant_ended(request, request.requester), still, how_late(event))
            else:
                ended = access_ended(request, event, COLLEAGUE, request.requester)
            undecided, due = undecided_extension(request), rotation_due(request, event)
            return replace(message, sentence=together(ended, undecided, due, proof_of(request)))
        case AccessEvent.STUCK:
            return replace(message, sentence=_should_have_ended(request))
        case AccessEvent.CLOSED:
            return replace(message, sentence=_closed(request))
        case _:
            return message


def holder_message(request: Request, event: Event) -> EventMessage:
    """Write the grantee's message for an event; ValueError if they get none for its kind."""
    asker, asked = person(request.requester), as_asked_for(request, event.facts)
    match event.kind:
        case AccessEvent.REQUESTED:
            return EventMessage(
                title=say("Access requested for you"),
                tone=Tone.INFO,
                sentence=together(
                    sentence(
                        "{who} asks for access to {secrets} for {window}, for you.",
                        who=asker,
                        secrets=secrets_of(asked),
                        window=duration(asked.window),
                    ),
                    say("You don't need to do anything."),
                ),
                quoted=quoted(say("Why"), request.justification),
            )
        case AccessEvent.GRANTED:
            granted = requester_message(request, event, reader=request.holder)
            who = sentence("{who} asked for it.", who=asker)
            return replace(granted, sentence=together(granted.sentence, who))
        case (
            AccessEvent.REVOKED
            | AccessEvent.STUCK
            | AccessEvent.CLOSED
            | AccessEvent.NOT_ALLOWED_NOW
            | AccessEvent.NOT_PERMITTED_YET
            | AccessEvent.NO_ROOM_YET
            | AccessEvent.SCHEDULED
            | AccessEvent.CALLED_OFF
        ):
            return requester_message(request, event, reader=request.holder)
        case AccessEvent.CANCELLED:
            return _not_granted(_WITHDRAWN, request)
        case AccessEvent.DENIED:
            return _not_granted(_DENIED, request)
        case AccessEvent.LAPSED:
            return _not_granted(_LAPSED, request)
        case AccessEvent.FAILED:
            failed = _not_granted(_GRANT_FAILED if was_opened(event) else _FAILED, request)
            return replace(
                failed,
                sentence=together(
                    failed.sentence,
                    could_be_read(event),
                    rotation_due(request, event),
                    proof_of(request),
                ),
                quoted=quoted(
                    say("What went wrong"),
                    sentence_in(event, person=text.name_of(request.requester)),
                ),
            )
        case kind:
            raise ValueError(f"the grantee gets no message for {kind!r}")


_WITHDRAWN = mark("{who}'s request for you to read {secrets} was withdrawn.")
_DENIED = mark("{who}'s request for you to read {secrets} was denied.")
_LAPSED = mark("{who}'s request for you to read {secrets} expired: it wasn't decided in time.")
_FAILED = mark("{who}'s request for you to read {secrets} was approved, but nothing was granted.")
_GRANT_FAILED = mark(
    "{who}'s request for you to read {secrets} was approved, but the grant failed."
)


def _not_granted(why: str, request: Request) -> EventMessage:
    return EventMessage(
        title=say("You won't get access"),
        tone=Tone.QUIET,
        sentence=sentence(why, who=person(request.requester), secrets=secrets_of(request)),
    )


def _should_have_ended(request: Request) -> Sentence:
    return together(
        sentence(
            "{who}'s access to {secrets} should have ended, but Azure hasn't confirmed its "
            "removal.",
            who=person(request.holder),
            secrets=secrets_of(request),
        ),
        say("The admins know."),
    )


def _closed(request: Request) -> Sentence:
    return together(
        sentence(
            "{who}'s access to {secrets} was closed by an admin.",
            who=person(request.holder),
            secrets=secrets_of(request),
        ),
        say("Azure hasn't confirmed that it's gone."),
    )
