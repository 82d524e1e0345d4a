"""What each change does to a rotation, and which events it leaves."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.reasons import Reason, as_written, facts_of_reason
from domain.rotation.changes import (
    FailureDetails,
    abandon,
    approve,
    ask,
    came_late,
    deny,
    end_overlap,
    fail_step,
    fail_undo,
    finish_step,
    lapse,
    look_later,
    replace_late,
    retire,
    retry,
    start,
    stop_after_look,
    undo_step,
)
from domain.rotation.rotation import (
    LOOK_AGAIN_AFTER,
    PATIENCE,
    PLAN,
    TRIES_BACK,
    TRIES_FORWARD,
    CurrentAtEnd,
    Rotation,
    RotationEffect,
    RotationState,
    Step,
    StepRecord,
    StepStatus,
    WhichVersion,
    next_move,
)
from domain.workflow import Change, Event, Fact, Move
from tests.support.builders import ADA, BO, HOUR, MINUTE, SECOND
from tests.support.clock import NINE
from tests.support.rotation.builders import (
    BY_SCHEDULE,
    DAY,
    a_pending_rotation,
    a_rotation,
    a_rotation_at,
    a_rotation_rolling_back,
    an_overlapping_rotation,
)

LATER = NINE + MINUTE
MANY = 100
"""More tries than any patience lasts for."""


def _fail(rotation: Rotation, *, final: bool = False) -> Change[Rotation]:
    return fail_step(rotation, as_written("It went wrong."), LATER, final=final, jitter=0)


def _kinds(change: Change[Rotation]) -> list[str]:
    return [str(event.kind) for event in change.events]


def _status(rotation: Rotation, step: Step) -> StepStatus | None:
    return next((record.status for record in rotation.records if record.step is step), None)


def test_a_started_rotation_records_why_and_by_whom() -> None:
    asked = start(a_rotation())
    scheduled = start(a_rotation(trigger=BY_SCHEDULE))

    facts = {"cause": "schedule", "detail": "0 3 1 * * (UTC)"}
    assert asked.events == (Event("rotation_started", NINE, ADA, {"cause": "asked", "detail": ""}),)
    assert (Event("rotation_started", NINE, None, facts),) == scheduled.events
    assert asked.head == a_rotation()


def test_a_rotation_waiting_for_a_second_admin_has_not_started() -> None:
    change = ask(a_pending_rotation())

    assert change.head == a_pending_rotation()
    assert change.events == (Event("rotation_asked", NINE, ADA, {"cause": "asked", "detail": ""}),)


def test_the_second_admins_approval_starts_it() -> None:
    change = approve(a_pending_rotation(attempt=2), BO, LATER)

    assert change.head == a_rotation(approved_by=BO)
    assert change.events == (Event("rotation_started", LATER, BO),)
    assert next_move(change.head, LATER) == Move("perform")


def test_the_second_admins_denial_ends_it() -> None:
    change = deny(a_pending_rotation(), BO, LATER)

    assert change.head == a_rotation(state=RotationState.DENIED)
    assert change.events == (Event("rotation_denied", LATER, BO),)


def test_the_second_admins_answer_keeps_their_note() -> None:
    approved = approve(a_pending_rotation(), BO, LATER, "go ahead")
    denied = deny(a_pending_rotation(), BO, LATER, "not today")

    assert approved.events == (Event("rotation_started", LATER, BO, {"answer_note": "go ahead"}),)
    assert denied.events == (Event("rotation_denied", LATER, BO, {"answer_note": "not today"}),)


def test_a_lapse_has_no_actor() -> None:
    change = lapse(a_pending_rotation(), NINE + 8 * HOUR)

    assert change.head == a_rotation(state=RotationState.LAPSED)
    assert change.events == (Event("rotation_lapsed", NINE + 8 * HOUR),)


def test_steps_run_in_order_up_to_the_overlap() -> None:
    rotation = a_rotation()
    performed: list[Step] = []
    while rotation.state is RotationState.RUNNING and len(performed) <= len(PLAN):
        performed.append(rotation.step)
        rotation = finish_step(rotation, as_written(f"{rotation.step} went well"), NINE).head

    assert tuple(performed) == PLAN
    assert [
        StepRecord(step, StepStatus.DONE, NINE, as_written(f"{step} went well")) for step in PLAN
    ] == list(rotation.records)
    assert (rotation.state, rotation.step) == (RotationState.OVERLAPPING, Step.RETIRE)


def test_a_finished_step_leaves_one_event_with_its_note() -> None:
    change = finish_step(a_rotation_at(Step.WRITE), as_written("version 3f0c"), LATER)

    facts = {"step": "write", "note": "version 3f0c"}
    assert (Event("step_done", LATER, None, facts),) == change.events
    assert change.head.step is Step.PROPAGATE


def test_a_successful_step_resets_the_attempts() -> None:
    tired = a_rotation_at(Step.WRITE, attempt=3, retry_at=NINE)

    head = finish_step(tired, as_written("version 3f0c"), LATER).head

    assert (head.attempt, head.retry_at) == (0, None)


def test_the_overlap_counts_from_the_last_step() -> None:
    verified = a_rotation_at(Step.VERIFY)

    change = finish_step(verified, as_written("all is well"), LATER)

    until = LATER + verified.terms.overlap
    overlapping = Event("overlapping", LATER, None, {"until": until.isoformat(), "version": "new"})
    assert until == change.head.overlap_until
    assert _kinds(change) == ["step_done", "overlapping"]
    assert overlapping == change.events[-1]


def test_without_an_overlap_the_old_version_is_retired_at_once() -> None:
    verified = a_rotation_at(Step.VERIFY)
    hasty = replace(verified, terms=replace(verified.terms, overlap=timedelta()))

    head = finish_step(hasty, as_written("all is well"), LATER).head

    assert next_move(head, LATER) == Move("retire")


@pytest.mark.parametrize("step", PLAN)
def test_a_failed_step_is_retried_and_then_rolled_back(step: Step) -> None:
    rotation, tries = a_rotation_at(step), 0
    while rotation.state is RotationState.RUNNING and tries <= TRIES_FORWARD:
        change = _fail(rotation)
        tries, rotation = tries + 1, change.head

    facts = {"step": str(step), "note": "It went wrong."}
    assert tries == TRIES_FORWARD
    assert rotation.state is RotationState.ROLLING_BACK
    assert (step, as_written("It went wrong.")) == (rotation.step, rotation.failure)
    assert _status(rotation, step) is StepStatus.FAILED
    assert (Event("step_failed", LATER, None, facts),) == change.events
    assert next_move(rotation, LATER) == Move("undo")


def test_a_retried_step_leaves_no_event_and_waits_longer_each_time() -> None:
    once = _fail(a_rotation_at(Step.WRITE))
    twice = _fail(once.head)

    assert once.events + twice.events == ()
    assert (once.head.attempt, once.head.retry_at) == (1, LATER + SECOND / 2)
    assert (twice.head.attempt, twice.head.retry_at) == (2, LATER + SECOND)
    assert twice.head.step is Step.WRITE


def test_a_permanent_failure_is_not_retried() -> None:
    change = _fail(a_rotation_at(Step.WRITE), final=True)

    assert change.head.state is RotationState.ROLLING_BACK
    assert _kinds(change) == ["step_failed"]


def test_azures_retry_after_is_honoured_both_ways() -> None:
    wait = 90 * SECOND

    forward = fail_step(
        a_rotation(), as_written("429"), NINE, final=False, jitter=0, retry_after=wait
    ).head
    back = fail_undo(
        a_rotation_rolling_back(Step.WRITE), as_written("429"), NINE, jitter=0, retry_after=wait
    ).head

    assert NINE + wait == forward.retry_at
    assert NINE + wait == back.retry_at


def test_a_slow_step_is_retried_until_its_patience_ends() -> None:
    rotation, now, tries = a_rotation_at(Step.VERIFY), NINE, 0
    while rotation.state is RotationState.RUNNING and tries < MANY:
        now = rotation.retry_at or now
        change = fail_step(
            rotation, as_written("late"), now, final=False, jitter=0, patience=PATIENCE
        )
        tries, rotation = tries + 1, change.head

    assert now == NINE + PATIENCE
    assert tries > TRIES_FORWARD
    assert rotation.state is RotationState.ROLLING_BACK
    assert rotation.patient_until is None


def test_patience_counts_from_the_first_failure() -> None:
    waiting = fail_step(
        a_rotation_at(Step.VERIFY),
        as_written("late"),
        NINE,
        final=False,
        jitter=0,
        patience=PATIENCE,
    ).head

    again = fail_step(
        waiting, as_written("late"), LATER, final=False, jitter=0, patience=PATIENCE
    ).head
    after = finish_step(again, None, LATER).head

    assert NINE + PATIENCE == waiting.patient_until == again.patient_until
    assert after.patient_until is None


def test_a_transient_error_during_the_patience_does_not_end_it() -> None:
    waiting = a_rotation_at(
        Step.VERIFY, attempt=TRIES_FORWARD + 1, patient_until=LATER + 10 * SECOND
    )

    change = fail_step(waiting, as_written("503"), LATER, final=False, jitter=0)

    assert change.head.state is RotationState.RUNNING
    assert change.head.retry_at == LATER + 10 * SECOND


def test_a_step_that_waits_is_tried_at_least_every_half_minute() -> None:
    waiting = a_rotation_at(Step.VERIFY, attempt=TRIES_FORWARD + 4, patient_until=LATER + HOUR)

    head = _fail(waiting).head

    assert head.retry_at is not None
    assert 10 * SECOND < head.retry_at - LATER <= 30 * SECOND


def test_an_undo_that_keeps_failing_is_tried_less_and_less_often() -> None:
    failing = a_rotation_rolling_back(Step.WRITE, attempt=TRIES_BACK - 2)

    head = fail_undo(failing, as_written("503"), LATER, jitter=0.5).head

    assert head.retry_at == LATER + 48 * SECOND


def test_a_permanent_failure_ends_the_patience() -> None:
    change = _fail(a_rotation_at(Step.VERIFY, patient_until=LATER + HOUR), final=True)

    assert change.head.state is RotationState.ROLLING_BACK


def test_azures_retry_after_can_exceed_the_remaining_patience() -> None:
    waiting = a_rotation_at(Step.VERIFY, attempt=1, patient_until=LATER + SECOND)

    head = fail_step(
        waiting, as_written("429"), LATER, final=False, jitter=0, retry_after=90 * SECOND
    ).head

    assert head.retry_at == LATER + 90 * SECOND


def test_an_undo_gets_the_same_patience() -> None:
    waiting = a_rotation_rolling_back(Step.WRITE, attempt=TRIES_BACK)

    patient = fail_undo(waiting, as_written("late"), LATER, jitter=0, patience=PATIENCE).head
    spent = fail_undo(
        patient, as_written("late"), LATER + PATIENCE, jitter=0, patience=PATIENCE
    ).head

    assert patient.state is RotationState.ROLLING_BACK
    assert spent.state is RotationState.NEEDS_HUMAN


@pytest.mark.parametrize("failed", PLAN)
def test_started_steps_are_undone_backward(failed: Step) -> None:
    rotation = a_rotation_rolling_back(failed)
    undone: list[Step] = []
    while rotation.state is RotationState.ROLLING_BACK and len(undone) <= len(PLAN):
        undone.append(rotation.step)
        change = undo_step(rotation, as_written(f"{rotation.step} is undone"), LATER)
        rotation = change.head

    begun = PLAN[: PLAN.index(failed) + 1]
    assert begun[::-1] == tuple(undone)
    assert rotation.state is RotationState.ROLLED_BACK
    assert {record.status for record in rotation.records} == {StepStatus.UNDONE}
    assert change.events[-1] == Event("rolled_back", LATER, None, {"reason": "It went wrong."})


def test_an_undo_with_nothing_to_undo_leaves_no_event() -> None:
    rotation = a_rotation_rolling_back(Step.VERIFY, attempt=2, retry_at=NINE)

    change = undo_step(rotation, None, LATER)

    assert change.events == ()
    assert rotation.records == change.head.records
    assert (
        change.head.step,
        change.head.attempt,
        change.head.retry_at,
    ) == (Step.PROPAGATE, 0, None)


def test_an_undo_that_did_something_leaves_an_event() -> None:
    note = as_written("the old value is back")

    change = undo_step(a_rotation_rolling_back(Step.WRITE), note, LATER)

    facts = {"step": "write", "note": "the old value is back"}
    assert (Event("step_undone", LATER, None, facts),) == change.events
    assert change.head.records[-1] == StepRecord(Step.WRITE, StepStatus.UNDONE, LATER, note)


@pytest.mark.parametrize(
    "rotation", [a_rotation_rolling_back(Step.PROPAGATE), an_overlapping_rotation()]
)
def test_an_undo_or_retirement_that_keeps_failing_needs_a_human(rotation: Rotation) -> None:
    began, tries = rotation.state, 0
    events: tuple[Event, ...] = ()
    while rotation.state is began and tries <= TRIES_BACK:
        change = fail_undo(rotation, as_written("503"), LATER, jitter=0)
        tries, rotation, events = tries + 1, change.head, events + change.events

    facts = {"step": str(rotation.step), "cause": "503"}
    assert tries == TRIES_BACK
    assert rotation.state is RotationState.NEEDS_HUMAN
    assert _status(rotation, rotation.step) is StepStatus.FAILED
    assert (Event("needs_human", LATER, None, facts),) == events


def test_a_wait_before_retrying_the_undo_is_recorded() -> None:
    head = fail_undo(a_rotation_rolling_back(Step.WRITE), as_written("503"), LATER, jitter=0).head

    assert (head.attempt, head.retry_at) == (1, LATER + SECOND / 2)
    assert head.state is RotationState.ROLLING_BACK


@pytest.mark.parametrize("step", PLAN)
def test_a_retry_continues_the_failed_undo(step: Step) -> None:
    helpless = a_rotation_rolling_back(step, state=RotationState.NEEDS_HUMAN)

    change = retry(helpless, BO, LATER)

    assert a_rotation_rolling_back(step) == change.head
    assert change.events == (Event("retried", LATER, BO),)
    assert next_move(change.head, LATER) == Move("undo")


def test_a_retry_continues_the_failed_retirement() -> None:
    helpless = an_overlapping_rotation(state=RotationState.NEEDS_HUMAN)

    head = retry(helpless, BO, NINE + DAY).head

    assert head.state is RotationState.OVERLAPPING
    assert next_move(head, NINE + DAY) == Move("retire")


def test_a_retry_gets_as_many_tries_as_the_first_time() -> None:
    rotation, tries = (
        retry(a_rotation_rolling_back(Step.WRITE, state=RotationState.NEEDS_HUMAN), BO, NINE).head,
        0,
    )
    while rotation.state is RotationState.ROLLING_BACK and tries <= TRIES_BACK:
        tries, rotation = tries + 1, fail_undo(rotation, as_written("503"), LATER, jitter=0).head

    assert tries == TRIES_BACK


@pytest.mark.parametrize(("end", "until"), [(NINE + DAY, (NINE + DAY).isoformat()), (None, None)])
def test_an_overlap_ends_at_once_for_a_rotation_that_needs_its_credential(
    end: datetime | None, until: str | None
) -> None:
    overlapping = an_overlapping_rotation(overlap_until=end)

    change = end_overlap(overlapping, a_rotation(id="rot-two"), LATER)

    facts: dict[str, Fact] = {"rotation_id": "rot-two", "until": until}
    assert change.head == an_overlapping_rotation(overlap_until=LATER)
    assert change.events == (Event("overlap_ended", LATER, None, facts),)
    assert next_move(change.head, LATER) == Move("retire")


def test_retiring_the_old_version_completes_the_rotation() -> None:
    note = as_written("old is off")

    change = retire(an_overlapping_rotation(attempt=2, retry_at=LATER), note, NINE + DAY)

    facts = {"version": "new", "note": "old is off"}
    assert change.head.state is RotationState.ROTATED
    assert change.head.records[-1] == StepRecord(Step.RETIRE, StepStatus.DONE, NINE + DAY, note)
    assert (change.head.attempt, change.head.retry_at) == (0, None)
    assert (Event("rotated", NINE + DAY, None, facts),) == change.events


def test_each_step_has_one_record_however_often_it_is_tried() -> None:
    failed = _fail(a_rotation_at(Step.WRITE), final=True).head

    undone = undo_step(failed, as_written("the old value is back"), LATER).head

    assert [record.step for record in undone.records] == [Step.CAPTURE, Step.ISSUE, Step.WRITE]


BUSY = FailureDetails(status=503, code="ServerBusy", while_trying=as_written("It is busy."))
ANSWERED: dict[str, Fact] = {"status": 503, "code": "ServerBusy"}
WRONG = as_written("It went wrong.")


def test_a_step_that_waits_says_so_once_with_its_reason_and_until_when() -> None:
    rotation = a_rotation_at(Step.VERIFY)

    first = fail_step(rotation, WRONG, NINE, final=False, jitter=0, patience=PATIENCE, details=BUSY)
    second = fail_step(
        first.head, WRONG, LATER, final=False, jitter=0, patience=PATIENCE, details=BUSY
    )

    assert first.head.last_failure == as_written("It is busy.")
    until = {"until": (NINE + PATIENCE).isoformat()}
    facts: dict[str, Fact] = {"step": "verify", "note": "It is busy.", **until, **ANSWERED}
    assert first.events == (Event("step_waits", NINE, None, facts),)
    assert second.events == ()


def test_an_undo_that_waits_says_so_too() -> None:
    change = fail_undo(
        a_rotation_rolling_back(Step.WRITE),
        WRONG,
        NINE,
        jitter=0,
        patience=PATIENCE,
        details=BUSY,
    )

    until = {"until": (NINE + PATIENCE).isoformat()}
    facts: dict[str, Fact] = {"step": "write", "note": "It is busy.", **until, **ANSWERED}
    assert change.events == (Event("step_waits", NINE, None, facts),)


def test_a_failure_is_kept_while_it_is_tried_again_and_forgotten_then() -> None:
    once = fail_step(a_rotation_at(Step.WRITE), WRONG, NINE, final=False, jitter=0).head
    back = fail_undo(a_rotation_rolling_back(Step.WRITE), WRONG, NINE, jitter=0).head

    assert (once.last_failure, back.last_failure) == (WRONG, WRONG)
    assert finish_step(once, None, LATER).head.last_failure is None


def test_jitter_lengthens_the_wait() -> None:
    forward = fail_step(a_rotation_at(Step.WRITE), WRONG, NINE, final=False, jitter=0.5).head
    back = fail_undo(a_rotation_rolling_back(Step.WRITE), WRONG, NINE, jitter=0.5).head

    assert forward.retry_at == back.retry_at == NINE + 0.75 * SECOND


def test_the_last_failure_keeps_what_the_service_answered() -> None:
    failed = fail_step(a_rotation_at(Step.WRITE), WRONG, LATER, final=True, jitter=0, details=BUSY)
    helpless = fail_undo(
        a_rotation_rolling_back(Step.WRITE, attempt=TRIES_BACK - 1),
        Reason("busy", {"for": 1}),
        LATER,
        jitter=0,
        details=BUSY,
    )

    facts: dict[str, Fact] = {"step": "write", "note": "It went wrong.", **ANSWERED}
    assert failed.events == (Event("step_failed", LATER, None, facts),)
    record = failed.head.records[-1]
    assert record == StepRecord(Step.WRITE, StepStatus.FAILED, LATER, WRONG)
    cause = facts_of_reason(Reason("busy", {"for": 1}), "cause")
    needs = Event("needs_human", LATER, None, {"step": "write", **cause, **ANSWERED})
    assert helpless.events == (needs,)
    last = StepRecord(Step.WRITE, StepStatus.FAILED, LATER, Reason("busy", {"for": 1}))
    assert helpless.head.records[-1] == last


def test_a_step_without_a_note_says_nothing() -> None:
    [event] = finish_step(a_rotation_at(Step.WRITE), None, LATER).events

    assert event.facts == {"step": "write", "note": ""}


def test_a_rollback_whose_cause_is_unknown_ends_without_one() -> None:
    first = a_rotation_rolling_back(Step.CAPTURE, failure=None)

    assert undo_step(first, None, LATER).events == (Event("rolled_back", LATER),)


def test_a_finished_rollback_says_which_version_is_current() -> None:
    current = CurrentAtEnd(WhichVersion.RESTORED, "restored")
    first = a_rotation_rolling_back(Step.CAPTURE, current_at_end=current)

    [event] = undo_step(first, None, LATER).events

    known = {"current": "restored", "version": "restored"}
    assert event == Event("rolled_back", LATER, None, {"reason": "It went wrong.", **known})


def test_a_retirement_that_needs_a_human_says_if_the_old_version_is_disabled_already() -> None:
    tired = an_overlapping_rotation(attempt=TRIES_BACK - 1, is_old_disabled=True)

    [event] = fail_undo(tired, WRONG, LATER, jitter=0).events

    facts: dict[str, Fact] = {"step": "retire", "cause": "It went wrong.", "is_old_disabled": True}
    assert event == Event("needs_human", LATER, None, facts)


def test_a_retry_goes_on_at_once_when_nothing_is_unknown_any_more() -> None:
    helpless = a_rotation_rolling_back(
        Step.WRITE, state=RotationState.NEEDS_HUMAN, unknown_until=LATER
    )

    assert retry(helpless, BO, LATER).head.retry_at is None
    assert retry(helpless, BO, LATER - SECOND).head.retry_at == LATER


TIRED: dict[str, Any] = {"attempt": 3, "retry_at": NINE, "patient_until": NINE}


def test_a_version_that_came_late_is_undone_again() -> None:
    rolled_back = a_rotation_rolling_back(
        Step.CAPTURE,
        state=RotationState.ROLLED_BACK,
        restored_version="restored",
        current_at_end=CurrentAtEnd(WhichVersion.RESTORED, "restored"),
        look_again_at=NINE,
        **TIRED,
    )

    change = came_late(rolled_back, "new", LATER)

    assert change.head == replace(a_rotation_rolling_back(Step.CAPTURE), step=Step.WRITE)
    assert change.events == (Event("version_came_late", LATER, None, {"version": "new"}),)


def test_a_human_is_asked_at_the_write_which_version_should_be_current() -> None:
    rolled_back = a_rotation_rolling_back(
        Step.CAPTURE,
        state=RotationState.ROLLED_BACK,
        look_again_at=NINE,
        restored_version="restored",
        current_at_end=CurrentAtEnd(WhichVersion.RESTORED, "restored"),
        **TIRED,
    )

    change = stop_after_look(rolled_back, Reason("written_by_others"), LATER)

    failed = StepRecord(Step.WRITE, StepStatus.FAILED, LATER, Reason("written_by_others"))
    asked = a_rotation_rolling_back(
        Step.CAPTURE, state=RotationState.NEEDS_HUMAN, records=(failed,)
    )
    assert change.head == replace(asked, step=Step.WRITE)
    cause = facts_of_reason(Reason("written_by_others"), "cause")
    assert change.events == (Event("needs_human", LATER, None, {"step": "write", **cause}),)


@pytest.mark.parametrize(
    ("state", "is_old_disabled"),
    [(RotationState.OVERLAPPING, False), (RotationState.ROTATED, True)],
)
def test_a_human_is_asked_at_the_retirement_after_a_verification_and_a_retry_looks_again(
    state: RotationState, is_old_disabled: bool
) -> None:
    looking = replace(an_overlapping_rotation(look_again_at=NINE), state=state)

    stopped = stop_after_look(looking, Reason("written_by_others"), LATER).head
    retried = retry(stopped, ADA, LATER).head

    assert (stopped.state, stopped.step) == (RotationState.NEEDS_HUMAN, Step.RETIRE)
    assert stopped.is_old_disabled is is_old_disabled
    assert next_move(retried, LATER) == Move(RotationEffect.LOOK_AGAIN)


def test_the_final_check_is_put_off_until_it_gets_an_answer() -> None:
    rotation = a_rotation(state=RotationState.ROLLED_BACK, look_again_at=NINE)
    times: list[datetime | None] = []
    for _ in range(3 * TRIES_BACK):
        rotation = look_later(rotation, NINE, 0).head
        times.append(rotation.look_again_at)

    assert times[:2] == [NINE + SECOND / 2, NINE + SECOND]
    assert times[-1] == NINE + 150 * SECOND
    assert look_later(a_rotation(), NINE, 0.5).head.look_again_at == NINE + 0.75 * SECOND


def test_the_final_check_waits_as_long_as_the_service_asks_for() -> None:
    put_off = look_later(a_rotation(look_again_at=NINE), NINE, 0, 60 * SECOND).head

    assert put_off.look_again_at == NINE + 60 * SECOND


def test_checks_without_an_answer_leave_all_tries_to_the_retirement() -> None:
    waiting = an_overlapping_rotation(look_again_at=NINE, unanswered_looks=TRIES_BACK)

    put_off = look_later(waiting, NINE, 0).head

    assert put_off.attempt == 0
    assert replace_late(put_off, (), LATER).head == an_overlapping_rotation()


def test_late_versions_that_are_disabled_are_recorded() -> None:
    looking = an_overlapping_rotation(look_again_at=NINE, unanswered_looks=1)

    change = replace_late(looking, ("late", "later"), LATER)

    assert change.head == an_overlapping_rotation()
    assert change.events == (Event("late_version_replaced", LATER, None, {"version": "late"}),)


def test_a_check_that_finds_nothing_late_is_no_event() -> None:
    looking = an_overlapping_rotation(look_again_at=NINE)

    assert replace_late(looking, (), LATER) == Change(an_overlapping_rotation())


@pytest.mark.parametrize(("before", "after"), [(None, None), (NINE, LATER + LOOK_AGAIN_AFTER)])
def test_after_a_write_without_an_answer_there_is_a_look_minutes_after_the_verification(
    before: datetime | None, after: datetime | None
) -> None:
    verifying = a_rotation_at(Step.VERIFY, look_again_at=before)

    assert finish_step(verifying, None, LATER).head.look_again_at == after


def test_an_abandoned_rotation_records_why_and_how_it_was_left() -> None:
    helpless = a_rotation_rolling_back(Step.WRITE, state=RotationState.NEEDS_HUMAN, **TIRED)
    left = (Reason("current_version", {"which": "old"}),)

    change = abandon(helpless, BO, "the vault is gone", left, LATER)

    assert change.head == a_rotation_rolling_back(
        Step.WRITE,
        state=RotationState.ABANDONED,
        abandoned_because="the vault is gone",
        left=left,
    )
    facts: dict[str, Fact] = {
        "reason": "the vault is gone",
        "step": "write",
        **facts_of_reason(Reason("left", parts=left), "left"),
    }
    assert change.events == (Event("rotation_abandoned", LATER, BO, facts),)
