"""What is told where the approvers of an open request change."""

from cards.kit import text
from cards.kit.elements import Field
from cards.kit.message import EventMessage, fact, others_of, person, secrets_of
from cards.kit.tone import Tone
from domain.access.request import Request
from domain.workflow import Event


def new_approvers_message(request: Request, event: Event) -> EventMessage:
    """Say who decides a request now, who doesn't any more, and what no longer counts."""
    listed = [
        Field("Now asked", text.line(fact(event, "added"))),
        Field("No longer asked", text.line(fact(event, "removed"))),
        Field("No longer counts", _dropped(event)),
        Field("Approvers", text.names_of(others_of(request)) or "nobody"),
        Field("Approvals needed", text.line(fact(event, "needed"))),
    ]
    return EventMessage(
        title="Approvers changed",
        tone=Tone.INFO if event.facts.get("enough") else Tone.WARNING,
        sentence=(
            "The rules or the people they name have changed for the request of ",
            person(request.requester),
            " for ",
            *secrets_of(request),
            ". Today's approvers decide it.",
            "" if event.facts.get("enough") else _NOT_ENOUGH,
        ),
        fields=tuple(field for field in listed if field.value),
    )


_NOT_ENOUGH = " There aren't enough of them to approve it."


def _dropped(event: Event) -> str:
    names = text.line(fact(event, "no_longer_counts"))
    return f"the approval of {names}" if names else ""
