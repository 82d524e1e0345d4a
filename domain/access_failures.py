"""Why nothing was granted, in sentences for people; of several assignments they say which one."""

from collections.abc import Sequence

from domain.access import GRANT_PATIENCE, Request
from domain.assignment import Assignment
from domain.durations import say_duration
from domain.names import listed


def of_standing_access(request: Request, assignment: Assignment) -> str:
    """Say that somebody else has assigned the same already."""
    opens = listed(request.opened_by(assignment))
    what = "This access" if len(request.assignments) == 1 else f"Access to {opens}"
    return (
        f"{what} exists already, assigned by someone else. "
        "It was left as it is, and nothing was added."
    )


def of_refusal(request: Request, assignment: Assignment) -> str:
    """Say that Azure will not make an assignment."""
    which = _which(request, request.opened_by(assignment))
    return f"Azure refused to make the role assignment{which}. An admin has to look at it."


def of_lost_patience(request: Request) -> str:
    """Say that Azure has made too little for too long."""
    which = _which(request, request.not_made())
    patience = say_duration(GRANT_PATIENCE)
    return f"Azure did not make the role assignment{which} within {patience}."


def _which(request: Request, secrets: Sequence[str]) -> str:
    return "" if len(request.assignments) == 1 else f" for {listed(secrets)}"
