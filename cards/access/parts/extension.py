"""An extension request that isn't decided, as every card of its access request shows it."""

from cards.kit import text
from cards.kit.elements import Field
from cards.kit.times import duration
from cards.languages.texts import say, say_count
from domain.access.request import Request
from domain.access.transitions.extensions import open_extension


def extension_fields(request: Request) -> list[Field]:
    """Draw the requested extension; empty if there is none."""
    extension_request = open_extension(request)
    if extension_request is None:
        return []
    return [
        Field(say("Extension requested"), duration(extension_request.by)),
        *allowed_so_far(request),
    ]


def allowed_so_far(request: Request) -> list[Field]:
    """Draw how many have allowed it, if more than one is needed."""
    extension_request, needed = open_extension(request), request.terms.min_approvals
    if extension_request is None or needed == 1:
        return []
    who = text.names_of(
        tuple(approval.approver.as_person() for approval in extension_request.approvals)
    )
    count = say_count(
        "{count} of {needed} have allowed it",
        "{count} of {needed} have allowed it",
        len(extension_request.approvals),
        needed=needed,
    )
    return [Field(say("Allowed by"), who or say("no one yet"), count)]


def undecided_extension(request: Request) -> str:
    """Say that more time was asked for, and not decided; empty if it wasn't, or was decided."""
    if request.extension is None:
        return ""
    more = duration(request.extension.by)
    either_asked = request.beneficiary is not None
    match either_asked, request.ended_before_its_window:
        case True, True:
            return say("The request for {more} more hadn't been decided by then.", more=more)
        case True, False:
            return say("The request for {more} more wasn't decided in time.", more=more)
        case False, True:
            return say("Your request for {more} more hadn't been decided by then.", more=more)
        case _:
            return say("Your request for {more} more wasn't decided in time.", more=more)
