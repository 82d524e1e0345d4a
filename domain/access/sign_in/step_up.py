"""Whether a fresh sign-in confirms what a person does."""

from dataclasses import replace
from datetime import datetime, timedelta

from domain.access.approval import Approval
from domain.access.fresh_sign_in import FreshSignIn
from domain.access.request import Request
from domain.access.rules.policy import ALLOWED, Decision
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from domain.people import Actor
from domain.refusals.decisions import RequestNotConfirmed
from domain.refusals.sign_ins import (
    SignedInAsSomeoneElse,
    SignInFromTheFuture,
    SignInTooOld,
    SignInTooWeak,
    StepUpNeeded,
)
from domain.workflow import Change, Event, Fact, HeadT

SKEW = timedelta(minutes=1)
"""How far Entra's clock may be ahead of ours."""


def decide_step_up(
    rule: StepUpRule, act: StepUpAct, actor: Actor, sign_in: FreshSignIn | None, now: datetime
) -> Decision:
    """Decide whether this person has confirmed this act as the rule requires."""
    if not rule.covers(act):
        return ALLOWED
    if sign_in is None:
        return Decision(StepUpNeeded(rule.contexts, rule.max_age))
    if sign_in.person_id != actor.object_id:
        return Decision(SignedInAsSomeoneElse())
    if sign_in.at > now + SKEW:
        return Decision(SignInFromTheFuture())
    if now - sign_in.at > rule.max_age:
        return Decision(SignInTooOld(rule.max_age))
    missing = [context for context in rule.contexts if context not in sign_in.contexts]
    if missing:
        return Decision(SignInTooWeak(missing))
    return ALLOWED


def is_confirmed(approval: Approval, rule: StepUpRule) -> bool:
    """Return whether an approval would have been taken under this rule when it was given."""
    return decide_step_up(
        rule, StepUpAct.APPROVE, approval.approver, approval.sign_in, approval.at
    ).allowed


def decide_confirmation(request: Request, rule: StepUpRule) -> Decision:
    """Decide whether a request would have been taken under this rule when it was made."""
    act = StepUpAct.BREAK_GLASS if request.broke_glass else StepUpAct.REQUEST
    decision = decide_step_up(rule, act, request.requester, request.sign_in, request.requested_at)
    if decision.allowed:
        return ALLOWED
    return Decision(RequestNotConfirmed(request.requester.name))


def confirmed(change: Change[HeadT], sign_in: FreshSignIn | None) -> Change[HeadT]:
    """Add the sign-in that confirmed a change to the events of its person."""
    if sign_in is None:
        return change
    facts = facts_of_sign_in(sign_in)
    events = tuple(
        replace(event, facts={**event.facts, **facts}) if _is_by(event, sign_in) else event
        for event in change.events
    )
    return Change(change.head, events)


def facts_of_sign_in(sign_in: FreshSignIn) -> dict[str, Fact]:
    """Return the facts that an event keeps of a sign-in."""
    facts: dict[str, Fact] = {"signed_in_at": sign_in.at.isoformat()}
    if sign_in.methods:
        facts["signed_in_by"] = ", ".join(sign_in.methods)
    if sign_in.contexts:
        facts["signed_in_for"] = ", ".join(sign_in.contexts)
    return facts


def _is_by(event: Event, sign_in: FreshSignIn) -> bool:
    return event.actor is not None and event.actor.object_id == sign_in.person_id
