"""Who can see an access request, cancel it, or end its access early."""

from collections.abc import Collection

from domain.access.request import Request, RequestState
from domain.access.rules.policy import ALLOWED, Decision
from domain.people import NO_GROUPS, Actor
from domain.refusals.decisions import NoLongerPending
from domain.refusals.endings import (
    AlreadyEnded,
    NoAccessToEnd,
    NothingGrantedYet,
    NotYoursToCancel,
    NotYoursToGiveBack,
    TooLateToCancel,
    WindowOver,
)
from domain.refusals.records import NothingToSee
from domain.refusals.refusal import Refusal

_ENDABLE = frozenset({RequestState.SCHEDULED, RequestState.GRANTING, RequestState.ACTIVE})
_CANCELLABLE = frozenset({RequestState.PENDING, RequestState.SCHEDULED})
_ENDING = frozenset({RequestState.REVOKING, RequestState.STUCK, RequestState.REVOKED})


def decide_sight(
    request: Request,
    actor: Actor,
    *,
    is_admin: bool,
    memberships: Collection[str] = NO_GROUPS,
) -> Decision:
    """Decide whether this person can see a request: requester, grantee, approvers and admins."""
    if is_admin or actor.object_id in request.involved:
        return ALLOWED
    if request.terms.let_decide(actor.object_id, memberships):
        return ALLOWED
    return Decision(NothingToSee())


def decide_cancel(
    request: Request,
    actor: Actor,
    *,
    is_admin: bool,
    memberships: Collection[str] = NO_GROUPS,
) -> Decision:
    """Decide whether this person can cancel a request now."""
    sight = decide_sight(request, actor, is_admin=is_admin, memberships=memberships)
    if not sight.allowed:
        return sight
    if request.state not in _CANCELLABLE | _ENDABLE:
        return Decision(NoLongerPending(request.state))
    if not is_requester(request, actor):
        return Decision(NotYoursToCancel(request.requester.name))
    if request.state in _CANCELLABLE:
        return ALLOWED
    return Decision(TooLateToCancel(request.id))


def decide_end(
    request: Request,
    actor: Actor,
    *,
    is_admin: bool,
    memberships: Collection[str] = NO_GROUPS,
) -> Decision:
    """Decide whether this person can end a request's access now, or before it starts."""
    sight = decide_sight(request, actor, is_admin=is_admin, memberships=memberships)
    if not sight.allowed:
        return sight
    if request.state in _ENDABLE:
        return ALLOWED
    return Decision(_why_no_end(request))


def decide_give_back(request: Request, actor: Actor) -> Decision:
    """Decide whether this person can give access back because they're done with it."""
    sight = decide_sight(request, actor, is_admin=False)
    if not sight.allowed:
        return sight
    if actor.object_id not in request.involved:
        return Decision(NotYoursToGiveBack(request.holder.name))
    return decide_end(request, actor, is_admin=False)


def is_requester(request: Request, actor: Actor) -> bool:
    return actor.object_id == request.requester.object_id


def _why_no_end(request: Request) -> Refusal:
    if request.state is RequestState.PENDING:
        return NothingGrantedYet(request.id)
    if request.state in _ENDING and request.ended_by and request.revoke_since:
        return AlreadyEnded(request.ended_by.name, request.revoke_since)
    if request.state in _ENDING and request.failure is None:
        return WindowOver(request.grant.expires_at if request.grant else None)
    return NoAccessToEnd(request.state)
