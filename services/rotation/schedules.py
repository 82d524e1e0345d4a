"""Starts rotations that are due, and keeps one stored schedule for each rotated secret."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from cronsim import CronSim

from domain import schedule as rules
from domain.backoff import backoff
from domain.refusals import NotRotatable, RotationUnderWay
from domain.rotation import Cause, Trigger
from domain.rotation_policy import RotationPolicy
from domain.schedule import (
    CHECK_EVERY,
    ScheduledRotation,
    ScheduleEffect,
    ScheduleState,
)
from domain.workflow import Change, Done, Move, Wait
from services.engine import Clock, Engine, Kind
from services.faults import Conflict, Fault, Unavailable
from services.lanes import Lane
from services.policies import Policies
from services.rotation.ports import SecretVersions
from services.rotation.rotations import Rotations, lock_name
from services.workflows import Workflows

log = logging.getLogger(__name__)


class ScheduleMoves(Kind[ScheduledRotation]):
    """The kind of workflow that a schedule is."""

    def __init__(
        self,
        rotations: Rotations,
        versions: SecretVersions,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._rotations = rotations
        self._versions = versions
        self._clock = clock
        self._jitter = jitter

    def next_move(self, head: ScheduledRotation, now: datetime) -> Move[str] | Wait | Done:
        return rules.next_move(head, now)

    def lane(self, effect: str) -> Lane:  # noqa: ARG002 - all are alike
        return Lane.ROTATION

    def ends_at(self, head: ScheduledRotation) -> datetime | None:  # noqa: ARG002 - it ends no access
        return None

    async def perform(self, effect: str, head: ScheduledRotation) -> Change[ScheduledRotation]:
        policy = self._policy_of(head)
        if policy is None:
            return Change(replace(head, state=ScheduleState.ENDED))
        now = self._clock()
        if ScheduleEffect(effect) is ScheduleEffect.RUN:
            await self._run(head, policy)
            return Change(_calm(planned(head, policy, now, self._jitter())))
        await self._check(head, policy, now)
        return Change(_calm(replace(head, check_at=now + CHECK_EVERY)))

    def fail(self, effect: str, head: ScheduledRotation, fault: Fault) -> Change[ScheduledRotation]:
        log.warning("%s: could not %s: %s", head.secret, effect, fault)
        attempt = head.attempt + 1
        retry_after = fault.retry_after if isinstance(fault, Unavailable) else None
        retry_at = self._clock() + backoff(attempt, self._jitter(), retry_after)
        return Change(replace(head, attempt=attempt, retry_at=retry_at))

    def _policy_of(self, head: ScheduledRotation) -> RotationPolicy | None:
        """Find the policy that a schedule follows; None where there is none any more."""
        try:
            policy = self._rotations.policy_of(head.secret)
        except NotRotatable:
            return None
        return policy if schedule_id(policy) == head.id else None

    async def _run(self, head: ScheduledRotation, policy: RotationPolicy) -> None:
        """Start the run that is due; of several that were missed it is the only one."""
        due = head.next_run or self._clock()
        last = await self._rotations.last_of(policy)
        if last and last.rotated_at and last.rotated_at >= due:
            log.info("%s: rotated by %s since it was due", head.secret, last.id)
            return
        detail = f"{head.cron} ({head.timezone})"
        await self._start(head, Trigger(Cause.SCHEDULE, None, detail), due.isoformat())

    async def _check(self, head: ScheduledRotation, policy: RotationPolicy, now: datetime) -> None:
        """Rotate early what expires soon."""
        version, _ = await self._versions.current(policy.vault.url, policy.secret)
        if not version.expires_at:
            return
        if not rules.expires_soon(version.created_at, version.expires_at, now):
            return
        detail = f"expires {version.expires_at:%d %b %Y}"
        await self._start(head, Trigger(Cause.EXPIRY, None, detail), f"{head.check_at:%Y-%m-%d}")

    async def _start(self, head: ScheduledRotation, trigger: Trigger, occasion: str) -> None:
        rotation_id = derived_rotation_id(head.id, occasion)
        try:
            await self._rotations.start(head.secret, trigger, rotation_id)
        except RotationUnderWay as refusal:
            # Should that one come to nothing, this one is due all the same.
            raise Unavailable("Latchkey", refusal.sentence) from refusal


class Schedules:
    """Keeps the stored schedules as the policies say."""

    def __init__(
        self,
        workflows: Workflows,
        engine: Engine,
        policies: Policies,
        clock: Clock,
        jitter: Callable[[], float],
    ) -> None:
        self._workflows = workflows
        self._engine = engine
        self._policies = policies
        self._clock = clock
        self._jitter = jitter

    async def sync(self) -> None:
        """Make what is missing and plan anew what changed; the rest keeps its next run."""
        for policy in self._policies.rotated():
            await self._sync(policy)

    async def next_run(self, policy: RotationPolicy) -> datetime | None:
        """Say when a secret's schedule comes due next."""
        stored = await self._workflows.load_as(ScheduledRotation, schedule_id(policy))
        return stored.head.run_at if stored else None

    async def _sync(self, policy: RotationPolicy) -> None:
        now = self._clock()
        stored = await self._workflows.load_as(ScheduledRotation, schedule_id(policy))
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
            elif _is_stale(stored.head, policy):
                head = replace(stored.head, state=ScheduleState.WAITING)
                change = Change(planned(head, policy, now, self._jitter()))
                await self._engine.record(stored, change)
        except Conflict:
            log.info("%s: another replica wrote its schedule", policy.secret)


def planned(
    head: ScheduledRotation, policy: RotationPolicy, now: datetime, jitter: float
) -> ScheduledRotation:
    """Return a schedule with its next run after ``now``; missed ones are over with."""
    schedule = policy.schedule
    if schedule is None:
        return replace(head, cron="", timezone="", next_run=None, run_at=None)
    local = now.astimezone(ZoneInfo(schedule.timezone))
    next_run = next(CronSim(schedule.cron, local)).astimezone(now.tzinfo)
    return replace(
        head,
        cron=schedule.cron,
        timezone=schedule.timezone,
        next_run=next_run,
        run_at=next_run + timedelta(seconds=schedule.jitter.total_seconds() * jitter),
    )


def schedule_id(policy: RotationPolicy) -> str:
    name = lock_name(policy.vault.url, policy.secret).lower()
    return f"sch-{sha256(name.encode()).hexdigest()[:16]}"


def derived_rotation_id(*occasion: str) -> str:
    """Derive the id of a rotation that nobody typed, so that one occasion starts one."""
    return f"rot-{sha256(chr(10).join(occasion).encode()).hexdigest()[:10]}"


def _is_stale(head: ScheduledRotation, policy: RotationPolicy) -> bool:
    schedule = policy.schedule
    wanted = (schedule.cron, schedule.timezone) if schedule else ("", "")
    return head.state is ScheduleState.ENDED or (head.cron, head.timezone) != wanted


def _calm(head: ScheduledRotation) -> ScheduledRotation:
    return replace(head, attempt=0, retry_at=None)
