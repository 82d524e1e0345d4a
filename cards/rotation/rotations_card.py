"""The list of rotated secrets: last run, its outcome, next run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from microsoft_teams.cards import Action, ActionSet, CardElement, Container

from cards.kit import text, verbs
from cards.kit.elements import Color, Content, card, header, paragraph, run
from cards.kit.listing import ONE_PAGE, Paging, list_button, page_buttons
from cards.kit.times import age, utc
from cards.kit.tone import Tone
from cards.languages.texts import say, say_count
from cards.rotation.expiry_watch_card import why_not_watched
from domain.phrases import mark
from domain.rotation.rotation import RotationState
from domain.rotation.schedule import ScheduledRotation

_OUTCOMES = {
    RotationState.PENDING: mark("waiting for another admin"),
    RotationState.RUNNING: mark("rotating"),
    RotationState.OVERLAPPING: mark("rotated, old version not retired yet"),
    RotationState.ROTATED: mark("rotated"),
    RotationState.ROLLING_BACK: mark("failed, rolling back"),
    RotationState.ROLLED_BACK: mark("failed, rolled back"),
    RotationState.NEEDS_HUMAN: mark("needs a human"),
    RotationState.DENIED: mark("denied"),
    RotationState.LAPSED: mark("expired"),
    RotationState.ABANDONED: mark("abandoned, not finished"),
}
_ALARMING = frozenset(
    {RotationState.ROLLED_BACK, RotationState.NEEDS_HUMAN, RotationState.ABANDONED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationRow:
    """One secret's rotation; None for what isn't known or doesn't exist."""

    secret: str
    vault_name: str
    last_run: datetime | None = None
    outcome: RotationState | None = None
    """The state of the last run."""
    rotation_id: str = ""
    """The last run's id, for retrying or abandoning it."""
    next_run: datetime | None = None
    """The next scheduled run; None without a schedule."""
    is_due: bool = False
    """Whether that run is due, but hasn't begun."""
    current_age: timedelta | None = None
    """The age of the current version; None if it couldn't be read."""
    unwatched: ScheduledRotation | None = None
    """Its schedule, if its expiry can't be checked; otherwise None."""
    is_under_way: bool = False
    """Whether the last run has yet to end, so that no other one can start."""
    is_only_run: bool = False
    """Whether it is only about a run that needs a human, and not about its secret."""


def rotations_card(
    rows: Sequence[RotationRow], count: int, helpless: int, paging: Paging = ONE_PAGE
) -> Content:
    """Draw a page of the ``count`` rotated secrets, of which ``helpless`` need a human."""
    body: list[CardElement] = [_header(count, helpless)]
    if not rows:
        body.append(
            paragraph(
                run(say("No secret is set up for rotation. An admin can add one to the policy."))
            )
        )
        return card(body)
    body.extend(_drawn(row, paging) for row in rows)
    return card(body, page_buttons(paging, verbs.ROTATIONS_PAGE))


def by_urgency(rows: Sequence[RotationRow]) -> list[RotationRow]:
    """Return the rows, those that need a human first, otherwise in their order."""
    return sorted(rows, key=_urgency)


def _urgency(row: RotationRow) -> int:
    if row.outcome is RotationState.NEEDS_HUMAN:
        return 0
    return 1 if row.unwatched else 2


def _header(count: int, helpless: int) -> CardElement:
    if helpless:
        needs = say_count("{count} secret needs a human", "{count} secrets need a human", helpless)
        return header(say("Rotations"), needs, Tone.BAD)
    rotated = say_count("{count} secret is rotated", "{count} secrets are rotated", count)
    return header(say("Rotations"), rotated, Tone.INFO)


def _drawn(row: RotationRow, paging: Paging) -> CardElement:
    outcome = _outcome(row)
    color: Color = "Attention" if row.outcome in _ALARMING else "Default"
    drawn: list[CardElement] = [
        paragraph(
            run(text.id_of(row.secret), bold=True),
            run(f" {say('in {vault}', vault=text.id_of(row.vault_name))}", subtle=True),
            run(f"  {outcome}", color=color, bold=True, size="Small"),
        ),
        paragraph(run(_moments(row), subtle=True, size="Small"), spacing="None"),
    ]
    if row.outcome is RotationState.NEEDS_HUMAN:
        run_id = run(text.line(row.rotation_id), mono=True, subtle=True, size="Small")
        drawn.append(paragraph(run_id, spacing="None"))
    if row.unwatched:
        words = why_not_watched(row.unwatched)
        drawn.append(paragraph(run(words, color="Attention", size="Small"), spacing="None"))
    drawn.append(ActionSet(actions=_buttons(row, paging)))
    return Container(items=drawn, spacing="Medium", separator=True)


def _outcome(row: RotationRow) -> str:
    if row.outcome is None:
        return say("no run on record")
    return say(_OUTCOMES[row.outcome])


def _buttons(row: RotationRow, paging: Paging) -> list[Action]:
    """Draw what can be done; a rotation that hasn't ended blocks another one of its secret."""
    name = text.id_of(row.secret)
    if row.outcome is RotationState.NEEDS_HUMAN:
        run_of = {verbs.ROTATION: row.rotation_id, **paging.data}
        return [
            list_button(say("Retry"), verbs.ROTATIONS_RETRY, run_of, name),
            list_button(say("Abandon"), verbs.ROTATIONS_ABANDON, run_of, name),
        ]
    data = {verbs.SECRET: name, **paging.data}
    plan = list_button(say("Plan"), verbs.ROTATIONS_PLAN, data, name)
    if row.is_under_way:
        return [plan]
    return [plan, list_button(say("Rotate"), verbs.ROTATIONS_ROTATE, data, name)]


def _moments(row: RotationRow) -> str:
    if row.is_only_run and row.last_run:
        return say("Run of {at}", at=utc(row.last_run))
    return " · ".join([_last_run(row.last_run), _next_run(row), _age(row.current_age)])


def _last_run(at: datetime | None) -> str:
    return say("Last run on {at}", at=utc(at)) if at else say("No run on record")


def _next_run(row: RotationRow) -> str:
    if row.next_run is None:
        return say("no schedule")
    if row.is_due:
        return say("due since {at}", at=utc(row.next_run))
    return say("next on {at}", at=utc(row.next_run))


def _age(current: timedelta | None) -> str:
    if current is None:
        return say("current version of unknown age")
    return say("current version {age} old", age=age(current))
