"""The start of scheduled access: what the approval relied on is checked again."""

import logging

from domain import refusals
from domain.access import failures, starts
from domain.access.request import Request, RequestState
from domain.reasons import Reason
from domain.refusals import Refusal
from domain.workflow import Change
from services.access.approvers import Approvers
from services.access.offers import AccessOffers
from services.clock import Clock
from services.faults import Unavailable

log = logging.getLogger(__name__)


class Starts:
    """Checks people, policy, approvals and secrets at the start, and never grants unchecked."""

    def __init__(self, offers: AccessOffers, approvers: Approvers, clock: Clock) -> None:
        self._offers = offers
        self._approvers = approvers
        self._clock = clock

    async def start(self, request: Request) -> Change[Request]:
        """Return the intent to grant, or the end of a request that must not start.

        Raises a Fault while something can't be checked.
        """
        if request.starts_at and starts.is_missed(request, self._clock()):
            return self._refused(request, failures.of_missed_start(request.starts_at))
        try:
            followed = await self._approvers.at_start(request)
            head = followed.head if followed else request
            if followed and head.state is not RequestState.SCHEDULED:
                return followed
            await self._require_requestable(head)
        except Refusal as refusal:
            return self._refused(request, failures.of_refused_start(refusal.reason))
        begun = starts.start(head, self._clock())
        return Change(begun.head, (*(followed.events if followed else ()), *begun.events))

    async def _require_requestable(self, request: Request) -> None:
        """Raise a Refusal if these people can't get this access under today's rules."""
        whom = request.beneficiary.object_id if request.beneficiary else ""
        try:
            offer = await self._offers.offer(request.requester, request.secrets, whom)
        except Refusal as refusal:
            if _is_outage(refusal.reason):
                raise Unavailable("the directory", refusal.reason) from refusal
            raise
        rules = offer.rules
        if request.window > rules.longest:
            raise refusals.DurationOutOfBounds(rules.shortest, rules.longest)

    def _refused(self, request: Request, why: Reason) -> Change[Request]:
        log.warning("%s: not started: %s", request.id, why)
        return starts.refuse_start(request, why, self._clock())


def _is_outage(why: Reason) -> bool:
    """Return whether something couldn't be found out, for one of the secrets at least."""
    return why.code == refusals.MembershipUnknown.code or any(map(_is_outage, why.parts))
