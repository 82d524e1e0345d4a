"""The message for a change of an open request's approvers."""

from cards.kit import text
from cards.kit.elements import Field
from cards.kit.message import EventMessage, fact, others_of, person, secrets_of
from cards.kit.tone import Tone
from domain.access.request import Request
from domain.workflow import Event


def new_approvers_message(request: Request, event: Event) -> EventMessage:
    """Say who decides a request now, who no longer does, and which approvals no longer count."""
    listed = [
        Field("Now asked", text.line(fact(event, "added"))),
        Field("No longer asked", text.line(fact(event, "removed"))),
        Field("No longer counts", _dropped(event)),
        Field("Approvers", text.names_of(others_of(request)) or "no one"),
        Field("Approvals needed", text.line(fact(event, "needed"))),
    ]
    return EventMessage(
        title="Approvers changed",
        tone=Tone.INFO if event.facts.get("enough") else Tone.WARNING,
        sentence=(
            f"{_what_changed(request)} changed for ",
            person(request.requester),
            "'s request for ",
            *secrets_of(request),
            ". The current approvers decide it.",
            "" if event.facts.get("enough") else _NOT_ENOUGH,
        ),
        fields=tuple(field for field in listed if field.value),
    )


_NOT_ENOUGH = " There aren't enough approvers to approve it."


def _what_changed(request: Request) -> str:
    """Say why other people decide now: leaving secrets out can be another reason."""
    if request.left_out:
        return "The policy, its approvers or the secrets have"
    return "The policy or its approvers have"


def _dropped(event: Event) -> str:
    names = text.line(fact(event, "no_longer_counts"))
    return f"the approval of {names}" if names else ""
