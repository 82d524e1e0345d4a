"""A turn: one activity of a verified person, and how it is answered.

Handlers know this and nothing of the SDK that stands behind it (``bot.transport.turn``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, Protocol

from domain.people import Actor
from services.people.addresses import ConversationAddress

Card = Mapping[str, Any]
"""An Adaptive Card as plain JSON."""


class TurnKind(Enum):
    """What an activity asks for."""

    MESSAGE = auto()
    CLICK = auto()
    FILE_CONSENT = auto()
    INSTALLED = auto()
    """Somebody added the bot to their personal chat."""
    MEMBERSHIP = auto()
    """The members of a conversation changed, or the bot was added to it or removed from it."""
    OTHER = auto()
    """Nothing that is answered, such as an edited message."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """Where a turn takes place."""

    id: str
    is_personal: bool
    address: ConversationAddress
    """Where it can be reached; for a thread that is its channel."""
    team: ConversationAddress | None
    """The team of the channel, by the id that Teams uses; None outside of teams."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A colleague who was mentioned: the name as it was shown, and their Teams id."""

    name: str
    teams_id: str


@dataclass(frozen=True, slots=True)
class Click:
    """Which button was clicked, with the card's data and inputs; none of it is believed."""

    verb: str
    data: Mapping[str, Any]

    def text(self, name: str) -> str:
        """Return a member of the data if it is a text, and an empty one otherwise."""
        value = self.data.get(name)
        return value if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class FileConsent:
    """The answer to an offered file; none of it is believed."""

    offer_id: str
    is_given: bool
    upload_url: str = ""
    content_url: str = ""
    unique_id: str = ""
    file_type: str = ""


@dataclass(frozen=True, slots=True)
class FileOffer:
    """A file that is offered; ``size`` is in bytes."""

    id: str
    name: str
    size: int
    description: str


class TurnFacts(Protocol):
    """What one activity says, read from what the gate has verified."""

    @property
    def kind(self) -> TurnKind:
        """What the activity asks for."""

    @property
    def actor(self) -> Actor:
        """The verified person behind it."""

    @property
    def is_from_person(self) -> bool:
        """Whether Teams names a person behind it."""

    @property
    def sender_id(self) -> str:
        """The person's Teams id."""

    @property
    def text(self) -> str:
        """What was typed, without mentions of the bot; colleagues stay in it by their names."""

    @property
    def locale(self) -> str:
        """The language of the person's Teams, such as ``en-US``; empty where it is not known."""

    @property
    def time_zone(self) -> str:
        """The person's time zone, such as ``Europe/Berlin`` or ``+01:00``; empty if unknown."""

    @property
    def sent_at(self) -> datetime | None:
        """When it was typed or clicked, by Teams' clock; None where Teams doesn't say it."""

    @property
    def message_id(self) -> str:
        """The activity's id."""

    @property
    def clicked_id(self) -> str:
        """The id of the message whose button was clicked; empty where there is none."""

    @property
    def conversation(self) -> Conversation:
        """Where it takes place."""

    @property
    def mentions(self) -> Sequence[Mention]:
        """The people who were mentioned."""

    @property
    def click(self) -> Click:
        """The button that was clicked; one that cannot be read has no verb."""

    @property
    def consent(self) -> FileConsent:
        """The answer to an offered file."""


class Turn(TurnFacts, Protocol):
    """One activity, and the ways to answer it."""

    async def reply(self, card: Card, suggested: Sequence[str] = ()) -> str:
        """Send a card in answer; return the id of the message, empty where Teams gives none.

        Raises ``ConnectorError`` if Teams doesn't take it; the person is then told that what they
        asked for may have been done.
        ``suggested`` are lines that Teams offers to type next, at most three, in a personal chat.
        """

    async def update(self, message_id: str, card: Card) -> bool:
        """Put a card into a message of this turn; return whether Teams has taken it."""

    async def show(self, card: Card) -> None:
        """Show a card; after a click it replaces the clicked one, for the clicker alone."""

    async def update_clicked(self, draw: Callable[[], Card]) -> None:
        """Put a card into the message whose button was clicked, so everybody sees it.

        It is drawn in the language of all of them: in a channel or group, the audit channel's.
        If Teams doesn't take the update, the old buttons stay, and a click on them is answered.
        """

    async def answer(self, sentence: str) -> None:
        """Answer a click with a sentence; the card stays as it is."""

    async def acknowledge(self) -> None:
        """Answer Teams that the activity was taken, without showing anything."""

    @property
    def is_answered(self) -> bool:
        """Whether a click has got its answer; what it replied with is a message of its own."""

    def as_typed(self, line: str) -> "Turn":
        """Return this click as if its person had typed a line instead.

        The same line from the same message has the same ``message_id``, so that a second click
        counts as the same message.
        """

    async def remove_clicked(self) -> None:
        """Delete the message whose button was clicked; it may stay where that fails."""

    async def offer_file(self, offer: FileOffer) -> None:
        """Offer a file, which the person may accept or decline."""

    async def show_file(self, name: str, consent: FileConsent) -> None:
        """Show a file that was uploaded."""
