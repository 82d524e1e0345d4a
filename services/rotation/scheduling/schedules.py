"""Starts rotations that are due, and keeps one stored schedule for each rotated secret."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from domain.reasons import Reason
from domain.refusals.rotations import NotRotatable, RotationUnderWay
from domain.rotation import schedule as rules
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Cause, Trigger
from domain.rotation.schedule import LookFault, ScheduledRotation, ScheduleEffect, ScheduleState
from domain.workflow import Change, Done, Move, Wait
from services.clock import Clock
from services.faults import Conflict, Fault, NotPermitted, Rejected, Unavailable
from services.policies import Policies
from services.rotation.fault_reasons import reason_of
from services.rotation.rotations import Rotations, lock_name
from services.rotation.scheduling.newest_rules import LEFT_FOR, SEEN_EVERY, NewestRules
from services.rotation.scheduling.next_run import next_run
from services.rotation.secret_versions import SecretVersions
from services.rotation.steps.obstacles import Obstacle, current_version
from services.workflow.codec import Head
from services.workflow.engine import Engine, Kind
from services.workflow.lanes import Lane
from services.workflow.workflows import Stored, Workflows

log = logging.getLogger(__name__)


class _UnderWay(Unavailable):
    """Another rotation of the secret is under way."""


class ScheduleMoves(Kind[ScheduledRotation]):
    """Moves schedules, as a kind of workflow."""

    def __init__(
        self,
        rotations: Rotations,
        versions: SecretVersions,
        newest: NewestRules,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._rotations = rotations
        self._versions = versions
        self._newest = newest
        self._clock = clock
        self._jitter = jitter

    def next_move(self, head: ScheduledRotation, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.ROTATION

    async def perform(self, effect: str, head: ScheduledRotation) -> Change[ScheduledRotation]:
        now = self._clock()
        if not await self._newest.are_ours():
            log.info("%s: left to a replica with the newest rules", head.secret)
            return Change(replace(head, retry_at=now + LEFT_FOR))
        policy = self._policy_of(head)
        if policy is None:
            return Change(replace(head, state=ScheduleState.ENDED))
        if ScheduleEffect(effect) is ScheduleEffect.RUN:
            await self._run(head, policy)
            return Change(rules.reset_retries(planned(head, policy, now, self._jitter())))
        await self._check(head, policy, now)
        return rules.looked(head, now)

    def fail(self, effect: str, head: ScheduledRotation, fault: Fault) -> Change[ScheduledRotation]:
        """Put the move off; if an expiry check keeps failing, it's announced."""
        log.warning("%s: could not %s: %s", head.secret, effect, fault)
        now, jitter = self._clock(), self._jitter()
        if effect == ScheduleEffect.CHECK and not isinstance(fault, _UnderWay):
            return rules.look_failed(
                head,
                _kind_of(fault),
                _cause_of(fault),
                now,
                jitter=jitter,
                retry_after=fault.retry_after,
            )
        return Change(rules.put_off(head, now, jitter=jitter, retry_after=fault.retry_after))

    def _policy_of(self, head: ScheduledRotation) -> RotationPolicy | None:
        """Find the policy that a schedule follows; None if it no longer exists."""
        try:
            policy = self._rotations.policy_of(head.secret)
        except NotRotatable:
            return None
        return policy if schedule_id(policy) == head.id else None

    async def _run(self, head: ScheduledRotation, policy: RotationPolicy) -> None:
        """Start the run that is due; it makes up for all runs that were missed."""
        due = head.next_run or self._clock()
        last = await self._rotations.last_done_of(policy)
        if last and last.rotated_at and last.rotated_at >= due:
            log.info("%s: already rotated by %s since it was due", head.secret, last.id)
            return
        detail = f"{head.cron} ({head.timezone})"
        await self._start(head, Trigger(Cause.SCHEDULE, None, detail), due.isoformat())

    async def _check(self, head: ScheduledRotation, policy: RotationPolicy, now: datetime) -> None:
        """Rotate early if the current version expires soon."""
        vault = policy.vault
        version, _ = await current_version(self._versions, vault.name, vault.url, policy.secret)
        if not version.expires_at:
            return
        valid_from = version.not_before or version.created_at
        if not rules.expires_soon(valid_from, version.expires_at, now):
            return
        # One try a day for each version.
        occasion = f"{version.id} {head.check_at:%Y-%m-%d}"
        trigger = Trigger(Cause.EXPIRY, None, version.expires_at.isoformat())
        await self._start(head, trigger, occasion)

    async def _start(self, head: ScheduledRotation, trigger: Trigger, occasion: str) -> None:
        rotation_id = derived_rotation_id(head.id, occasion)
        try:
            await self._rotations.start(head.secret, trigger, rotation_id)
        except RotationUnderWay as refusal:
            # If that one doesn't rotate the secret, this run is still due.
            raise _UnderWay("Latchkey", str(refusal)) from refusal


class Schedules:
    """Keeps the stored schedules in line with the policies."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        policies: Policies,
        newest: NewestRules,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._policies = policies
        self._newest = newest
        self._clock = clock
        self._jitter = jitter

    async def run(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> None:
        """Synchronise periodically until cancelled; each pass costs one read per rotated secret."""
        while True:
            await sleep(SEEN_EVERY.total_seconds())
            try:
                await self.sync()
            except Fault as fault:
                log.warning("could not synchronise the schedules: %s", fault)
            except Exception:
                log.exception("could not synchronise the schedules")

    async def sync(self) -> None:
        """Create missing schedules and replan changed ones; the rest keep their next run.

        Only a replica with the newest rules does so: older rules would undo later changes.
        """
        if not await self._newest.announce():
            log.info("left the schedules to the replicas with the newest rules")
            return
        rotated = list(self._policies.rotated())
        stored = await self._workflows.load_readable([schedule_id(each) for each in rotated])
        for policy in rotated:
            if schedule_id(policy) in stored:
                await self._sync(policy, stored[schedule_id(policy)])

    async def next_run(self, policy: RotationPolicy) -> datetime | None:
        """Return when a secret's schedule is due next."""
        found = await self.find(policy)
        return found.run_at if found else None

    async def find(self, policy: RotationPolicy) -> ScheduledRotation | None:
        """Find a secret's schedule."""
        stored = await self._workflows.load_as(ScheduledRotation, schedule_id(policy))
        return stored.head if stored else None

    async def _sync(self, policy: RotationPolicy, stored: Stored[Head] | None) -> None:
        now = self._clock()
        try:
            if stored is None:
                fresh = ScheduledRotation(
                    id=schedule_id(policy),
                    state=ScheduleState.WAITING,
                    secret=policy.secret,
                    cron="",
                    timezone="",
                    next_run=None,
                    run_at=None,
                    check_at=now,
                )
                await self._engine.open(Change(planned(fresh, policy, now, self._jitter())))
            elif isinstance(stored.head, ScheduledRotation) and _is_stale(stored.head, policy):
                is_new = stored.head.state is ScheduleState.ENDED
                check_at = now if is_new else stored.head.check_at
                head = replace(stored.head, state=ScheduleState.WAITING, check_at=check_at)
                change = Change(planned(head, policy, now, self._jitter()))
                await self._engine.record(stored, change)
        except Conflict:
            log.info("%s: another replica wrote the schedule", policy.secret)


def planned(
    head: ScheduledRotation, policy: RotationPolicy, now: datetime, jitter: float
) -> ScheduledRotation:
    """Return a schedule with its next run after ``now``; missed runs are dropped."""
    schedule, head = policy.schedule, replace(head, vault_name=policy.vault.name)
    if schedule is None:
        return replace(head, cron="", timezone="", next_run=None, run_at=None)
    run = next_run(schedule, now)
    return replace(
        head,
        cron=schedule.cron,
        timezone=schedule.timezone,
        next_run=run,
        run_at=run + timedelta(seconds=schedule.jitter.total_seconds() * jitter),
    )


def schedule_id(policy: RotationPolicy) -> str:
    name = lock_name(policy.vault.url, policy.secret).lower()
    return f"sch-{sha256(name.encode()).hexdigest()[:16]}"


def derived_rotation_id(*occasion: str) -> str:
    """Derive the ID of an automatic rotation, so that one occasion starts only one."""
    return f"rot-{sha256(chr(10).join(occasion).encode()).hexdigest()[:10]}"


def _is_stale(head: ScheduledRotation, policy: RotationPolicy) -> bool:
    schedule = policy.schedule
    wanted = (schedule.cron, schedule.timezone) if schedule else ("", "")
    return head.state is ScheduleState.ENDED or (head.cron, head.timezone) != wanted


def _cause_of(fault: Fault) -> Reason:
    """Return Latchkey's reason for the failure, or else Key Vault's message."""
    return reason_of(fault) if fault.reason else Reason("said_by_azure", {"cause": fault.cause})


def _kind_of(fault: Fault) -> LookFault:
    """Classify why a secret can't be read, by Key Vault's answer."""
    if isinstance(fault, NotPermitted):
        return LookFault.NOT_PERMITTED
    if isinstance(fault, Rejected):
        if "SecretDisabled" in fault.cause:
            return LookFault.DISABLED
        if isinstance(fault, Obstacle) or "SecretNotFound" in fault.cause:
            return LookFault.GONE
    return LookFault.OTHER
