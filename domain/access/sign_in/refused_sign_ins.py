"""Records of sign-ins that confirmed nothing."""

from dataclasses import replace
from datetime import datetime

from domain.access.request import AccessEvent, Request, RequestState
from domain.people import Actor
from domain.reasons import facts_of_reason
from domain.refusals.refusal import Refusal
from domain.workflow import Change, Event, Fact


def refuse_sign_in(
    request: Request, actor: Actor, act: str, refusal: Refusal, now: datetime
) -> Change[Request]:
    """Record that a sign-in didn't confirm what this person did; the request stays as it is.

    ``act`` is what it should have confirmed: an approval, or more time.
    """
    facts: dict[str, Fact] = {"act": act, **facts_of_reason(refusal.reason)}
    return Change(request, (Event(AccessEvent.SIGN_IN_REFUSED, now, actor, facts),))


def refuse_unconfirmed(
    request: Request, act: str, refusal: Refusal, now: datetime
) -> Change[Request]:
    """Record a request that was never made, since its requester didn't confirm it."""
    head = replace(request, state=RequestState.FAILED, failure=refusal.reason)
    return refuse_sign_in(head, request.requester, act, refusal, now)
