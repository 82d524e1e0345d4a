"""Brings open requests in line with the rules, at startup and when they change."""

import logging

from services.access.asking.not_allowed import NotAllowedNow
from services.access.who_decides.approvers import Approvers
from services.access.who_decides.open_requests import OpenRequests
from services.workflow.codec import Unreadable
from services.workflow.engine import CorruptWorkflow

log = logging.getLogger(__name__)


class FollowRules:
    """Goes through everything that waits: today's approvers decide it, and it may not be allowed.

    It costs what is open.
    """

    def __init__(
        self, open_requests: OpenRequests, approvers: Approvers, not_allowed: NotAllowedNow
    ) -> None:
        self._open_requests = open_requests
        self._approvers = approvers
        self._not_allowed = not_allowed

    async def follow(self) -> None:
        """Update every open request to the current rules, and record what they don't allow."""
        async for request_id in self._open_requests.ids():
            try:
                if request := await self._approvers.follow(request_id):
                    await self._not_allowed.look(request)
            except (Unreadable, CorruptWorkflow) as error:
                # The worker sets it aside once it's due; the others follow in any case.
                log.warning("%s can't be updated to the rules: %s", request_id, error)
