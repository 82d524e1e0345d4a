"""Approvers' answers to a request: who can give one now, and what one can allow."""

from collections.abc import Collection
from datetime import timedelta

from domain.access.request import Request, RequestState
from domain.access.rules.policy import ALLOWED, Decision
from domain.people import NO_GROUPS, Actor
from domain.refusals.decisions import (
    AlreadyApproved,
    AlreadyDecided,
    NoLongerPending,
    NotAnApprover,
    NotLess,
    SelfApproval,
)
from domain.refusals.refusal import Refusal
from domain.refusals.requests import UnreadableDuration


def decide_answer(
    request: Request, actor: Actor, memberships: Collection[str] = NO_GROUPS
) -> Decision:
    """Decide whether this person can answer this request now.

    Someone who approved it can still deny it until there are enough approvals.
    """
    if actor.object_id in request.involved:
        return Decision(SelfApproval())
    if not request.terms.let_decide(actor.object_id, memberships):
        return Decision(NotAnApprover(request.terms.named.without(request.involved)))
    if request.state is not RequestState.PENDING:
        return Decision(_why_decided(request))
    return ALLOWED


def decide_approval(
    request: Request, actor: Actor, memberships: Collection[str] = NO_GROUPS
) -> Decision:
    """Decide whether this person can approve this request now: each approver counts once."""
    decision = decide_answer(request, actor, memberships)
    if decision.allowed and has_approved(request, actor.object_id):
        return Decision(AlreadyApproved())
    return decision


def has_approved(request: Request, person_id: str) -> bool:
    """Return whether a person has approved this request, and their approval still counts."""
    return person_id in {approval.approver.object_id for approval in request.approvals}


def decide_less(request: Request, window: timedelta | None) -> Decision:
    """Decide whether an approver can set this window: it can be shorter, never longer."""
    if window is None:
        return Decision(UnreadableDuration())
    if not min(request.terms.shortest, request.window) <= window <= request.window:
        return Decision(NotLess(request.terms.shortest, request.window))
    return ALLOWED


def _why_decided(request: Request) -> Refusal:
    if request.denial and request.denial.approver:
        return AlreadyDecided("denied", request.denial.approver.name, request.denial.at)
    if request.approvals and (request.grant or request.state is RequestState.SCHEDULED):
        last = request.approvals[-1]
        return AlreadyDecided("approved", last.approver.name, last.at)
    return NoLongerPending(request.state)
