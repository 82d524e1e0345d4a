"""What a schedule needs next."""

from datetime import timedelta
from typing import Any

import pytest

from domain.announcement import Announcement, Audience, Subject
from domain.reasons import Reason, facts_of_reason
from domain.rotation.schedule import (
    ANNOUNCED_AFTER,
    CHECK_EVERY,
    LOOK_AGAIN_AFTER,
    LookFault,
    ScheduledRotation,
    ScheduleState,
    expires_soon,
    look_failed,
    looked,
    next_move,
    put_off,
    reset_retries,
    schedule_announcements,
)
from domain.workflow import Change, Done, Event, Fact, Move, Wait
from tests.support.builders import HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.rotation.builders import DAY, a_schedule

NOON = NINE + 3 * HOUR


def test_a_run_waits_for_its_time() -> None:
    assert next_move(a_schedule(), NINE) == Wait(NOON)
    assert next_move(a_schedule(), NOON - SECOND) == Wait(NOON)


@pytest.mark.parametrize("late", [timedelta(), MINUTE, 90 * DAY])
def test_a_due_run_happens_once_however_late(late: timedelta) -> None:
    assert next_move(a_schedule(), NOON + late) == Move("run")


def test_the_run_time_with_jitter_counts() -> None:
    jittered = a_schedule(next_run=NOON, run_at=NOON + MINUTE)

    assert next_move(jittered, NOON) == Wait(NOON + MINUTE)


@pytest.mark.parametrize(
    "schedule",
    [
        a_schedule(next_run=NINE + 9 * DAY, run_at=NINE + 9 * DAY),
        a_schedule(next_run=None, run_at=None),
    ],
)
def test_the_expiry_is_checked_in_between(schedule: ScheduledRotation) -> None:
    assert next_move(schedule, NINE) == Wait(NINE + DAY)
    assert next_move(schedule, NINE + DAY) == Move("check")


def test_a_run_comes_before_an_expiry_check() -> None:
    both = a_schedule(run_at=NOON, check_at=NOON)

    assert next_move(both, NOON) == Move("run")


def test_a_failed_move_waits_before_the_retry() -> None:
    failing = a_schedule(attempt=1, retry_at=NOON + MINUTE)

    assert next_move(failing, NOON) == Wait(NOON + MINUTE)
    assert next_move(failing, NOON + MINUTE) == Move("run")


@pytest.mark.parametrize(
    ("lives", "is_soon_after"),
    [
        pytest.param(365 * DAY, 358 * DAY, id="a week before its expiry"),
        pytest.param(30 * DAY, 23 * DAY, id="a week before its expiry too"),
        pytest.param(12 * DAY, 8 * DAY, id="the last third of a short life"),
        pytest.param(5 * DAY, 3 * DAY, id="two checks before its expiry"),
        pytest.param(DAY, timedelta(), id="always, if checks are too rare"),
    ],
)
def test_a_version_expires_soon_near_the_end_of_its_life(
    lives: timedelta, is_soon_after: timedelta
) -> None:
    turning_point = NINE + is_soon_after

    assert expires_soon(NINE, NINE + lives, turning_point)
    assert expires_soon(NINE, NINE + lives, NINE + lives + DAY)
    assert not is_soon_after or not expires_soon(NINE, NINE + lives, turning_point - SECOND)


def test_a_version_of_unknown_age_expires_soon_a_week_before_its_expiry() -> None:
    assert expires_soon(None, NINE + 7 * DAY, NINE)
    assert not expires_soon(None, NINE + 7 * DAY, NINE - SECOND)


def test_an_ended_schedule_triggers_nothing() -> None:
    ended = a_schedule(state=ScheduleState.ENDED)

    assert next_move(ended, NINE + 365 * DAY) == Done()


CAUSE = Reason("azure_answered", {"status": 403})


def failing(fault: LookFault, **changes: Any) -> ScheduledRotation:
    """Build a schedule whose check of the expiry fails since nine o'clock."""
    known: dict[str, Any] = {"failing_since": NINE, "look_fault": fault, "look_cause": CAUSE}
    return a_schedule(**(known | changes))


def test_a_move_is_put_off_for_longer_each_time_and_reset_in_the_end() -> None:
    once = put_off(a_schedule(), NINE, jitter=0.5)
    twice = put_off(once, NINE, jitter=0)
    told = put_off(a_schedule(), NINE, jitter=0, retry_after=MINUTE)

    assert once == a_schedule(attempt=1, retry_at=NINE + 0.75 * SECOND)
    assert twice == a_schedule(attempt=2, retry_at=NINE + SECOND)
    assert told == a_schedule(attempt=1, retry_at=NINE + MINUTE)
    assert reset_retries(twice) == a_schedule()


def test_a_check_that_succeeds_is_due_again_a_day_later() -> None:
    failed = failing(LookFault.OTHER, attempt=2, retry_at=NINE)

    change = looked(failed, NINE + HOUR)

    assert change == Change(a_schedule(check_at=NINE + HOUR + CHECK_EVERY))


def test_a_check_that_succeeds_is_announced_if_its_failure_was() -> None:
    change = looked(failing(LookFault.GONE, has_message=True), NINE)

    assert change.head == a_schedule(check_at=NINE + CHECK_EVERY)
    assert change.events == (Event("expiry_watched_again", NINE),)


def test_a_check_that_fails_is_tried_again_soon() -> None:
    change = look_failed(a_schedule(), LookFault.OTHER, CAUSE, NINE, jitter=0.5)
    told = look_failed(a_schedule(), LookFault.OTHER, CAUSE, NINE, jitter=0, retry_after=MINUTE)

    assert change == Change(failing(LookFault.OTHER, attempt=1, retry_at=NINE + 0.75 * SECOND))
    assert told.head.retry_at == NINE + MINUTE


@pytest.mark.parametrize("fault", LookFault)
def test_a_failing_check_is_announced_once_when_it_has_lasted(fault: LookFault) -> None:
    lasted = ANNOUNCED_AFTER[fault]
    before = failing(fault)

    early = look_failed(before, fault, CAUSE, NINE + lasted - SECOND, jitter=0)
    first = look_failed(before, fault, CAUSE, NINE + lasted, jitter=0)
    second = look_failed(first.head, fault, CAUSE, NINE + lasted, jitter=0)

    facts: dict[str, Fact] = {
        "fault": str(fault),
        **facts_of_reason(CAUSE, "cause"),
        "since": NINE.isoformat(),
    }
    assert early.events == ()
    assert not early.head.has_message
    assert first.events == (Event("expiry_not_watched", NINE + lasted, None, facts),)
    assert first.head.has_message
    assert first.head.is_unwatched
    assert second.events == ()
    assert second.head.has_message


def test_what_only_a_person_can_fix_is_looked_at_hourly_and_runs_keep_their_time() -> None:
    tired = failing(LookFault.DISABLED, attempt=3, retry_at=NINE)

    change = look_failed(tired, LookFault.DISABLED, CAUSE, NINE, jitter=0)

    assert change.head == failing(
        LookFault.DISABLED, check_at=NINE + LOOK_AGAIN_AFTER, has_message=True
    )
    assert next_move(change.head, NINE + 3 * HOUR) == Move("run")


def test_what_may_pass_by_itself_goes_on_being_tried() -> None:
    change = look_failed(failing(LookFault.OTHER), LookFault.OTHER, CAUSE, NINE + DAY, jitter=0)

    assert (change.head.attempt, change.head.retry_at) == (1, NINE + DAY + SECOND / 2)
    assert change.head.check_at == a_schedule().check_at


def test_each_event_of_a_schedule_is_a_message_of_its_own() -> None:
    events = [Event("expiry_not_watched", NINE), Event("expiry_watched_again", NINE)]

    assert schedule_announcements(events) == tuple(
        Announcement(
            key=f"watch-00000{number}",
            audience=Audience.AUDIT,
            subject=Subject.EVENT,
            revision=number,
            event=event,
        )
        for number, event in enumerate(events, start=1)
    )
