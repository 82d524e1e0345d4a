"""What is said of announcements that Teams has not taken for a while."""

from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.kit.elements import Named, caption, rich_text
from cards.kit.times import utc


@dataclass(frozen=True, slots=True)
class WaitingAnnouncements:
    """How many announcements wait, and since when the oldest does."""

    count: int
    since: datetime


def waiting_title(waiting: WaitingAnnouncements) -> str:
    """Say it in a few words."""
    return f"{_how_many(waiting)} can't be delivered"


def waiting_note(waiting: WaitingAnnouncements) -> list[CardElement]:
    """Say since when, and what is most likely the reason."""
    waits = "waits" if waiting.count == 1 else "wait"
    return [
        rich_text((Named(_how_many(waiting)), f" {waits} since ", Named(utc(waiting.since)), ".")),
        caption(
            "Is the bot still in the audit team? They're delivered as soon as Teams takes them; "
            "access is granted and revoked in the meantime."
        ),
    ]


def _how_many(waiting: WaitingAnnouncements) -> str:
    return "1 announcement" if waiting.count == 1 else f"{waiting.count:,} announcements"
