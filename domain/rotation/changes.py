"""Changes of a rotation: each function returns a new head and its events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.backoff import LONGEST, backoff
from domain.people import Actor
from domain.reasons import Reason, facts_of_reason
from domain.rotation.insistence import insist
from domain.rotation.rotation import (
    LOOK_AGAIN_AFTER,
    LOOK_EVERY,
    TRIES_BACK,
    TRIES_FORWARD,
    CurrentAtEnd,
    Rotation,
    RotationEvent,
    RotationState,
    Step,
    StepRecord,
    StepStatus,
    step_after,
    step_before,
)
from domain.workflow import Change, Event, Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureDetails:
    """What is known of a failure besides its reason.

    ``status`` and ``code`` come from the service's answer, and are missing if there was none.
    """

    status: int | None = None
    code: str = ""
    while_trying: Reason | None = None
    """What is said in place of the reason while the step is tried again."""

    @property
    def facts(self) -> Mapping[str, Fact]:
        known: dict[str, Fact] = {"status": self.status, "code": self.code}
        return {name: value for name, value in known.items() if value}


_UNKNOWN = FailureDetails()


def ask(rotation: Rotation) -> Change[Rotation]:
    """Open a rotation that needs a second admin's approval; it lapses at ``retry_at``."""
    return Change(rotation, (_event(RotationEvent.ASKED, rotation, rotation.asked_at),))


def start(rotation: Rotation) -> Change[Rotation]:
    """Open a rotation that starts at once."""
    return Change(rotation, (_event(RotationEvent.STARTED, rotation, rotation.asked_at),))


def approve(rotation: Rotation, actor: Actor, now: datetime, note: str = "") -> Change[Rotation]:
    """Start a rotation that a second admin approved; ``note`` can be empty."""
    head = replace(
        rotation, state=RotationState.RUNNING, approved_by=actor, retry_at=None, attempt=0
    )
    return Change(head, (Event(RotationEvent.STARTED, now, actor, _answer_note(note)),))


def deny(rotation: Rotation, actor: Actor, now: datetime, reason: str = "") -> Change[Rotation]:
    """End a rotation that a second admin denied; ``reason`` can be empty."""
    head = replace(rotation, state=RotationState.DENIED, retry_at=None)
    return Change(head, (Event(RotationEvent.DENIED, now, actor, _answer_note(reason)),))


def _answer_note(note: str) -> dict[str, Fact]:
    return {"answer_note": note} if note else {}


def lapse(rotation: Rotation, now: datetime) -> Change[Rotation]:
    """End a rotation that no second admin decided in time."""
    head = replace(rotation, state=RotationState.LAPSED, retry_at=None)
    return Change(head, (Event(RotationEvent.LAPSED, now),))


def finish_step(rotation: Rotation, note: Reason | None, now: datetime) -> Change[Rotation]:
    """Record a step that is done and read back; after the last one the overlap begins.

    ``rotation`` already contains what the step found or made.
    """
    done = _record(rotation, StepStatus.DONE, note, now)
    event = _step_event(RotationEvent.STEP_DONE, done, note, now)
    following = step_after(rotation.step)
    if following:
        return Change(replace(done, step=following), (event,))
    until = now + rotation.terms.overlap
    head = replace(
        done,
        state=RotationState.OVERLAPPING,
        step=Step.RETIRE,
        overlap_until=until,
        look_again_at=now + LOOK_AGAIN_AFTER if done.look_again_at else None,
    )
    facts: dict[str, Fact] = {"until": until.isoformat(), "version": rotation.new_version}
    return Change(head, (event, Event(RotationEvent.OVERLAPPING, now, None, facts)))


def fail_step(
    rotation: Rotation,
    why: Reason,
    now: datetime,
    *,
    final: bool,
    jitter: float,
    retry_after: timedelta | None = None,
    patience: timedelta | None = None,
    details: FailureDetails = _UNKNOWN,
) -> Change[Rotation]:
    """Schedule a retry of a failed step, or roll everything back if retrying won't help.

    With ``patience``, it is retried for that long after the first such failure, whatever transient
    errors come in between.
    """
    tried = _tried(rotation, details.while_trying or why, now, patience)
    if not final and _is_worth_a_try(tried, TRIES_FORWARD, now):
        head = _put_off(tried, now, jitter, retry_after)
        return Change(head, _waits(rotation, head, details, now))
    failed = _record(rotation, StepStatus.FAILED, why, now)
    head = replace(failed, state=RotationState.ROLLING_BACK, failure=why)
    event = _step_event(RotationEvent.STEP_FAILED, rotation, why, now)
    return Change(head, (replace(event, facts={**event.facts, **details.facts}),))


def undo_step(rotation: Rotation, note: Reason | None, now: datetime) -> Change[Rotation]:
    """Record an undone step; after the first step's undo, everything is rolled back."""
    undone = _record(rotation, StepStatus.UNDONE, note, now) if note else _reset_retries(rotation)
    events = (_step_event(RotationEvent.STEP_UNDONE, rotation, note, now),) if note else ()
    previous = step_before(rotation.step)
    if previous:
        return Change(replace(undone, step=previous), events)
    why = facts_of_reason(rotation.failure) if rotation.failure else {}
    facts: dict[str, Fact] = {**why, **_current(rotation.current_at_end)}
    head = replace(undone, state=RotationState.ROLLED_BACK)
    return Change(head, (*events, Event(RotationEvent.ROLLED_BACK, now, None, facts)))


def _current(at_end: CurrentAtEnd | None) -> dict[str, Fact]:
    if at_end is None:
        return {}
    return {"current": str(at_end.which), "version": at_end.version}


def fail_undo(
    rotation: Rotation,
    why: Reason,
    now: datetime,
    *,
    jitter: float,
    retry_after: timedelta | None = None,
    patience: timedelta | None = None,
    details: FailureDetails = _UNKNOWN,
) -> Change[Rotation]:
    """Schedule a retry of a failed undo or retirement; after enough tries or time, ask a human."""
    tried = _tried(rotation, details.while_trying or why, now, patience)
    if _is_worth_a_try(tried, TRIES_BACK, now):
        head = _put_off(tried, now, jitter, retry_after)
        return Change(head, _waits(rotation, head, details, now))
    failed = _record(rotation, StepStatus.FAILED, why, now)
    facts: dict[str, Fact] = {"step": str(rotation.step), **facts_of_reason(why, "cause")}
    if rotation.is_old_disabled:
        facts["is_old_disabled"] = True
    event = Event(RotationEvent.NEEDS_HUMAN, now, None, {**facts, **details.facts})
    return Change(replace(failed, state=RotationState.NEEDS_HUMAN), (event,))


def retry(rotation: Rotation, actor: Actor, now: datetime) -> Change[Rotation]:
    """Continue a rotation that needed a human, in spite of what it had stopped at."""
    state = (
        RotationState.OVERLAPPING if rotation.step is Step.RETIRE else RotationState.ROLLING_BACK
    )
    # Don't resend an unanswered change while it may still be carried out.
    unknown = rotation.unknown_until
    waits_until = unknown if unknown and unknown > now else None
    head = replace(
        _reset_retries(rotation),
        state=state,
        insisted_on=insist(rotation),
        retry_at=waits_until,
    )
    return Change(head, (Event(RotationEvent.RETRIED, now, actor),))


def came_late(rotation: Rotation, version: str, now: datetime) -> Change[Rotation]:
    """Undo the write again: our version appeared after the rollback."""
    head = replace(
        looked(_reset_retries(rotation)),
        state=RotationState.ROLLING_BACK,
        step=Step.WRITE,
        restored_version=None,
        current_at_end=None,
    )
    return Change(head, (Event(RotationEvent.CAME_LATE, now, None, {"version": version}),))


def stop_after_look(rotation: Rotation, why: Reason, now: datetime) -> Change[Rotation]:
    """Stop, because only a human knows which version should be current.

    After a rollback, a retry undoes the write again; otherwise it looks again and then retires.
    """
    head = replace(rotation, is_old_disabled=rotation.state is RotationState.ROTATED)
    if rotation.state is RotationState.ROLLED_BACK:
        head = replace(
            looked(rotation), step=Step.WRITE, restored_version=None, current_at_end=None
        )
    failed = _record(head, StepStatus.FAILED, why, now)
    facts: dict[str, Fact] = {"step": str(head.step), **facts_of_reason(why, "cause")}
    event = Event(RotationEvent.NEEDS_HUMAN, now, None, facts)
    return Change(replace(failed, state=RotationState.NEEDS_HUMAN), (event,))


def look_later(
    rotation: Rotation, now: datetime, jitter: float, retry_after: timedelta | None = None
) -> Change[Rotation]:
    """Postpone the final check, for as long as it gets no answer: nothing else would look."""
    looks = rotation.unanswered_looks + 1
    at = now + backoff(looks, jitter, retry_after)
    return Change(replace(rotation, unanswered_looks=looks, look_again_at=at))


def looked(rotation: Rotation) -> Rotation:
    """Note that the final check got its answer."""
    return replace(rotation, look_again_at=None, unanswered_looks=0)


def replace_late(rotation: Rotation, versions: tuple[str, ...], now: datetime) -> Change[Rotation]:
    """Record that late versions are disabled, and that the verified value is the current one."""
    head = looked(rotation)
    if not versions:
        return Change(head)
    late: dict[str, Fact] = {"version": versions[0]}
    return Change(head, (Event(RotationEvent.LATE_REPLACED, now, None, late),))


def abandon(
    rotation: Rotation, actor: Actor, reason: str, left: tuple[Reason, ...], now: datetime
) -> Change[Rotation]:
    """End a rotation that can never finish; ``left`` describes the vault and dependents."""
    head = replace(
        _reset_retries(rotation), state=RotationState.ABANDONED, abandoned_because=reason, left=left
    )
    facts: dict[str, Fact] = {
        "reason": reason,
        "step": str(rotation.step),
        **facts_of_reason(Reason("left", parts=left), "left"),
    }
    return Change(head, (Event(RotationEvent.ABANDONED, now, actor, facts),))


def end_overlap(rotation: Rotation, by: Rotation, now: datetime) -> Change[Rotation]:
    """End the overlap now, because another rotation replaces the credential that it keeps valid."""
    until = rotation.overlap_until.isoformat() if rotation.overlap_until else None
    facts: dict[str, Fact] = {"rotation_id": by.id, "until": until}
    event = Event(RotationEvent.OVERLAP_ENDED, now, None, facts)
    return Change(replace(rotation, overlap_until=now), (event,))


def retire(rotation: Rotation, note: Reason | None, now: datetime) -> Change[Rotation]:
    """Record that the old version is disabled: the rotation is complete."""
    head = replace(_record(rotation, StepStatus.DONE, note, now), state=RotationState.ROTATED)
    facts: dict[str, Fact] = {"version": rotation.new_version, **_note(note)}
    return Change(head, (Event(RotationEvent.ROTATED, now, None, facts),))


def _record(rotation: Rotation, status: StepStatus, note: Reason | None, now: datetime) -> Rotation:
    """Set the current step's record, replacing any earlier one."""
    others = tuple(record for record in rotation.records if record.step is not rotation.step)
    record = StepRecord(rotation.step, status, now, note)
    return _reset_retries(replace(rotation, records=(*others, record)))


def _tried(
    rotation: Rotation, failure: Reason, now: datetime, patience: timedelta | None
) -> Rotation:
    until = now + patience if patience else None
    return replace(
        rotation,
        attempt=rotation.attempt + 1,
        patient_until=rotation.patient_until or until,
        last_failure=failure,
    )


def _waits(
    before: Rotation, after: Rotation, details: FailureDetails, now: datetime
) -> tuple[Event, ...]:
    """Return an event when a step starts to wait: the cards show since when, and why."""
    if before.patient_until or after.patient_until is None:
        return ()
    event = _step_event(RotationEvent.STEP_WAITS, before, after.last_failure, now)
    facts = {**event.facts, "until": after.patient_until.isoformat(), **details.facts}
    return (replace(event, facts=facts),)


def _is_worth_a_try(rotation: Rotation, tries: int, now: datetime) -> bool:
    if rotation.patient_until:
        return now < rotation.patient_until
    return rotation.attempt < tries


def _put_off(
    rotation: Rotation, now: datetime, jitter: float, retry_after: timedelta | None
) -> Rotation:
    longest = LOOK_EVERY if rotation.patient_until else LONGEST
    wait = backoff(rotation.attempt, jitter, retry_after, longest)
    if rotation.patient_until and not retry_after:
        # The last try is when the patience ends.
        wait = min(wait, rotation.patient_until - now)
    return replace(rotation, retry_at=now + wait)


def _reset_retries(rotation: Rotation) -> Rotation:
    return replace(rotation, attempt=0, retry_at=None, patient_until=None, last_failure=None)


def _event(kind: RotationEvent, rotation: Rotation, at: datetime) -> Event:
    facts: dict[str, Fact] = {
        "cause": str(rotation.trigger.cause),
        "detail": rotation.trigger.detail,
    }
    return Event(kind, at, rotation.trigger.actor, facts)


def _step_event(
    kind: RotationEvent, rotation: Rotation, note: Reason | None, now: datetime
) -> Event:
    return Event(kind, now, None, {"step": str(rotation.step), **_note(note)})


def _note(note: Reason | None) -> dict[str, str]:
    return facts_of_reason(note, "note") if note else {"note": ""}
