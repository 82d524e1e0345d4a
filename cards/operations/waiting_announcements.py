"""Wording for announcements that Teams hasn't accepted for a while."""

from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.kit.elements import Named, caption, rich_text
from cards.kit.times import utc


@dataclass(frozen=True, slots=True)
class WaitingAnnouncements:
    """How many announcements are waiting, and since when the oldest is."""

    count: int
    since: datetime


def waiting_title(waiting: WaitingAnnouncements) -> str:
    """Return the card's title."""
    return f"{_how_many(waiting)} can't be delivered"


def waiting_note(waiting: WaitingAnnouncements) -> list[CardElement]:
    """Say since when, and the most likely reason."""
    waits = "has waited" if waiting.count == 1 else "have waited"
    return [
        rich_text((Named(_how_many(waiting)), f" {waits} since ", Named(utc(waiting.since)), ".")),
        caption(
            "Is the bot still in the audit team? They'll be delivered as soon as Teams accepts "
            "them. Access is still granted and revoked in the meantime."
        ),
    ]


def _how_many(waiting: WaitingAnnouncements) -> str:
    return "1 announcement" if waiting.count == 1 else f"{waiting.count:,} announcements"
