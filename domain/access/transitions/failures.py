"""Why nothing was granted; with several assignments a failure names the secrets concerned."""

from collections.abc import Sequence
from datetime import datetime

from domain.access.assignment import Assignment
from domain.access.grant import AzureAnswer
from domain.access.request import GRANT_PATIENCE, NO_ROOM, ROOM_PATIENCE, Request
from domain.reasons import Param, Reason
from domain.refusals.decisions import NoLongerAllowed, NoLongerRequestable, RequestNotConfirmed
from domain.refusals.requests import NobodyApprovesAll, NobodyCanApprove, NoCommonWindow, OfSeveral
from domain.refusals.secrets import CouldNotEnd

EARLIER_ACCESS_ENDS = "EarlierAccessEnds"
"""The code for waiting until the same access from an earlier request has ended."""

_ABOUT_REQUESTS = frozenset({OfSeveral.code, CouldNotEnd.code})

_NOT_PERMITTED = frozenset({401, 403})


def of_standing_access(request: Request, assignment: Assignment) -> Reason:
    """Explain that someone else already made the same assignment."""
    return Reason("assignment_exists", _which(request, request.opened_by(assignment)))


def of_refusal(request: Request, assignment: Assignment) -> Reason:
    """Explain that Azure refused to create an assignment."""
    return Reason("assignment_refused", _which(request, request.opened_by(assignment)))


def of_lock(request: Request, assignment: Assignment, scopes: Sequence[str]) -> Reason:
    """Explain that resource locks keep Azure from creating an assignment.

    ``scopes`` are the ARM scopes that Azure names as locked; there may be none.
    """
    which = _which(request, request.opened_by(assignment))
    return Reason("assignment_locked", {**which, "scopes": tuple(scopes)})


def of_lost_patience(request: Request) -> Reason:
    """Explain that not every assignment was made in time, and why if that is known."""
    waited_for_room = request.granted.awaits_room and not request.granted.made
    within = ROOM_PATIENCE if waited_for_room else GRANT_PATIENCE
    params = _which(request, request.not_made()) | {"within": within.total_seconds()}
    answer = request.answer or AzureAnswer()
    if answer.code == EARLIER_ACCESS_ENDS:
        return Reason("earlier_access_ends", params)
    if answer.code == NO_ROOM:
        return Reason("assignment_limit_reached", _which(request, request.not_made()))
    if answer.status in _NOT_PERMITTED:
        return Reason("assignment_not_permitted_in_time", params)
    return Reason("assignment_not_made_in_time", params)


def of_obstacle(why: Reason) -> Reason:
    """Explain that nothing was granted because of what was found before it was tried."""
    return Reason("nothing_granted", parts=(why,))


def of_lost_approvals(approvers: Sequence[str]) -> Reason:
    """Explain that too few approvals still count; ``approvers`` gave those that no longer do."""
    return Reason("approvals_no_longer_count", {"approvers": tuple(approvers)})


def of_refused_start(why: Reason) -> Reason:
    """Explain that today's rules, people or secrets don't allow approved access to start."""
    return Reason("nothing_granted", parts=_own_reasons(why))


def of_refused_retry(why: Reason) -> Reason:
    """Explain that today's rules, people or secrets don't allow a grant that has been tried."""
    return Reason("grant_stopped", parts=_own_reasons(why))


def _own_reasons(why: Reason) -> tuple[Reason, ...]:
    """Leave out what says that no request was made: this one was, and was approved."""
    if why.code not in _ABOUT_REQUESTS:
        return (_of_today(why),)
    return tuple(reason for part in why.parts for reason in _own_reasons(part))


def _of_today(why: Reason) -> Reason:
    match why.code:
        case NobodyCanApprove.code:
            return Reason("too_few_approvers_today", why.params)
        case NobodyApprovesAll.code:
            return Reason("too_few_approve_all_today", why.params)
        case NoCommonWindow.code:
            return Reason("no_common_window_today", why.params)
        case RequestNotConfirmed.code:
            return Reason("not_confirmed_today", why.params)
        case _:
            return why


def of_not_allowed(why: Reason) -> Reason:
    """Explain why what waits isn't allowed now; it may have been approved already."""
    match why.code:
        case NoLongerAllowed.code:
            return Reason("not_allowed_today", why.params)
        case NoLongerRequestable.code:
            return Reason("not_requestable_today", why.params)
        case _:
            return _of_today(why)


def of_unchecked_start() -> Reason:
    """Explain that what the approval relied on couldn't be checked again at the start."""
    return Reason("start_not_checked", {"within": GRANT_PATIENCE.total_seconds()})


def of_missed_start(starts_at: datetime) -> Reason:
    """Explain that the time that was asked for is over."""
    return Reason("start_missed", {"at": starts_at.isoformat()})


def _which(request: Request, secrets: Sequence[str]) -> dict[str, Param]:
    return {} if len(request.assignments) == 1 else {"secrets": tuple(secrets)}
