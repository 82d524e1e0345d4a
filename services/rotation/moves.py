"""How the moves of a rotation are performed, step by step of the plan."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

from domain import rotation as rules
from domain import rotation_changes as changes
from domain.rotation import Rotation, RotationEffect, Step
from domain.workflow import Change, Done, Move, Wait
from services.engine import Clock, Kind
from services.faults import Fault
from services.lanes import Lane
from services.rotation import patience
from services.rotation.step import Retirement, RotationStep

log = logging.getLogger(__name__)


class RotationMoves(Kind[Rotation]):
    """The kind of workflow that a rotation is."""

    def __init__(
        self,
        steps: Mapping[Step, RotationStep],
        retire: Retirement,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._steps = steps
        self._retire = retire
        self._clock = clock
        self._jitter = jitter

    def next_move(self, head: Rotation, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.ROTATION

    def ends_at(self, head: Rotation) -> datetime | None:  # noqa: ARG002 - it ends no access
        return None

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
        now, sentence = self._clock(), patience.sentence_of(fault)
        if effect == RotationEffect.PERFORM:
            return changes.fail_step(
                head,
                sentence,
                now,
                final=patience.is_final(fault),
                jitter=self._jitter(),
                retry_after=patience.retry_after(fault),
                patience=patience.patience_with(fault),
                trouble=patience.trouble_of(fault),
            )
        return changes.fail_undo(
            head,
            sentence,
            now,
            jitter=self._jitter(),
            retry_after=patience.retry_after(fault),
            patience=patience.patience_with(fault),
            trouble=patience.trouble_of(fault),
        )
