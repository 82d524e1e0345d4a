"""The list of rotated secrets: last run, its outcome, next run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from microsoft_teams.cards import Action, ActionSet, CardElement, Container

from cards.kit import text, verbs
from cards.kit.elements import Color, Content, card, header, paragraph, run
from cards.kit.listing import ONE_PAGE, Paging, list_button, page_buttons
from cards.kit.terms import DENIED
from cards.kit.times import age, utc
from cards.kit.tone import Tone
from cards.rotation.expiry_watch_card import since, why
from domain.rotation.rotation import RotationState
from domain.rotation.schedule import ScheduledRotation

_OUTCOMES = {
    RotationState.PENDING: "waiting for another admin",
    RotationState.RUNNING: "rotating",
    RotationState.OVERLAPPING: "rotated, old version still valid",
    RotationState.ROTATED: "rotated",
    RotationState.ROLLING_BACK: "failed, rolling back",
    RotationState.ROLLED_BACK: "failed, rolled back",
    RotationState.NEEDS_HUMAN: "needs a human",
    RotationState.DENIED: DENIED,
    RotationState.LAPSED: "expired",
    RotationState.ABANDONED: "abandoned, not finished",
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
    current_age: timedelta | None = None
    """The age of the current version; None if it couldn't be read."""
    unwatched: ScheduledRotation | None = None
    """Its schedule, if its expiry can't be checked; otherwise None."""
    is_under_way: bool = False
    """Whether the last run has yet to end, so that no other one can start."""


def rotations_card(
    rows: Sequence[RotationRow], count: int, helpless: int, paging: Paging = ONE_PAGE
) -> Content:
    """Draw a page of the ``count`` rotated secrets, of which ``helpless`` need a human."""
    body: list[CardElement] = [_header(count, helpless)]
    if not rows:
        body.append(paragraph(run("No secrets are rotated here yet. An admin can set that up.")))
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
        needs = "1 secret needs" if helpless == 1 else f"{helpless:,} secrets need"
        return header("Rotations", f"{needs} a human", Tone.BAD)
    if count == 1:
        return header("Rotations", "1 secret is rotated", Tone.INFO)
    return header("Rotations", f"{count:,} secrets are rotated", Tone.INFO)


def _drawn(row: RotationRow, paging: Paging) -> CardElement:
    outcome = _OUTCOMES[row.outcome] if row.outcome else "never rotated yet"
    color: Color = "Attention" if row.outcome in _ALARMING else "Default"
    drawn: list[CardElement] = [
        paragraph(
            run(text.id_of(row.secret), bold=True),
            run(f" in {text.id_of(row.vault_name)}", subtle=True),
            run(f"  {outcome}", color=color, bold=True, size="Small"),
        ),
        paragraph(run(_moments(row), subtle=True, size="Small"), spacing="None"),
    ]
    if row.outcome is RotationState.NEEDS_HUMAN:
        run_id = run(text.line(row.rotation_id), mono=True, subtle=True, size="Small")
        drawn.append(paragraph(run_id, spacing="None"))
    if row.unwatched:
        words = f"Its expiry can't be checked{since(row.unwatched)}: {why(row.unwatched)}"
        drawn.append(paragraph(run(words, color="Attention", size="Small"), spacing="None"))
    drawn.append(ActionSet(actions=_buttons(row, paging)))
    return Container(items=drawn, spacing="Medium", separator=True)


def _buttons(row: RotationRow, paging: Paging) -> list[Action]:
    """Draw what can be done; a rotation that hasn't ended blocks another one of its secret."""
    name = text.id_of(row.secret)
    if row.outcome is RotationState.NEEDS_HUMAN:
        run_of = {verbs.ROTATION: row.rotation_id, **paging.data}
        return [
            list_button("Retry", verbs.ROTATIONS_RETRY, run_of, name),
            list_button("Abandon", verbs.ROTATIONS_ABANDON, run_of, name),
        ]
    data = {verbs.SECRET: name, **paging.data}
    plan = list_button("Plan", verbs.ROTATIONS_PLAN, data, name)
    if row.is_under_way:
        return [plan]
    return [plan, list_button("Rotate", verbs.ROTATIONS_ROTATE, data, name)]


def _moments(row: RotationRow) -> str:
    last = f"Last run {utc(row.last_run)}" if row.last_run else "No run yet"
    following = f"next {utc(row.next_run)}" if row.next_run else "no schedule"
    old = "of unknown age" if row.current_age is None else f"{age(row.current_age)} old"
    return f"{last} · {following} · current version {old}"
