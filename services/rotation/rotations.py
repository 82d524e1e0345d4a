"""The use cases of rotation: start, approve, deny, retry and look up."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from domain.people import NO_ONE, Actor, Principals, is_approver
from domain.reasons import Reason
from domain.refusals.rotations import (
    MayNotAgree,
    NobodyCanAgree,
    NothingToRetry,
    NotRotatable,
    OwnRotation,
    PlanOutdated,
    RotationNoLongerPending,
    RotationRulesChanged,
    RotationUnderWay,
    UnknownRotation,
)
from domain.rotation import changes as rotation_changes
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Cause, Rotation, RotationState, Step, Trigger
from domain.rotation.terms import digest_of, still_apply, terms_under
from domain.workflow import Change
from services.clock import Clock
from services.faults import Conflict
from services.people.admins import Admins
from services.policies import Policies
from services.rotation.confirmation import Confirmation
from services.rotation.locks import Locks
from services.rotation.step import NotYet
from services.typed_reasons import checked_reason
from services.workflow.engine import Engine
from services.workflow.workflows import Workflows

AGREE_WITHIN = timedelta(hours=8)
"""How long a rotation waits for a second admin."""


class Rotations:
    """What people, schedules and ended grants do with rotations."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        policies: Policies,
        admins: Admins,
        locks: Locks,
        clock: Clock,
        advance_soon: Callable[[str], None],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._policies = policies
        self._admins = admins
        self._locks = locks
        self._clock = clock
        self._advance_soon = advance_soon

    def policy_of(self, secret: str) -> RotationPolicy:
        """Return a secret's rotation policy; raises NotRotatable if it has none."""
        policy = self._policies.rotation_of(secret)
        if policy is None:
            raise NotRotatable(secret)
        return policy

    async def start(
        self,
        secret: str,
        trigger: Trigger,
        rotation_id: str,
        confirmed: Confirmation | None = None,
    ) -> Rotation:
        """Start a rotation; if one with this ID exists, return that one.

        Raises NotRotatable, and RotationUnderWay if another rotation holds the secret. Of a plan
        that was ``confirmed`` raises PlanOutdated if the rules have changed since, and Conflict if
        it was cancelled.
        """
        if begun := await self.find(rotation_id):
            return begun
        policy = self.policy_of(secret)
        if confirmed and confirmed.rules != digest_of(policy):
            raise PlanOutdated(policy.secret)
        drafted = await self.draft(policy, trigger, rotation_id)
        rotation = replace(drafted, asked_in=confirmed.asked_in if confirmed else "")
        held_by = await self.hold(rotation)
        if held_by != rotation_id:
            raise RotationUnderWay(policy.secret, held_by)
        pending = rotation.state is RotationState.PENDING
        change = rotation_changes.ask(rotation) if pending else rotation_changes.start(rotation)
        try:
            stored = await self._engine.open(change, [confirmed.started] if confirmed else ())
        except Conflict:
            if begun := await self.find(rotation_id):
                return begun
            raise
        self._advance_soon(rotation_id)
        return stored.head

    async def approve(self, actor: Actor, rotation_id: str, note: str = "") -> Rotation:
        """Approve a rotation as the second admin.

        Raises RotationRulesChanged if it was requested under other rules than those in force.
        """
        note = checked_reason(note)

        def change(rotation: Rotation) -> Change[Rotation]:
            if not still_apply(rotation.terms, self._policies.rotation_of(rotation.secret)):
                raise RotationRulesChanged(rotation.secret)
            return rotation_changes.approve(rotation, actor, self._clock(), note)

        return await self._answer(actor, rotation_id, change)

    async def deny(self, actor: Actor, rotation_id: str, reason: str = "") -> Rotation:
        """Deny a rotation as the second admin."""
        reason = checked_reason(reason)
        return await self._answer(
            actor,
            rotation_id,
            lambda one: rotation_changes.deny(one, actor, self._clock(), reason),
        )

    async def retry(self, actor: Actor, rotation_id: str) -> Rotation:
        """Continue a rotation that needs a human."""

        def change(rotation: Rotation) -> Change[Rotation]:
            if rotation.state is not RotationState.NEEDS_HUMAN:
                raise NothingToRetry(rotation.state)
            return rotation_changes.retry(rotation, actor, self._clock())

        return await self.change(rotation_id, change)

    async def hold(self, rotation: Rotation) -> str:
        """Lock a secret for a rotation, or keep the lock; return the rotation that holds it now."""
        name = lock_name(rotation.terms.vault_url, rotation.secret)
        return await self._locks.acquire(name, rotation.id, self.is_over, self._has_rotated)

    async def end_overlap(self, rotation_id: str, by: Rotation) -> None:
        """Retire the old credential of an earlier rotation now, because another needs its slot.

        Does nothing if that rotation is over or was abandoned. Raises NotYet if it couldn't be
        retired yet; that rotation keeps trying.
        """
        while stored := await self._workflows.load_as(Rotation, rotation_id):
            earlier, now = stored.head, self._clock()
            if not _may_still_retire(earlier, now):
                return
            if not _has_overlap_left(earlier, now):
                waits = Reason("credential_not_retired", {"rotation_id": rotation_id})
                raise NotYet("Latchkey", waits)
            with suppress(Conflict):
                await self._engine.record(stored, rotation_changes.end_overlap(earlier, by, now))
                await self._engine.advance(rotation_id)

    async def is_over(self, rotation_id: str) -> bool:
        """Say whether a rotation no longer needs its locks; one that never started needs none."""
        stored = await self._workflows.load_as(Rotation, rotation_id)
        return stored is None or stored.head.is_over

    async def find(self, rotation_id: str) -> Rotation | None:
        stored = await self._workflows.load_as(Rotation, rotation_id)
        return stored.head if stored else None

    def rotated(self) -> Iterable[RotationPolicy]:
        """Return how each rotated secret is rotated."""
        return self._policies.rotated()

    async def needing_human(self) -> list[Rotation]:
        """List the rotations that need a human."""
        found = [
            await self.find(one) for one in await self._workflows.listed(RotationState.NEEDS_HUMAN)
        ]
        return [rotation for rotation in found if rotation]

    async def last_of(self, policy: RotationPolicy) -> Rotation | None:
        holder = await self._locks.holder(lock_name(policy.vault.url, policy.secret))
        return await self.find(holder) if holder else None

    async def last_done_of(self, policy: RotationPolicy) -> Rotation | None:
        """Find the last rotation that rotated a secret, whatever others have tried since then."""
        lock = await self._locks.look(lock_name(policy.vault.url, policy.secret))
        for rotation_id in filter(None, (lock.holder, lock.done_by)):
            found = await self.find(rotation_id)
            if found and found.rotated_at:
                return found
        return None

    async def _has_rotated(self, rotation_id: str) -> bool:
        found = await self.find(rotation_id)
        return found is not None and found.rotated_at is not None

    async def _answer(
        self,
        actor: Actor,
        rotation_id: str,
        change: Callable[[Rotation], Change[Rotation]],
    ) -> Rotation:
        def decided(rotation: Rotation) -> Change[Rotation]:
            asker = rotation.trigger.actor
            if asker and asker.object_id == actor.object_id:
                raise OwnRotation
            # Members of admin groups are checked below: whoever is an admin now can answer.
            by_name = is_approver(actor, rotation.terms.approvers)
            if not by_name and not rotation.terms.admin_groups:
                raise MayNotAgree(rotation.terms.approvers)
            if rotation.state is not RotationState.PENDING:
                raise RotationNoLongerPending(rotation.state)
            return change(rotation)

        return await self.change(rotation_id, decided, lambda: self._admins.require_yes_of(actor))

    async def change(
        self,
        rotation_id: str,
        change: Callable[[Rotation], Change[Rotation]],
        require: Callable[[], Awaitable[None]] | None = None,
    ) -> Rotation:
        """Apply one change to the latest state of a rotation; raises UnknownRotation."""
        while stored := await self._workflows.load_as(Rotation, rotation_id):
            changed = change(stored.head)
            if require:
                await require()
            try:
                stored = await self._engine.record(stored, changed)
            except Conflict:
                continue
            self._advance_soon(rotation_id)
            return stored.head
        raise UnknownRotation

    async def draft(self, policy: RotationPolicy, trigger: Trigger, rotation_id: str) -> Rotation:
        """Return the rotation that would start now, without storing it."""
        now = self._clock()
        approvers = await self._second_admins(policy, trigger)
        return Rotation(
            id=rotation_id,
            state=RotationState.PENDING if approvers.people else RotationState.RUNNING,
            secret=policy.secret,
            trigger=trigger,
            terms=terms_under(policy, approvers),
            asked_at=now,
            retry_at=now + AGREE_WITHIN if approvers.people else None,
        )

    async def _second_admins(self, policy: RotationPolicy, trigger: Trigger) -> Principals:
        """Find who is asked, and the groups of others who can approve.

        Rotations by schedule, expiry or a grant's end need no approval.
        """
        if not policy.second_admin or trigger.cause is not Cause.ASKED:
            return NO_ONE
        asker = trigger.actor.object_id if trigger.actor else ""
        others = await self._admins.all(besides=asker)
        if not others:
            raise NobodyCanAgree(policy.secret)
        return Principals(others, (await self._admins.named()).groups)


def _may_still_retire(rotation: Rotation, now: datetime) -> bool:
    """Say whether a rotation may still retire its old credential.

    Azure may carry out what an abandoned one has sent, but nothing more is sent for it.
    """
    if rotation.step is not Step.RETIRE:
        return False
    if rotation.state is RotationState.ABANDONED:
        return rotation.unknown_until is not None and now < rotation.unknown_until
    return rotation.state is not RotationState.ROTATED


def _has_overlap_left(rotation: Rotation, now: datetime) -> bool:
    """Say whether an overlap can be ended; one that needs a human doesn't go on by itself."""
    until = rotation.overlap_until
    return rotation.state is RotationState.OVERLAPPING and until is not None and now < until


def lock_name(vault_url: str, secret: str) -> str:
    return f"{vault_url}/secrets/{secret}"
