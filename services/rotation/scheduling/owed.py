"""Starts owed rotations once they are due and their secret is free, under the newest rules."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from domain.backoff import backoff
from domain.refusals.rotations import NotRotatable, RotationUnderWay
from domain.rotation import owed as rules
from domain.rotation.owed import OwedRotation, OwedState
from domain.workflow import Change, Done, Move, Wait
from services.clock import Clock
from services.faults import Fault, Unavailable
from services.rotation.rotations import Rotations
from services.rotation.scheduling.newest_rules import LEFT_FOR, NewestRules
from services.workflow.engine import Kind
from services.workflow.lanes import Lane

log = logging.getLogger(__name__)


class OwedMoves(Kind[OwedRotation]):
    """The kind of workflow that an owed rotation is."""

    def __init__(
        self,
        rotations: Rotations,
        newest: NewestRules,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._rotations = rotations
        self._newest = newest
        self._clock = clock
        self._jitter = jitter

    def next_move(self, head: OwedRotation, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.ROTATION

    async def perform(self, effect: str, head: OwedRotation) -> Change[OwedRotation]:  # noqa: ARG002 - there is one effect
        """Start the rotation, unless one that ran in the meantime already did the job.

        Only a replica with the newest rules does so: elsewhere the secret may seem not rotated.
        """
        if not await self._newest.are_ours():
            log.info("%s: left to a replica with the newest rules", head.id)
            return Change(replace(head, retry_at=self._clock() + LEFT_FOR))
        try:
            last = await self._rotations.last_done_of(self._rotations.policy_of(head.secret))
            if last and rules.serves(last, head.since):
                log.info("%s: already done by %s", head.id, last.id)
            else:
                await self._rotations.start(head.secret, head.trigger, head.rotation_id)
        except NotRotatable as refusal:
            log.warning("%s: no longer rotated: %s", head.id, refusal)
        except RotationUnderWay as refusal:
            # If that one fails, or started before this one was due, it is still owed.
            raise Unavailable("Latchkey", str(refusal)) from refusal
        return Change(replace(head, state=OwedState.SETTLED, retry_at=None))

    def fail(self, effect: str, head: OwedRotation, fault: Fault) -> Change[OwedRotation]:  # noqa: ARG002 - there is one effect
        """Postpone it, as often as necessary."""
        attempt = head.attempt + 1
        retry_at = self._clock() + backoff(attempt, self._jitter(), fault.retry_after)
        return Change(replace(head, attempt=attempt, retry_at=retry_at))
