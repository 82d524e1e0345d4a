"""Messages about break-glass access and its review."""

from dataclasses import replace

from cards.access.parts.scope import describe_scope
from cards.kit.elements import Field, Sentence
from cards.kit.message import (
    EventMessage,
    actor_of,
    approvers_then,
    fact,
    others_of,
    person,
    quoted,
    secrets_of,
)
from cards.kit.sentences import sentence, together
from cards.kit.times import duration
from cards.kit.tone import Tone
from cards.languages.texts import say
from domain.access.request import AccessEvent, Request
from domain.workflow import Event

REVIEW_EVENTS = frozenset({AccessEvent.BROKE_GLASS, AccessEvent.REVIEW_ASKED, AccessEvent.REVIEWED})


def review_message(request: Request, event: Event) -> EventMessage:
    """Write the message for an event; ValueError if its kind isn't about break-glass access."""
    match event.kind:
        case AccessEvent.BROKE_GLASS:
            return _asks_for_review(
                request, event, say("Break-glass access started"), _starts(request), Tone.BAD
            )
        case AccessEvent.REVIEW_ASKED:
            return _asks_for_review(
                request,
                event,
                say("Break-glass access not reviewed yet"),
                _started(request),
                Tone.WARNING,
            )
        case AccessEvent.REVIEWED:
            return EventMessage(
                title=say("Break-glass access reviewed"),
                tone=Tone.INFO,
                sentence=sentence(
                    "{actor} reviewed {who}'s break-glass access to {secrets}.",
                    actor=actor_of(event),
                    who=person(request.requester),
                    secrets=secrets_of(request),
                ),
                quoted=quoted(say("Note"), fact(event, "note")),
            )
        case kind:
            raise ValueError(f"{kind!r} is not about a review")


def question_message(request: Request, event: Event) -> EventMessage:
    """Write the message that asks for a review, of whoever can now; once there is one, say so."""
    review, asked = request.review, review_message(request, event)
    if event.kind == AccessEvent.REVIEWED:
        return asked
    asked = replace(asked, fields=_fields(request, others_of(request, request.review_terms)))
    if review is None:
        return asked
    reviewed = sentence("{who} has reviewed it.", who=person(review.approver))
    return replace(
        asked,
        title=say("Break-glass access reviewed"),
        tone=Tone.INFO,
        sentence=together(_started(request), reviewed),
    )


def _asks_for_review(
    request: Request, event: Event, title: str, what: Sentence, tone: Tone
) -> EventMessage:
    return EventMessage(
        title=title,
        tone=tone,
        sentence=together(what, say("An approver has to review it.")),
        fields=_fields(request, approvers_then(request, event, request.review_terms)),
        quoted=quoted(say("Why"), request.justification),
    )


def _fields(request: Request, approvers: str) -> tuple[Field, ...]:
    return (
        Field(say("Opens"), describe_scope(request.targets)),
        Field(say("Approvers"), approvers),
    )


def _starts(request: Request) -> Sentence:
    return sentence(
        "{who} starts break-glass access to {secrets} without approval, for {window}.",
        who=person(request.requester),
        secrets=secrets_of(request),
        window=duration(request.window),
    )


def _started(request: Request) -> Sentence:
    return sentence(
        "{who} started break-glass access to {secrets} without approval, for {window}.",
        who=person(request.requester),
        secrets=secrets_of(request),
        window=duration(request.window),
    )
