"""The steps of a rotation as a list, each with a status mark.

The marks are characters with a word next to them: not every client draws icons, and no one should
have to tell colours apart.
"""

from dataclasses import dataclass
from enum import Enum

from microsoft_teams.cards import CardElement, Column, ColumnSet

from cards.kit.elements import Color, caption, paragraph, run
from cards.kit.times import at_second_of, second_of, utc
from cards.languages.texts import say, say_count
from cards.rotation.wording import note_of, step_title
from domain.phrases import mark
from domain.rotation.rotation import PLAN, Rotation, RotationState, Step, StepRecord, StepStatus

ALL_STEPS = (*PLAN, Step.RETIRE)

_PURPOSES = {
    Step.CAPTURE: mark("Record the current version, and how each dependent uses it"),
    Step.ISSUE: mark("Create a new value"),
    Step.WRITE: mark("Store it as a new version"),
    Step.PROPAGATE: mark("Update every dependent"),
    Step.VERIFY: mark("Read back the secret and every dependent"),
    Step.RETIRE: mark("Disable the old version"),
}


class _Mark(Enum):
    """A step's status: sign, colour and words."""

    WAITING = ("○", "Default", mark("waiting"))
    NEXT = ("○", "Default", mark("next"))
    RUNNING = ("▶", "Accent", mark("running"))
    RETRYING = ("▶", "Warning", mark("retrying"))
    DONE = ("✓", "Good", mark("done"))
    FAILED = ("✗", "Attention", mark("failed"))
    UNDOING = ("↩", "Warning", mark("being undone"))
    UNDONE = ("↩", "Warning", mark("undone"))
    NOT_BEGUN = ("·", "Default", mark("not started"))

    def __init__(self, sign: str, color: Color, words: str) -> None:
        self.sign = sign
        self.color = color
        self.words = words


_RECORDED = {
    StepStatus.DONE: _Mark.DONE,
    StepStatus.FAILED: _Mark.FAILED,
    StepStatus.UNDONE: _Mark.UNDONE,
}
_UNDER_WAY = frozenset({_Mark.RUNNING, _Mark.RETRYING, _Mark.UNDOING})
_FORWARD_STATES = frozenset(
    {RotationState.PENDING, RotationState.RUNNING, RotationState.OVERLAPPING}
)


@dataclass(frozen=True, slots=True)
class _Row:
    step: Step
    mark: _Mark
    words: str
    note: str


def steps(rotation: Rotation) -> list[CardElement]:
    """Draw all steps of a rotation with their current status."""
    records = {record.step: record for record in rotation.records}
    rows = [_row(rotation, step, records.get(step)) for step in ALL_STEPS]
    done = sum(row.mark is _Mark.DONE for row in rows)
    all_done = say("Steps · {done} of {all} done", done=done, all=len(rows))
    title = all_done if done else say("Steps")
    return [caption(title, "Large"), *(_drawn(row) for row in rows)]


def _row(rotation: Rotation, step: Step, record: StepRecord | None) -> _Row:
    status = _mark(rotation, step, record)
    words = _words(rotation, record, status)
    return _Row(step, status, words, _note(rotation, step, record, status))


def _mark(rotation: Rotation, step: Step, record: StepRecord | None) -> _Mark:
    if step is rotation.step:
        match rotation.state:
            case RotationState.RUNNING:
                return _Mark.RETRYING if rotation.attempt else _Mark.RUNNING
            case RotationState.ROLLING_BACK:
                return _Mark.UNDOING
            case RotationState.OVERLAPPING if rotation.attempt:
                return _Mark.RETRYING
    if record:
        return _RECORDED[record.status]
    if rotation.state not in _FORWARD_STATES:
        return _Mark.NOT_BEGUN
    return _Mark.NEXT if step is _next_step(rotation) else _Mark.WAITING


def _next_step(rotation: Rotation) -> Step | None:
    """Return the step that comes after the one under way; None if none is known to."""
    match rotation.state:
        case RotationState.RUNNING:
            after = ALL_STEPS[ALL_STEPS.index(rotation.step) + 1 :]
            return after[0] if after else None
        case RotationState.PENDING | RotationState.OVERLAPPING:
            return rotation.step
        case _:
            return None


def _words(rotation: Rotation, record: StepRecord | None, status: _Mark) -> str:
    """Return a step's status and its time: ``done 14:05:02 UTC``."""
    began = _began(rotation) if status in _UNDER_WAY else ""
    if status is _Mark.RETRYING:
        return _retrying(rotation, began)
    words = say(status.words)
    now = say("{status} since {began}", status=words, began=began) if began else words
    if record is None:
        return now
    recorded, at = _RECORDED[record.status], second_of(record.at, rotation.asked_at)
    before = say("{status} {at}", status=say(recorded.words), at=at)
    return before if recorded is status else f"{before}, {now}"


def _retrying(rotation: Rotation, began: str) -> str:
    retry_at = rotation.retry_at
    when = at_second_of(retry_at, rotation.asked_at) if retry_at else ""
    if when and began:
        return say("retrying {when}, begun {began}", when=when, began=began)
    if when:
        return say("retrying {when}", when=when)
    return say("retrying, begun {began}", began=began) if began else say(_Mark.RETRYING.words)


def _began(rotation: Rotation) -> str:
    """Return when the step under way began: when the last one or the overlap ended.

    Empty for the first step after an approval: nothing says when that was.
    """
    ends = [record.at for record in rotation.records]
    if rotation.step is Step.RETIRE and rotation.overlap_until:
        ends.append(rotation.overlap_until)
    if not ends and rotation.approved_by:
        return ""
    return second_of(max(ends, default=rotation.asked_at), rotation.asked_at)


def _note(rotation: Rotation, step: Step, record: StepRecord | None, status: _Mark) -> str:
    unknown = rotation.unknown_until
    if unknown and unknown == rotation.retry_at and step is rotation.step and status in _UNDER_WAY:
        when = at_second_of(unknown, rotation.asked_at)
        return say(
            "Azure didn't answer and may still carry it out; checking again {when}", when=when
        )
    if status in {_Mark.RETRYING, _Mark.UNDOING} and note_of(rotation.last_failure):
        return _problem(rotation)
    if status is _Mark.RETRYING:
        return say("{title}: {said}", title=say(_PURPOSES[step]), said=_failures(rotation))
    # The overall failure is already on the card, so don't repeat it.
    if record and note_of(record.note) and record.note != rotation.failure:
        return note_of(record.note)
    if step is Step.RETIRE and rotation.overlap_until:
        return say("Disable the old version, after {at}", at=utc(rotation.overlap_until))
    return say(_PURPOSES[step])


def _problem(rotation: Rotation) -> str:
    """Say what keeps a step from succeeding, and how long it is retried."""
    trying = _failures(rotation)
    if until := rotation.patient_until:
        trying = say("trying until {until}", until=second_of(until, rotation.asked_at))
    return f"{note_of(rotation.last_failure).rstrip('.')}; {trying}"


def _failures(rotation: Rotation) -> str:
    return say_count("failed once so far", "failed {count} times so far", rotation.attempt)


def _drawn(row: _Row) -> ColumnSet:
    idle = row.mark in {_Mark.WAITING, _Mark.NEXT, _Mark.NOT_BEGUN}
    sign: list[CardElement] = [paragraph(run(row.mark.sign, bold=True, color=row.mark.color))]
    what: list[CardElement] = [
        paragraph(
            run(step_title(row.step), bold=not idle, subtle=idle),
            run(f"  {row.words}", size="Small", subtle=True),
        ),
        paragraph(run(row.note, size="Small", subtle=True), spacing="None"),
    ]
    return ColumnSet(
        spacing="Small",
        columns=[Column(width="24px", items=sign), Column(width="stretch", items=what)],
    )
