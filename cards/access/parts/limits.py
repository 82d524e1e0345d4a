"""The limits of approvals that allow less than was asked for."""

from datetime import timedelta

from cards.access.parts.left_out import left_out_fields
from cards.kit import text
from cards.kit.elements import Field, Named, Sentence
from cards.kit.message import person
from cards.kit.sentences import sentence
from cards.kit.times import duration
from cards.languages.texts import say
from domain.access.approval import Approval
from domain.access.request import Request
from domain.workflow import Event


def approved_by(request: Request, approval: Approval) -> Sentence:
    """Say who approved, and with which limits."""
    who = person(approval.approver)
    if limits := _limits_of(request, approval):
        return sentence("Approved by {who}, {limits}", who=who, limits=Named(limits))
    return sentence("Approved by {who}", who=who)


def less_fields(request: Request) -> list[Field]:
    """Draw by how much a grant is less than what was asked for; empty if it's all of it."""
    limited = [
        say("{limits}, by {name}", limits=limits, name=text.name_of(approval.approver))
        for approval in request.approvals
        if (limits := _limits_of(request, approval))
    ]
    allowed = [Field(say("Allowed"), "; ".join(limited))] if limited else []
    return [*allowed, *left_out_fields(request)]


def limits_in(request: Request, event: Event) -> str:
    """Describe the limits that an approval sets: ``for 30 minutes, only this secret``."""
    seconds = event.facts.get("window")
    window = timedelta(seconds=seconds) if isinstance(seconds, int | float) else None
    return _described(request, window, narrowed=bool(event.facts.get("narrowed")))


def _limits_of(request: Request, approval: Approval) -> str:
    return _described(request, approval.window, narrowed=approval.narrowed)


def _described(request: Request, window: timedelta | None, *, narrowed: bool) -> str:
    one = len(request.asked_for) == 1
    only = say("only this secret") if one else say("only these secrets")
    for_how_long = say("for {window}", window=duration(window)) if window else ""
    return ", ".join(filter(None, [for_how_long, only if narrowed else ""]))
