"""Messages about waiting requests and ending access: reminders, warnings, extensions."""

from dataclasses import replace
from datetime import timedelta

from cards.kit import text
from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, actor_of, fact, moment_in, person, quoted, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import duration, utc
from cards.kit.tone import Tone
from cards.languages.texts import listed, say
from domain.access.request import AccessEvent, Request
from domain.access.transitions.extensions import is_open_extension
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
            said = together(_waits(request), _who_reminds(event))
            return _message(say("Still waiting for approval"), Tone.WARNING, said)
        case AccessEvent.ESCALATED:
            said = together(_waits(request), _who_is_asked(event))
            return _message(say("Escalated"), Tone.WARNING, said)
        case AccessEvent.EXPIRES_SOON:
            return _message(say("Access ends soon"), Tone.WARNING, _ends(request, event))
        case AccessEvent.EXTENSION_ASKED:
            return _message(say("Extension requested"), Tone.INFO, extension_asked(request, event))
        case AccessEvent.EXTENSION_ALLOWED:
            title = say("Extension allowed, not extended yet")
            return _answer(title, Tone.INFO, _allowed(request, event), event)
        case AccessEvent.EXTENDED:
            return _answer(say("Access extended"), Tone.GOOD, _extended(request, event), event)
        case AccessEvent.EXTENSION_DENIED:
            return _answer(say("Extension denied"), Tone.QUIET, _denied(request, event), event)
        case kind:
            raise ValueError(f"{kind!r} is not about a window")


def _message(title: str, tone: Tone, said: Sentence) -> EventMessage:
    return EventMessage(title=title, tone=tone, sentence=said)


def _answer(title: str, tone: Tone, said: Sentence, event: Event) -> EventMessage:
    """Write a message about an approver's answer, with what they typed with it."""
    message = _message(title, tone, said)
    return replace(message, quoted=quoted(say("Note"), fact(event, "note")))


def _waits(request: Request) -> Sentence:
    return sentence(
        "{who}'s request for {secrets} expires on {time}.",
        who=person(request.requester),
        secrets=secrets_of(request),
        time=utc(request.lapses_at),
    )


def _who_reminds(event: Event) -> Sentence:
    """Say who asked for a reminder; empty if it was time for one."""
    if event.actor is None:
        return ()
    return sentence("{who} asked for this reminder.", who=person(event.actor))


def _who_is_asked(event: Event) -> Sentence:
    people, groups = text.line(fact(event, "asked")), text.line(fact(event, "asked_groups"))
    members = say("members of {group}", group=groups) if groups else ""
    asked = listed([some for some in (people, members) if some]) or say("no one else")
    return sentence("Also asked now: {names}.", names=Named(asked))


def _ends(request: Request, event: Event) -> Sentence:
    return sentence(
        "{who}'s access to {secrets} ends on {end}.",
        who=person(request.holder),
        secrets=secrets_of(request),
        end=_end(event),
    )


def extension_asked(request: Request, event: Event) -> Sentence:
    """Say how much more time is requested, and when access ends now."""
    who, secrets, more = actor_of(event), secrets_of(request), more_in(event)
    end, reader = _end_when_asked(request, event), person(request.holder)
    if event.actor is None:
        return sentence(
            "{reader}'s access to {secrets} ends on {end}, and {more} more is requested.",
            reader=reader,
            secrets=secrets,
            end=end,
            more=more,
        )
    if event.actor.object_id == request.holder.object_id:
        return sentence(
            "{who} asks for {more} more access to {secrets}, which ends on {end}.",
            who=who,
            more=more,
            secrets=secrets,
            end=end,
        )
    return sentence(
        "{who} asks for {more} more access for {reader} to {secrets}, which ends on {end}.",
        who=who,
        more=more,
        reader=reader,
        secrets=secrets,
        end=end,
    )


def _allowed(request: Request, event: Event) -> Sentence:
    return together(
        sentence("{actor} allowed {more} more.", actor=actor_of(event), more=more_in(event)),
        sentence(
            "{count} of {needed} have allowed it; {who}'s access to {secrets} still ends on {end}.",
            count=text.line(fact(event, "approvals")),
            needed=text.line(fact(event, "needed")),
            who=person(request.holder),
            secrets=secrets_of(request),
            end=_end(event),
        ),
    )


def _extended(request: Request, event: Event) -> Sentence:
    return together(
        sentence(
            "{actor} extended {who}'s access to {secrets} by {more}.",
            actor=actor_of(event),
            who=person(request.holder),
            secrets=secrets_of(request),
            more=more_in(event),
        ),
        sentence("It now ends on {end}.", end=_end(event)),
    )


def _denied(request: Request, event: Event) -> Sentence:
    return sentence(
        "{actor} denied more time: {who}'s access to {secrets} still ends on {end}.",
        actor=actor_of(event),
        who=person(request.holder),
        secrets=secrets_of(request),
        end=_end(event),
    )


def more_in(event: Event) -> str:
    """Return how much more time an event is about."""
    seconds = event.facts.get("by")
    return duration(timedelta(seconds=seconds if isinstance(seconds, int | float) else 0))


def _end_when_asked(request: Request, event: Event) -> Named:
    """Return when access was to end then; older versions left that out of the event."""
    expires_at = request.granted.expires_at
    if not fact(event, "expires_at") and expires_at and is_open_extension(request, event):
        return Named(utc(expires_at))
    return _end(event)


def _end(event: Event) -> Named:
    expires_at = moment_in(event, "expires_at")
    return Named(utc(expires_at) if expires_at else say("an unknown date"))
