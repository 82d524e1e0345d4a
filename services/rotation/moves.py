"""How the moves of a rotation are performed, step by step of the plan."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from domain import rotation as rules
from domain import rotation_changes as changes
from domain.rotation import Rotation, RotationEffect, Step
from domain.workflow import Change, Done, Move, Wait
from services.engine import Clock
from services.faults import Fault, NotPermitted, Rejected, Unavailable
from services.rotation.obstacles import Obstacle
from services.rotation.retire import Retire
from services.rotation.step import Drift, NotYet, RotationStep

log = logging.getLogger(__name__)


class RotationMoves:
    """The kind of workflow that a rotation is."""

    def __init__(
        self,
        steps: Mapping[Step, RotationStep],
        retire: Retire,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._steps = steps
        self._retire = retire
        self._clock = clock
        self._jitter = jitter

    def next_move(self, head: Rotation, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    async def perform(self, effect: str, head: Rotation) -> Change[Rotation]:
        match RotationEffect(effect):
            case RotationEffect.LAPSE:
                return changes.lapse(head, self._clock())
            case RotationEffect.PERFORM:
                step = self._steps[head.step]
                outcome = await step.probe(head) or await step.perform(head)
                return changes.finish_step(outcome.rotation, outcome.note, self._clock())
            case RotationEffect.UNDO:
                outcome = await self._steps[head.step].undo(head)
                return changes.undo_step(outcome.rotation, outcome.note, self._clock())
            case RotationEffect.RETIRE:
                outcome = await self._retire.perform(head)
                return changes.retire(outcome.rotation, outcome.note, self._clock())

    def fail(self, effect: str, head: Rotation, fault: Fault) -> Change[Rotation]:
        """Put the move off, or begin to roll back; what will never work is not tried again."""
        now, sentence = self._clock(), _say(fault)
        retry_after = fault.retry_after if isinstance(fault, Unavailable) else None
        patience = fault.patience if isinstance(fault, NotYet) else None
        if effect == RotationEffect.PERFORM:
            return changes.fail_step(
                head,
                sentence,
                now,
                final=isinstance(fault, Drift | NotPermitted | Rejected),
                jitter=self._jitter(),
                retry_after=retry_after,
                patience=patience,
            )
        return changes.fail_undo(
            head,
            sentence,
            now,
            jitter=self._jitter(),
            retry_after=retry_after,
            patience=patience,
        )


def _say(fault: Fault) -> str:
    match fault:
        case NotPermitted():
            return f"Latchkey is not permitted to do this: {fault.service}: {fault.cause}"
        case Drift() | Obstacle():
            return f"{fault.service} {fault.cause}"
        case _:
            return f"{fault.service}: {fault.cause}"
