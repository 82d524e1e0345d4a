"""Tries to grant access long after its approval: what that relied on is checked again."""

import logging

from domain.access.request import Request
from domain.access.transitions import changes, failures
from domain.refusals.refusal import Refusal
from domain.workflow import Change
from services.access.granting.rechecks import Rechecks
from services.clock import Clock
from services.faults import Fault, Unavailable

log = logging.getLogger(__name__)


class Retries:
    """Ends grants that wait for Azure and that today's rules no longer allow."""

    def __init__(self, rechecks: Rechecks, clock: Clock) -> None:
        self._rechecks = rechecks
        self._clock = clock

    async def check(self, request: Request) -> Change[Request]:
        """Return the request to try, or the end of one that must not be granted any more.

        An earlier try may have left an assignment, which is removed then. Raises a Fault while
        something can't be checked.
        """
        try:
            return await self._rechecks.check(request)
        except Refusal as refusal:
            log.warning("%s: not granted any more: %s", request.id, refusal.reason)
            why = failures.of_refused_retry(refusal.reason)
            return changes.give_up(request, why, self._clock())
        except Fault as fault:
            raise _not_checked(fault) from fault


def _not_checked(fault: Fault) -> Unavailable:
    """Return the fault of a check: no assignment was asked for, so Azure refused none either."""
    return Unavailable(fault.service, fault.cause, fault.retry_after, outcome_unknown=False)
