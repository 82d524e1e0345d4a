"""Audit messages for access that has ended but is not confirmed to be gone."""

from cards.kit.elements import Named, Sentence
from cards.kit.message import EventMessage, actor_of, fact, moment_in, person, quoted, secrets_of
from cards.kit.sentences import sentence, together
from cards.kit.times import utc
from cards.kit.tone import Tone
from cards.languages.texts import say
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


def _watched(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Making sure access is gone"),
        tone=Tone.INFO,
        sentence=together(_what_was_found(request, event), _why_checked(request, event)),
    )


def _what_was_found(request: Request, event: Event) -> Sentence:
    who, secrets = person(request.holder), secrets_of(request)
    if event.facts.get("found"):
        return sentence("{who}'s access to {secrets} was removed.", who=who, secrets=secrets)
    return sentence("{who}'s access to {secrets} isn't there.", who=who, secrets=secrets)


def _why_checked(request: Request, event: Event) -> Sentence:
    until = Named(utc(moment_in(event, "until") or event.at))
    if event.facts.get("unanswered", request.unanswered):  # older versions left it out
        return sentence(
            "Azure didn't answer an earlier request and may still carry it out until {until}, so "
            "Latchkey keeps checking until then.",
            until=until,
        )
    return sentence(
        "Azure may not show the role assignment it created until {until}, so Latchkey keeps "
        "checking until then.",
        until=until,
    )


def _retried(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Retrying now"),
        tone=Tone.INFO,
        sentence=sentence(
            "{actor} asked Latchkey to revoke {who}'s access to {secrets} now.",
            actor=actor_of(event),
            who=person(request.holder),
            secrets=secrets_of(request),
        ),
    )


def _closed(request: Request, event: Event) -> EventMessage:
    return EventMessage(
        title=say("Closed by an admin, removal not confirmed"),
        tone=Tone.BAD,
        sentence=together(
            sentence(
                "{actor} closed {who}'s access to {secrets}.",
                actor=actor_of(event),
                who=person(request.holder),
                secrets=secrets_of(request),
            ),
            say(
                "Latchkey no longer tries to revoke it, and Azure hasn't confirmed that it's gone."
            ),
        ),
        quoted=quoted(say("Reason"), fact(event, "reason")),
    )
