"""Wording for announcements that Teams hasn't accepted for a while."""

from dataclasses import dataclass
from datetime import datetime

from microsoft_teams.cards import CardElement

from cards.kit.elements import Named, caption, rich_text
from cards.kit.sentences import sentence_count
from cards.kit.times import utc
from cards.languages.texts import say, say_count


@dataclass(frozen=True, slots=True)
class WaitingAnnouncements:
    """How many announcements are waiting, and since when the oldest is."""

    count: int
    since: datetime


def waiting_title(waiting: WaitingAnnouncements) -> str:
    """Return the card's title."""
    return say_count(
        "{count} announcement can't be delivered",
        "{count} announcements can't be delivered",
        waiting.count,
    )


def waiting_note(waiting: WaitingAnnouncements) -> list[CardElement]:
    """Say since when, and the most likely reason."""
    those = say_count("{count} announcement", "{count} announcements", waiting.count)
    waits = sentence_count(
        "{announcements} has waited since {since}.",
        "{announcements} have waited since {since}.",
        waiting.count,
        announcements=Named(those),
        since=Named(utc(waiting.since)),
    )
    return [
        rich_text(waits),
        caption(
            say(
                "Is the bot still in the audit team? They'll be delivered as soon as Teams "
                "accepts them. Access is still granted and revoked in the meantime."
            )
        ),
    ]
