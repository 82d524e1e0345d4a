"""Messages about break-glass access and its review."""

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
    """Write the message for an event; ValueError if its kind isn't about break-glass access."""
    match event.kind:
        case AccessEvent.BROKE_GLASS:
            return _sentence(request, "Break-glass access started", "starts", Tone.BAD)
        case AccessEvent.REVIEW_ASKED:
            return _sentence(
                request, "Break-glass access not reviewed yet", "started", Tone.WARNING
            )
        case AccessEvent.REVIEWED:
            return EventMessage(
                title="Break-glass access reviewed",
                tone=Tone.INFO,
                sentence=(
                    actor_of(event),
                    " reviewed ",
                    person(request.requester),
                    "'s break-glass access to ",
                    *secrets_of(request),
                    ".",
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
            f" {takes} break-glass access to ",
            *secrets_of(request),
            f" without approval, for {format_duration(request.window)}. ",
            "An approver has to review it.",
        ),
        fields=(
            Field("Opens", describe_scope(request.targets)),
            Field("Approvers", text.approvers_of(request.terms.named)),
        ),
        quoted=quoted("Why", request.justification),
    )
