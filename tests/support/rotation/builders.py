"""Rotations, policies and schedules for tests, with defaults for anything that doesn't matter."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from domain.policies.rule import Rule
from domain.reasons import as_written
from domain.rotation.policy import RotationPolicy, Schedule
from domain.rotation.rotation import (
    PLAN,
    AppSlot,
    Captured,
    Cause,
    Dependent,
    Rotation,
    RotationState,
    RotationTerms,
    Shape,
    Step,
    StepRecord,
    StepStatus,
    Trigger,
)
from domain.rotation.schedule import ScheduledRotation, ScheduleState
from services.policies import Policies
from tests.support.builders import ADA, HOUR, OTHER_SECRET, VAULT, a_policy
from tests.support.clock import NINE

ROTATED = OTHER_SECRET
DAY = timedelta(days=1)

_SUBSCRIPTION = "5b1c0000-0000-4000-8000-000000000001"
CHECKOUT = AppSlot(_SUBSCRIPTION, "rg-demo", "checkout-api")
BILLING = AppSlot(_SUBSCRIPTION, "rg-demo", "billing-worker")
STAGING = AppSlot(_SUBSCRIPTION, "rg-demo", "checkout-api", "staging")

LITERAL = Dependent(CHECKOUT, "API_KEY")
PINNED = Dependent(BILLING, "UPSTREAM_KEY")
SLOT = Dependent(STAGING, "API_KEY")
FLOATING = Dependent(BILLING, "FLOATING_KEY")
"""The setting with an unversioned reference."""

BY_ADA = Trigger(Cause.ASKED, ADA)
BY_SCHEDULE = Trigger(Cause.SCHEDULE, None, "0 3 1 * * (UTC)")

_POLICY = RotationPolicy(secret=ROTATED, vault=VAULT)


def a_rotation_policy(**changes: Any) -> RotationPolicy:
    """Build a policy: random values, no dependents, a day of overlap, no schedule."""
    return replace(_POLICY, **changes)


def monthly(**changes: Any) -> Schedule:
    return replace(Schedule("0 3 1 * *"), **changes)


def rotating(*rotated: RotationPolicy) -> Policies:
    """Build policies for these secrets, all of which can also be requested."""
    rules = (Rule(each.secret, a_policy(secret=each.secret), each) for each in rotated)
    return Policies(a_policy(), tuple(rules))


_ROTATION = Rotation(
    id="rot-one",
    state=RotationState.RUNNING,
    secret=ROTATED,
    trigger=BY_ADA,
    terms=RotationTerms(vault_name=VAULT.name, vault_url=VAULT.url, issuer="random"),
    asked_at=NINE,
)


def a_rotation(**changes: Any) -> Rotation:
    """Build a rotation that Ada started at nine o'clock."""
    return replace(_ROTATION, **changes)


def a_rotation_at(step: Step, **changes: Any) -> Rotation:
    """Build a running rotation whose earlier steps are done."""
    before = PLAN[: PLAN.index(step)]
    records = tuple(
        StepRecord(each, StepStatus.DONE, NINE, as_written(f"{each} went well")) for each in before
    )
    found: dict[str, Any] = {"step": step, "records": records}
    if before:
        found |= {"old_version": "old", "captured": (Captured(LITERAL, Shape.LITERAL),)}
    if Step.WRITE in before:
        found |= {"new_version": "new"}
    return a_rotation(**(found | changes))


def a_rotation_rolling_back(step: Step, **changes: Any) -> Rotation:
    """Build a rotation that is being rolled back, with this step next."""
    failing: dict[str, Any] = {
        "state": RotationState.ROLLING_BACK,
        "failure": as_written("It went wrong."),
    }
    return a_rotation_at(step, **(failing | changes))


def an_overlapping_rotation(**changes: Any) -> Rotation:
    """Build a rotation whose old version is valid until nine o'clock the next day."""
    overlapping: dict[str, Any] = {
        "state": RotationState.OVERLAPPING,
        "overlap_until": NINE + DAY,
    }
    verified = a_rotation_at(Step.VERIFY, **(overlapping | changes))
    return replace(verified, step=Step.RETIRE)


def a_pending_rotation(**changes: Any) -> Rotation:
    """Build a rotation that a second admin has eight hours to approve."""
    pending: dict[str, Any] = {"state": RotationState.PENDING, "retry_at": NINE + 8 * HOUR}
    return a_rotation(**(pending | changes))


_SCHEDULE = ScheduledRotation(
    id="sch-one",
    state=ScheduleState.WAITING,
    secret=ROTATED,
    cron="0 3 1 * *",
    timezone="UTC",
    next_run=NINE + 3 * HOUR,
    run_at=NINE + 3 * HOUR,
    check_at=NINE + DAY,
)


def a_schedule(**changes: Any) -> ScheduledRotation:
    """Build a schedule that runs at noon; the expiry is checked tomorrow at nine."""
    return replace(_SCHEDULE, **changes)
