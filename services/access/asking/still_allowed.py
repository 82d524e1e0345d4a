"""Whether the people of a request could still ask for it: before a yes, and before more time."""

import asyncio
import logging

from domain.access.request import Request
from domain.refusals.decisions import NoLongerAllowed
from domain.refusals.requests import MembershipUnknown
from services.access.asking.offers import AccessOffers
from services.access.who_decides.approvers import Approvers
from services.faults import Unavailable, described
from services.people.directory import BRIEFLY

log = logging.getLogger(__name__)


class StillAllowed:
    """Asks the rules in force; they may have changed since the request was made."""

    def __init__(self, approvers: Approvers, offers: AccessOffers) -> None:
        self._approvers = approvers
        self._offers = offers

    async def require(self, request: Request) -> None:
        """Raise NoLongerAllowed if today's rules don't give these people this access.

        Without an answer from the directory they are what they were when they asked (ADR 22).
        Raises NoLongerRequestable.
        """
        today = self._approvers.policies_today(request)
        try:
            async with asyncio.timeout(BRIEFLY.total_seconds()):
                refused = await self._offers.why_not_now(request, today)
        except (Unavailable, TimeoutError) as fault:
            log.warning(
                "%s: can't check who may still ask for it: %s", request.id, described(fault)
            )
            return
        whom = request.beneficiary.name if request.beneficiary else ""
        for secret, why in refused.items():
            if not isinstance(why, MembershipUnknown):
                log.warning("%s: not allowed any more: %s", request.id, why)
                raise NoLongerAllowed(secret, request.requester.name, whom)
