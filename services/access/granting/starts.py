"""The start of scheduled access: what the approval relied on is checked again."""

import logging

from domain.access.request import Request, RequestState
from domain.access.transitions import failures, starts
from domain.reasons import Reason
from domain.refusals.refusal import Refusal
from domain.workflow import Change
from services.access.granting.rechecks import Rechecks
from services.clock import Clock

log = logging.getLogger(__name__)


class Starts:
    """Starts scheduled access, and never grants unchecked."""

    def __init__(self, rechecks: Rechecks, clock: Clock) -> None:
        self._rechecks = rechecks
        self._clock = clock

    async def start(self, request: Request) -> Change[Request]:
        """Return the intent to grant, or the end of a request that must not start.

        Raises a Fault while something can't be checked.
        """
        if request.starts_at and starts.is_missed(request, self._clock()):
            return self._refused(request, failures.of_missed_start(request.starts_at))
        try:
            checked = await self._rechecks.check(request)
        except Refusal as refusal:
            return self._refused(request, failures.of_refused_start(refusal.reason))
        if checked.head.state is not RequestState.SCHEDULED:
            return checked
        begun = starts.start(checked.head, self._clock())
        return Change(begun.head, (*checked.events, *begun.events))

    def _refused(self, request: Request, why: Reason) -> Change[Request]:
        log.warning("%s: not started: %s", request.id, why)
        return starts.refuse_start(request, why, self._clock())
