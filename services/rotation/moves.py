"""Performs the moves of a rotation, one step of the plan at a time."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from domain.reasons import Reason
from domain.rotation import changes, unknown
from domain.rotation import rotation as rules
from domain.rotation.rotation import (
    LOOK_AGAIN_AFTER,
    Rotation,
    RotationEffect,
    RotationState,
    Step,
)
from domain.workflow import Change, Done, Move, Wait
from services.clock import Clock
from services.faults import Fault, Rejected
from services.rotation import retrying
from services.rotation.fault_reasons import reason_of
from services.rotation.retiring.duplicates import LateDuplicates
from services.rotation.retiring.retire import Retire
from services.rotation.step import CredentialLeft, RotationStep, StillUnknown
from services.rotation.versions.late import LateVersions
from services.workflow.engine import Kind
from services.workflow.lanes import Lane

log = logging.getLogger(__name__)

_WRITES_VERSIONS = frozenset({Step.WRITE, Step.PROPAGATE})
"""Steps whose undo may write the old value back, as a new version."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTools:
    """What a move is done with, made for this one: what it has read is forgotten after it."""

    steps: Mapping[Step, RotationStep]
    retire: Retire
    late: LateVersions
    duplicates: LateDuplicates


class RotationMoves(Kind[Rotation]):
    """The kind of workflow that a rotation is."""

    def __init__(
        self,
        tools: Callable[[], MoveTools],
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        """Take what makes the tools of one move."""
        self._tools = tools
        self._clock = clock
        self._jitter = jitter

    def next_move(self, head: Rotation, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.ROTATION

    def only_records(self, effect: str) -> bool:
        return effect == RotationEffect.LAPSE

    async def perform(self, effect: str, head: Rotation) -> Change[Rotation]:
        now, tools = self._clock(), self._tools()
        known = unknown.as_known_at(head, now)
        try:
            match RotationEffect(effect):
                case RotationEffect.LAPSE:
                    return changes.lapse(head, now)
                case RotationEffect.PERFORM:
                    return await self._perform(tools, head, known)
                case RotationEffect.UNDO:
                    return await self._undo(tools, head, known)
                case RotationEffect.RETIRE:
                    outcome = await tools.retire.perform(known)
                    rotation = unknown.certain(outcome.rotation)
                    return changes.retire(rotation, outcome.note, self._clock())
                case RotationEffect.LOOK_AGAIN:
                    return await self._look_again(tools, head)
        except StillUnknown:
            return Change(unknown.awaiting(known))
        except CredentialLeft as left:
            log.warning("%s: could not retire its old credential: %s", head.id, left.fault)
            return self._fail(effect, replace(head, is_old_disabled=True), left.fault)

    async def _perform(
        self, tools: MoveTools, stored: Rotation, head: Rotation
    ) -> Change[Rotation]:
        """Perform the step unless it is done; while its outcome is unknown, only probe it."""
        step = tools.steps[head.step]
        outcome = await step.probe(head)
        if outcome is None and head.unknown_until and head.step in unknown.AWAITED:
            return Change(unknown.awaiting(head))
        outcome = outcome or await step.perform(head)
        now, rotation = self._clock(), unknown.certain(outcome.rotation)
        if head.step is Step.WRITE and stored.unknown_until:
            # An earlier write may still land on top of this one, so this checks once more later.
            rotation = replace(rotation, look_again_at=now + LOOK_AGAIN_AFTER)
        return changes.finish_step(rotation, outcome.note, now)

    async def _undo(self, tools: MoveTools, stored: Rotation, head: Rotation) -> Change[Rotation]:
        outcome = await tools.steps[head.step].undo(head)
        is_nothing_found = head.step in unknown.AWAITED and not outcome.note
        if is_nothing_found and head.unknown_until:
            return Change(unknown.awaiting(outcome.rotation))
        now, rotation = self._clock(), unknown.certain(outcome.rotation)
        if head.step in _WRITES_VERSIONS and stored.unknown_until:
            # The write's longest life is over, or it was sent again. That life is an estimate about
            # Key Vault, no guarantee, so this checks once more later.
            rotation = replace(rotation, look_again_at=now + LOOK_AGAIN_AFTER)
        return changes.undo_step(rotation, outcome.note, now)

    async def _look_again(self, tools: MoveTools, head: Rotation) -> Change[Rotation]:
        if head.state is not RotationState.ROLLED_BACK:
            replaced = await tools.duplicates.replace(head)
            return changes.replace_late(unknown.certain(head), replaced, self._clock())
        late = await tools.late.look(head)
        now = self._clock()
        if late.on_top_of:
            found = {"subject": "Key Vault", "version": late.version, "theirs": late.on_top_of}
            return changes.stop_after_look(head, Reason("late_version_on_top", found), now)
        if late.version:
            return changes.came_late(head, late.version, now)
        return Change(changes.looked(head))

    def fail(self, effect: str, head: Rotation, fault: Fault) -> Change[Rotation]:
        """Postpone the move, or start to roll back; errors that can't pass aren't retried."""
        # Only the last try counts: someone may have enabled the old version since an earlier one.
        return self._fail(effect, replace(head, is_old_disabled=False), fault)

    def _fail(self, effect: str, head: Rotation, fault: Fault) -> Change[Rotation]:
        change = self._failed(effect, head, fault)
        if not fault.outcome_unknown:
            return change
        marked = unknown.sent_without_answer(change.head, effect, self._clock())
        return Change(marked, change.events)

    def interrupted(self, head: Rotation, at: datetime) -> Rotation:
        """Note that a process died during a move: what it sent may still be carried out.

        ``at`` is when its claim expired.
        """
        return unknown.interrupted(head, at)

    def overtaken(self, head: Rotation, tried: Rotation) -> Rotation:
        """Note what a move has sent whose outcome couldn't be recorded."""
        return unknown.overtaken(head, tried)

    def _failed(self, effect: str, head: Rotation, fault: Fault) -> Change[Rotation]:
        now, why = self._clock(), reason_of(fault)
        if effect == RotationEffect.LOOK_AGAIN and isinstance(fault, Rejected):
            return changes.stop_after_look(head, why, now)
        if effect == RotationEffect.LOOK_AGAIN:
            return changes.look_later(head, now, self._jitter(), fault.retry_after)
        if effect == RotationEffect.PERFORM:
            return changes.fail_step(
                head,
                why,
                now,
                final=retrying.is_final(fault),
                jitter=self._jitter(),
                retry_after=fault.retry_after,
                patience=retrying.patience_with(fault),
                details=retrying.details_of(fault),
            )
        return changes.fail_undo(
            head,
            why,
            now,
            jitter=self._jitter(),
            retry_after=fault.retry_after,
            patience=retrying.patience_with(fault),
            details=retrying.details_of(fault),
        )
