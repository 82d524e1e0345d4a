"""The steps of a rotation as a list, each with a mark for how it stands.

The marks are characters with a word beside them: not every client draws icons, and nobody has to
tell colours apart.
"""

from dataclasses import dataclass
from enum import Enum

from microsoft_teams.cards import CardElement, Column, ColumnSet

from cards.elements import Color, caption, paragraph, run
from cards.rotation_words import note_of
from cards.times import second_of, utc
from domain.rotation import PLAN, Rotation, RotationState, Step, StepRecord, StepStatus

ALL_STEPS = (*PLAN, Step.RETIRE)

_PURPOSES = {
    Step.CAPTURE: "Note which version is current, and how each dependent holds it",
    Step.ISSUE: "Make a new value",
    Step.WRITE: "Store it as a new version",
    Step.PROPAGATE: "Bring it to every dependent",
    Step.VERIFY: "Read the secret and every dependent back",
    Step.RETIRE: "Disable the old version",
}


class _Mark(Enum):
    """How a step stands: a sign, a word and a colour."""

    WAITING = ("○", "waiting", "Default")
    RUNNING = ("▶", "running", "Accent")
    RETRYING = ("▶", "trying again", "Warning")
    DONE = ("✓", "done", "Good")
    FAILED = ("✗", "failed", "Attention")
    UNDOING = ("↩", "being undone", "Warning")
    UNDONE = ("↩", "undone", "Warning")
    NOT_BEGUN = ("·", "not begun", "Default")

    def __init__(self, sign: str, word: str, color: Color) -> None:
        self.sign = sign
        self.word = word
        self.color = color


_RECORDED = {
    StepStatus.DONE: _Mark.DONE,
    StepStatus.FAILED: _Mark.FAILED,
    StepStatus.UNDONE: _Mark.UNDONE,
}
_GOES_FORWARD = frozenset({RotationState.PENDING, RotationState.RUNNING, RotationState.OVERLAPPING})


@dataclass(frozen=True, slots=True)
class _Row:
    step: Step
    mark: _Mark
    when: str
    note: str


def steps(rotation: Rotation) -> list[CardElement]:
    """Draw all steps of a rotation as they stand."""
    records = {record.step: record for record in rotation.records}
    rows = [_row(rotation, step, records.get(step)) for step in ALL_STEPS]
    return [caption("Steps", "Large"), *(_drawn(row) for row in rows)]


def _row(rotation: Rotation, step: Step, record: StepRecord | None) -> _Row:
    mark = _mark(rotation, step, record)
    when = second_of(record.at, rotation.asked_at) if record else ""
    if mark is _Mark.RETRYING and rotation.retry_at:
        when = f"next {second_of(rotation.retry_at, rotation.asked_at)}"
    return _Row(step, mark, when, _note(rotation, step, record, mark))


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
    return _Mark.WAITING if rotation.state in _GOES_FORWARD else _Mark.NOT_BEGUN


def _note(rotation: Rotation, step: Step, record: StepRecord | None, mark: _Mark) -> str:
    if mark is _Mark.RETRYING:
        times = "once" if rotation.attempt == 1 else f"{rotation.attempt} times"
        return f"{_PURPOSES[step]}: failed {times} so far"
    if record and note_of(record.note):
        return note_of(record.note)
    if step is Step.RETIRE and rotation.overlap_until:
        return f"{_PURPOSES[step]}, after {utc(rotation.overlap_until)}"
    return _PURPOSES[step]


def _drawn(row: _Row) -> ColumnSet:
    mark, idle = row.mark, row.mark in {_Mark.WAITING, _Mark.NOT_BEGUN}
    word = f"{mark.word} {row.when}" if row.when else mark.word
    name = str(row.step).capitalize()
    sign: list[CardElement] = [paragraph(run(mark.sign, bold=True, color=mark.color, subtle=idle))]
    what: list[CardElement] = [
        paragraph(
            run(name, bold=not idle, subtle=idle),
            run(f"  {word}", size="Small", color=mark.color, subtle=idle),
        ),
        paragraph(run(row.note, size="Small", subtle=True), spacing="None"),
    ]
    return ColumnSet(
        spacing="Small",
        columns=[Column(width="24px", items=sign), Column(width="stretch", items=what)],
    )
