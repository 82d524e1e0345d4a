"""The message for a change of an open request's approvers."""

from cards.kit import text
from cards.kit.elements import Field
from cards.kit.message import EventMessage, fact, others_of, person, secrets_of
from cards.kit.tone import Tone
from domain.access.request import Request
from domain.names import listed
from domain.workflow import Event


def new_approvers_message(request: Request, event: Event) -> EventMessage:
    """Say who decides a request now, who no longer does, and which approvals no longer count."""
    shown = [
        Field("Now asked", _asked(event, "added")),
        Field("No longer asked", _asked(event, "removed")),
        Field("No longer counts", _dropped(event)),
        Field("Approvers", others_of(request) or "no one"),
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
        fields=tuple(field for field in shown if field.value),
    )


_NOT_ENOUGH = " There aren't enough approvers to approve it."


def _asked(event: Event, how: str) -> str:
    groups = text.line(fact(event, f"{how}_groups"))
    people = text.line(fact(event, how))
    return listed([*([people] if people else []), *([f"members of {groups}"] if groups else [])])


def _what_changed(request: Request) -> str:
    """Say why other people decide now: leaving secrets out can be another reason."""
    if request.left_out:
        return "The policy, its approvers or the secrets have"
    return "The policy or its approvers have"


def _dropped(event: Event) -> str:
    names = text.line(fact(event, "no_longer_counts"))
    return f"the approval of {names}" if names else ""
