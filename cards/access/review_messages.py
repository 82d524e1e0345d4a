"""What is told of access that was taken without approval, and of its review."""

from cards.access.scope import describe_scope
from cards.kit import text
from cards.kit.elements import Field
from cards.kit.message import EventMessage, actor_of, fact, person, quoted, secrets_of
from cards.kit.tone import Tone
from domain.access.request import AccessEvent, Request
from domain.durations import format_duration
from domain.workflow import Event

REVIEW_EVENTS = frozenset({AccessEvent.BROKE_GLASS, AccessEvent.REVIEW_ASKED, AccessEvent.REVIEWED})


def review_message(request: Request, event: Event) -> EventMessage:
    """Put an event into words; ValueError for a kind that is not about a review."""
    match event.kind:
        case AccessEvent.BROKE_GLASS:
            return _sentence(request, "Glass broken", "takes", Tone.BAD)
        case AccessEvent.REVIEW_ASKED:
            return _sentence(request, "Broken glass is not reviewed yet", "took", Tone.WARNING)
        case AccessEvent.REVIEWED:
            return EventMessage(
                title="Broken glass reviewed",
                tone=Tone.INFO,
                sentence=(
                    actor_of(event),
                    " has looked into the access that ",
                    person(request.requester),
                    " took to ",
                    *secrets_of(request),
                    " without approval.",
                ),
                quoted=quoted("Note", fact(event, "note")),
            )
        case kind:
            raise ValueError(f"{kind!r} is not about a review")


def _sentence(request: Request, title: str, takes: str, tone: Tone) -> EventMessage:
    return EventMessage(
        title=title,
        tone=tone,
        sentence=(
            person(request.requester),
            f" {takes} access to ",
            *secrets_of(request),
            f" without approval, for {format_duration(request.window)}. ",
            "An approver has to look into it and say so.",
        ),
        fields=(
            Field("Opens", describe_scope(request.targets)),
            Field("Approvers", text.names_of(request.terms.approvers)),
        ),
        quoted=quoted("Why", request.justification),
    )
