"""More time without an approval: the policy in force has to give it, too."""

import logging
from collections.abc import Sequence
from datetime import timedelta

from domain.access.request import Request
from domain.access.rules.policy import Policy
from domain.access.transitions import extensions
from services.access.asking.offers import AccessOffers
from services.access.who_decides.approvers import Approvers
from services.faults import Unavailable

log = logging.getLogger(__name__)


class FreeExtensions:
    """Decides whether more time needs no approval; what can't be checked is up to approvers."""

    def __init__(self, approvers: Approvers, offers: AccessOffers) -> None:
        self._approvers = approvers
        self._offers = offers

    async def gives(self, request: Request, by: timedelta) -> bool:
        """Return whether this much more time is given freely.

        Raises NoLongerRequestable or RequesterGone where an approver couldn't allow it either.
        """
        if not request.terms.extend_freely:
            return False
        today = self._approvers.policies_today(request)
        if not extensions.needs_no_approval(request, by, today):
            return False
        if not await self._could_be_asked_for(request, today):
            return False
        await self._approvers.require_present(request)
        return True

    async def _could_be_asked_for(self, request: Request, today: Sequence[Policy]) -> bool:
        """Return whether these people could ask for this access today, as far as is known."""
        try:
            return not await self._offers.why_not_now(request, today)
        except Unavailable as fault:
            log.warning("%s: not extended without approval: %s", request.id, fault)
            return False
