"""The list of rotated secrets: last run, its outcome, next run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from microsoft_teams.cards import CardElement

from cards.kit import text
from cards.kit.elements import Color, Content, caption, card, header, paragraph, run
from cards.kit.terms import DENIED
from cards.kit.times import age, utc
from cards.kit.tone import Tone
from cards.rotation.expiry_watch_card import since, why
from domain.rotation.rotation import RotationState
from domain.rotation.schedule import ScheduledRotation

_MOST_ROWS = 25

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
    """The last run's id, for looking it up or retrying it."""
    next_run: datetime | None = None
    """The next scheduled run; None without a schedule."""
    current_age: timedelta | None = None
    """The age of the current version; None if it couldn't be read."""
    unwatched: ScheduledRotation | None = None
    """Its schedule, if its expiry can't be checked; otherwise None."""


def rotations_card(rows: Sequence[RotationRow]) -> Content:
    """Draw the rotated secrets, those that need a human first; possibly none."""
    helpless = sum(row.outcome is RotationState.NEEDS_HUMAN for row in rows)
    body: list[CardElement] = [_header(len(rows), helpless)]
    if not rows:
        body.append(paragraph(run("No secrets are rotated here yet. An admin can set that up.")))
        return card(body)
    ordered = sorted(rows, key=_urgency)
    for row in ordered[:_MOST_ROWS]:
        body.extend(_drawn(row))
    if more := ordered[_MOST_ROWS:]:
        body.append(caption(f"… and {len(more):,} more.", "Medium"))
    body.append(caption("Type: plan NAME, or rotate NAME", "Large"))
    return card(body)


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


def _drawn(row: RotationRow) -> list[CardElement]:
    outcome = _OUTCOMES[row.outcome] if row.outcome else "never rotated yet"
    color: Color = "Attention" if row.outcome in _ALARMING else "Default"
    drawn: list[CardElement] = [
        paragraph(
            run(text.id_of(row.secret), bold=True),
            run(f" in {text.id_of(row.vault_name)}", subtle=True),
            run(f"  {outcome}", color=color, bold=True, size="Small"),
            spacing="Medium",
        ),
        paragraph(run(_moments(row), subtle=True, size="Small"), spacing="None"),
    ]
    if row.outcome is RotationState.NEEDS_HUMAN:
        drawn.append(
            paragraph(
                run(f"retry {text.line(row.rotation_id)}", mono=True, size="Small"), spacing="None"
            )
        )
    if row.unwatched:
        words = f"Its expiry can't be checked{since(row.unwatched)}: {why(row.unwatched)}"
        drawn.append(paragraph(run(words, color="Attention", size="Small"), spacing="None"))
    return drawn


def _moments(row: RotationRow) -> str:
    last = f"Last run {utc(row.last_run)}" if row.last_run else "No run yet"
    following = f"next {utc(row.next_run)}" if row.next_run else "no schedule"
    old = "of unknown age" if row.current_age is None else f"{age(row.current_age)} old"
    return f"{last} · {following} · current version {old}"
