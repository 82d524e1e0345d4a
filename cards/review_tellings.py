"""What is told of access that was taken without approval, and of its review."""

from cards import text
from cards.elements import Field
from cards.scope import say_scope
from cards.telling import Telling, actor_of, fact, person, quoted, secrets_of
from cards.tone import Tone
from domain.access import AccessEvent, Request
from domain.durations import say_duration
from domain.workflow import Event

REVIEW_EVENTS = frozenset({AccessEvent.BROKE_GLASS, AccessEvent.REVIEW_ASKED, AccessEvent.REVIEWED})


def tell_review(request: Request, event: Event) -> Telling:
    """Put an event into words; ValueError for a kind that is not about a review."""
    match event.kind:
        case AccessEvent.BROKE_GLASS:
            return _told(request, "Glass broken", "takes", Tone.BAD)
        case AccessEvent.REVIEW_ASKED:
            return _told(request, "Broken glass is not reviewed yet", "took", Tone.WARNING)
        case AccessEvent.REVIEWED:
            return Telling(
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


def _told(request: Request, title: str, takes: str, tone: Tone) -> Telling:
    return Telling(
        title=title,
        tone=tone,
        sentence=(
            person(request.requester),
            f" {takes} access to ",
            *secrets_of(request),
            f" without approval, for {say_duration(request.window)}. ",
            "An approver has to look into it and say so.",
        ),
        fields=(
            Field("Opens", say_scope(request.targets)),
            Field("Approvers", text.names_of(request.terms.approvers)),
        ),
        quoted=quoted("Why", request.justification),
    )
