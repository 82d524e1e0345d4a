"""Break-glass access: granted at once without approval, and reviewed afterwards."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.access.approval import Review
from domain.access.grant import Grant
from domain.access.request import GRANT_PATIENCE, AccessEvent, Request, RequestState
from domain.access.rules.policy import ALLOWED, Decision
from domain.access.transitions.approvers_then import facts_of_approvers
from domain.people import NO_GROUPS, Actor, Person
from domain.refusals.decisions import NotAnApprover, NothingToReview, OwnReview
from domain.workflow import Change, Event, Fact

ASK_AGAIN_AFTER = timedelta(days=1)
"""How often to ask the approvers for a review until there is one."""


def take(request: Request, admins: Sequence[Person]) -> Change[Request]:
    """State the intent to grant at once; the approvers and these admins get a message."""
    now = request.requested_at
    head = replace(
        request,
        state=RequestState.GRANTING,
        grant=Grant(give_up_at=now + GRANT_PATIENCE),
        broke_glass=True,
        admins=tuple(admins),
        review_at=now + ASK_AGAIN_AFTER,
        remind_at=None,
        escalate_at=None,
    )
    facts: dict[str, Fact] = {
        "justification": request.justification,
        "window": request.window.total_seconds(),
        **facts_of_approvers(head, head.review_terms),
    }
    return Change(head, (Event(AccessEvent.BROKE_GLASS, now, request.requester, facts),))


def ask_review(request: Request, now: datetime) -> Change[Request]:
    """Ask the approvers for a review again."""
    head = replace(request, review_at=now + ASK_AGAIN_AFTER)
    facts = facts_of_approvers(head, head.review_terms)
    return Change(head, (Event(AccessEvent.REVIEW_ASKED, now, None, facts),))


def awaits_review(request: Request) -> bool:
    """Return whether this is break-glass access that no one has reviewed yet."""
    return request.broke_glass and request.review is None


def decide_review(
    request: Request, actor: Actor, memberships: Collection[str] = NO_GROUPS
) -> Decision:
    """Decide whether this person can review break-glass access."""
    if actor.object_id in request.involved:
        return Decision(OwnReview())
    if not request.review_terms.let_decide(actor.object_id, memberships):
        return Decision(NotAnApprover(request.review_terms.named.without(request.involved)))
    if not awaits_review(request):
        return Decision(NothingToReview())
    return ALLOWED


def review(request: Request, actor: Actor, note: str, now: datetime) -> Change[Request]:
    """Record an approver's review; ``note`` can be empty."""
    head = replace(request, review=Review(actor, now, note), review_at=None)
    return Change(head, (Event(AccessEvent.REVIEWED, now, actor, {"note": note}),))
