"""The requester's message for each event."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from cards.access.messages.granted_messages import granted_message
from cards.access.messages.not_allowed_messages import not_allowed
from cards.access.messages.proof_messages import proof_of
from cards.access.messages.start_messages import START_EVENTS, start_message
from cards.access.parts.endings import (
    CONTINUES,
    YOU,
    how_it_ended,
    not_known_if_readable,
    rotation_due,
    still_readable,
    who_ended,
)
from cards.access.parts.extension import undecided_extension
from cards.access.parts.opened import could_be_read, was_opened
from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, actor_of, fact, how_late, moment_in, quoted, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import duration, minute_of
from cards.kit.tone import Tone
from cards.languages.texts import say
from cards.reasons.sentences import sentence_in
from domain.access.request import AccessEvent, Request
from domain.people import Actor, Person
from domain.workflow import Event

Reader = Person | Actor


def requester_message(
    request: Request, event: Event, *, reader: Person | None = None
) -> EventMessage:
    """Write the requester's message for an event; ValueError if they get none for its kind.

    ``reader`` is the grantee, if it's their message, which says the same.
    """
    write = _MESSAGES.get(event.kind)
    if write is None:
        raise ValueError(f"the requester gets no message for {event.kind!r}")
    return write(request, event, reader or request.requester)


def not_permitted_yet(request: Request, event: Event, answered: Sentence = ()) -> EventMessage:
    """Say that a grant waits for the bot's own permissions; only auditors see Azure's answer."""
    until = _until(event)
    return EventMessage(
        title=say("Not granted yet"),
        tone=Tone.WARNING,
        sentence=together(
            sentence(
                "Azure doesn't let me grant access to {secrets} yet.", secrets=secrets_of(request)
            ),
            sentence(
                "New permissions take a few minutes to take effect; I'll keep trying until "
                "{until}.",
                until=Named(until),
            ),
            answered,
        ),
    )


def no_room_yet(request: Request, event: Event, answered: Sentence = ()) -> EventMessage:
    """Say that a grant waits for room in the subscription; only auditors see Azure's answer."""
    return EventMessage(
        title=say("Not granted yet"),
        tone=Tone.WARNING,
        sentence=together(
            sentence(
                "The subscription is full of role assignments, so access to {secrets} has to wait.",
                secrets=secrets_of(request),
            ),
            sentence(
                "It starts as soon as other access has ended; I'll keep trying until {until}.",
                until=Named(_until(event)),
            ),
            answered,
        ),
    )


def _until(event: Event) -> str:
    """Return until when a grant is tried, which is a fact of the event."""
    until = moment_in(event, "until")
    return minute_of(until, event.at) if until else say("its time is up")


def _denied(request: Request, event: Event, _: Reader) -> EventMessage:
    return EventMessage(
        title=say("Request denied"),
        tone=Tone.BAD,
        sentence=sentence(
            "{actor} denied your request for {secrets}.",
            actor=actor_of(event),
            secrets=secrets_of(request),
        ),
        quoted=quoted(say("Reason"), fact(event, "reason")),
    )


def _lapsed(request: Request, _event: Event, _: Reader) -> EventMessage:
    return EventMessage(
        title=say("Request expired"),
        tone=Tone.WARNING,
        sentence=together(
            sentence(
                "Your request for {secrets} wasn't decided within {time}.",
                secrets=secrets_of(request),
                time=duration(request.lapses_at - request.requested_at),
            ),
            say("Nothing was granted. If you still need access, ask again."),
        ),
    )


def _revoked(request: Request, event: Event, reader: Reader) -> EventMessage:
    ended = _ended(request, event, reader)
    due, proof = rotation_due(request, event), proof_of(request)
    return replace(ended, sentence=together(ended.sentence, due, proof))


def _ended(request: Request, event: Event, reader: Reader) -> EventMessage:
    secrets = secrets_of(request)
    if still := still_readable(request, event.facts, YOU):
        return EventMessage(
            title=say(CONTINUES),
            tone=Tone.WARNING,
            sentence=together(
                sentence("Your grant for {secrets} has ended.", secrets=secrets),
                who_ended(request, reader),
                still,
                how_late(event),
                undecided_extension(request),
            ),
        )
    not_known = not_known_if_readable(request, event.facts, YOU)
    ended = sentence("Your access to {secrets} has ended.", secrets=secrets)
    if not_known:
        ended = sentence("Your grant for {secrets} has ended.", secrets=secrets)
    return EventMessage(
        title=say("Grant ended") if not_known else say("Access ended"),
        tone=Tone.QUIET,
        sentence=together(
            ended,
            who_ended(request, reader),
            how_it_ended(event),
            how_late(event),
            not_known,
            undecided_extension(request),
        ),
    )


def _stuck(request: Request, _event: Event, _: Reader) -> EventMessage:
    return EventMessage(
        title=say("Access not revoked yet"),
        tone=Tone.BAD,
        sentence=together(
            sentence(
                "Your access to {secrets} should have ended, but Azure hasn't confirmed its "
                "removal, so it may still work.",
                secrets=secrets_of(request),
            ),
            say("Please don't use it. Latchkey keeps trying to revoke it, and the admins know."),
        ),
    )


def _closed(request: Request, _event: Event, _: Reader) -> EventMessage:
    return EventMessage(
        title=say("Closed by an admin"),
        tone=Tone.WARNING,
        sentence=together(
            sentence("Your access to {secrets} is over.", secrets=secrets_of(request)),
            say(
                "An admin closed it because it couldn't be revoked as usual; Azure hasn't "
                "confirmed that it's gone. Please don't use it."
            ),
        ),
    )


def _failed(request: Request, event: Event, _: Reader) -> EventMessage:
    secrets = secrets_of(request)
    said = sentence(
        "Your request for {secrets} was approved, but nothing was granted.", secrets=secrets
    )
    if was_opened(event):
        said = sentence(
            "Your request for {secrets} was approved, but the grant failed.", secrets=secrets
        )
    if request.broke_glass:
        said = sentence("Your break-glass access to {secrets} wasn't granted.", secrets=secrets)
    return EventMessage(
        title=say("Access not granted"),
        tone=Tone.BAD,
        sentence=together(
            said, could_be_read(event), rotation_due(request, event), proof_of(request)
        ),
        quoted=quoted(say("What went wrong"), sentence_in(event)),
    )


def _unreachable(request: Request, event: Event, _: Reader) -> EventMessage:
    approver = text.line(fact(event, "name"), text.LONGEST_NAME) or say("An approver")
    return EventMessage(
        title=say("Approver not reachable"),
        tone=Tone.WARNING,
        sentence=together(
            sentence(
                "{approver} can't be reached in Teams, so your request for {secrets} was posted to "
                "the channel instead.",
                approver=Named(approver),
                secrets=secrets_of(request),
            ),
            say("You don't need to do anything."),
        ),
    )


def _started(request: Request, event: Event, _: Reader) -> EventMessage:
    return start_message(request, event, own=True)


_MESSAGES: Mapping[str, Callable[[Request, Event, Reader], EventMessage]] = {
    AccessEvent.NOT_ALLOWED_NOW: not_allowed,
    AccessEvent.NOT_PERMITTED_YET: lambda request, event, _: not_permitted_yet(request, event),
    AccessEvent.NO_ROOM_YET: lambda request, event, _: no_room_yet(request, event),
    **dict.fromkeys(START_EVENTS, _started),
    AccessEvent.GRANTED: granted_message,
    AccessEvent.DENIED: _denied,
    AccessEvent.LAPSED: _lapsed,
    AccessEvent.REVOKED: _revoked,
    AccessEvent.STUCK: _stuck,
    AccessEvent.CLOSED: _closed,
    AccessEvent.FAILED: _failed,
    AccessEvent.UNREACHABLE: _unreachable,
}
