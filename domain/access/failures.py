"""Why nothing was granted, as sentences; with several assignments they say which one."""

from collections.abc import Sequence

from domain.access.assignment import Assignment
from domain.access.request import GRANT_PATIENCE, AzureAnswer, Request
from domain.durations import format_duration
from domain.names import listed

EARLIER_ACCESS_ENDS = "EarlierAccessEnds"
"""The code for waiting until the same access from an earlier request has ended."""

_NOT_PERMITTED = frozenset({401, 403})


def of_standing_access(request: Request, assignment: Assignment) -> str:
    """Explain that someone else already made the same assignment."""
    opens = listed(request.opened_by(assignment))
    what = "This access" if len(request.assignments) == 1 else f"Access to {opens}"
    return (
        f"{what} exists already, assigned by someone else. "
        "It was left as it is, and nothing was added."
    )


def of_refusal(request: Request, assignment: Assignment) -> str:
    """Explain that Azure refused to make an assignment."""
    which = _which(request, request.opened_by(assignment))
    return f"Azure refused to make the role assignment{which}. An admin has to look at it."


def of_lock(request: Request, assignment: Assignment, where: str) -> str:
    """Explain that a resource lock on ``where`` keeps Azure from making an assignment."""
    which = _which(request, request.opened_by(assignment))
    return (
        f"A resource lock on {where} keeps Azure from making the role assignment{which}. "
        "An admin has to look at it."
    )


def of_limit(request: Request, assignment: Assignment) -> str:
    """Explain that the subscription has reached Azure's limit of role assignments.

    Source: Microsoft Learn, "Azure RBAC limits": 4,000 role assignments per subscription.
    """
    which = _which(request, request.opened_by(assignment))
    return (
        f"This subscription has no room for another role assignment{which}: Azure allows 4,000. "
        "An admin has to remove some that are no longer needed."
    )


def of_lost_patience(request: Request) -> str:
    """Explain that not every assignment was made in time, and why if that is known."""
    which = _which(request, request.not_made())
    patience = format_duration(GRANT_PATIENCE)
    answer = request.answer or AzureAnswer()
    if answer.code == EARLIER_ACCESS_ENDS:
        return (
            f"The same access from an earlier request{which} is still being taken away, and was "
            f"not gone within {patience}. Ask again once it has ended."
        )
    if answer.status in _NOT_PERMITTED:
        return (
            f"Azure did not let me make the role assignment{which} within {patience}: "
            "I lack the permission. An admin has to look at it."
        )
    return f"Azure did not make the role assignment{which} within {patience}."


def _which(request: Request, secrets: Sequence[str]) -> str:
    return "" if len(request.assignments) == 1 else f" for {listed(secrets)}"
