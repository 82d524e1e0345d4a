"""A turn without an SDK, which records its answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.turn import (
    Card,
    Click,
    Conversation,
    FileConsent,
    FileOffer,
    Mention,
    TurnKind,
)
from domain.people import Actor
from services.people.addresses import ConversationAddress

DANA = Actor("tenant", "dana", "Dana Developer")
_CHAT = Conversation(
    "chat-1", is_personal=True, address=ConversationAddress("https://teams", "chat-1"), team=None
)
_NO_CLICK = Click("", {})
_NO_CONSENT = FileConsent("", is_given=False)


@dataclass
class FakeTurn:
    """``bot.turn.Turn`` for one activity given by the test, with the answers to it."""

    kind: TurnKind = TurnKind.MESSAGE
    actor: Actor = DANA
    is_from_person: bool = True
    sender_id: str = "29:dana"
    text: str = ""
    locale: str = "en-US"
    time_zone: str = "Europe/Berlin"
    sent_at: datetime | None = None
    message_id: str = "message-1"
    clicked_id: str = ""
    conversation: Conversation = _CHAT
    mentions: tuple[Mention, ...] = ()
    click: Click = _NO_CLICK
    consent: FileConsent = _NO_CONSENT
    replies: list[Card] = field(default_factory=list)
    suggested: tuple[str, ...] = ()
    shown: list[Card] = field(default_factory=list)
    updates: list[Card] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    offers: list[FileOffer] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    updated: list[tuple[str, Card]] = field(default_factory=list)
    takes_updates: bool = True
    is_acknowledged: bool = False
    is_clicked_removed: bool = False

    async def reply(self, card: Card, suggested: Sequence[str] = ()) -> str:
        self.suggested = tuple(suggested)
        self.replies.append(card)
        return f"reply-{len(self.replies)}"

    async def update(self, message_id: str, card: Card) -> bool:
        self.updated.append((message_id, card))
        return self.takes_updates

    async def show(self, card: Card) -> None:
        self.shown.append(card)

    async def update_clicked(self, draw: Callable[[], Card]) -> None:
        self.updates.append(draw())

    async def answer(self, sentence: str) -> None:
        self.answers.append(sentence)

    async def acknowledge(self) -> None:
        self.is_acknowledged = True

    @property
    def is_answered(self) -> bool:
        return bool(self.shown or self.answers or self.is_acknowledged)

    def as_typed(self, line: str) -> "FakeTurn":
        return replace(self, text=line, message_id=f"{self.clicked_id} {line}")

    async def remove_clicked(self) -> None:
        self.is_clicked_removed = True

    async def offer_file(self, offer: FileOffer) -> None:
        self.offers.append(offer)

    async def show_file(self, name: str, consent: FileConsent) -> None:
        del consent
        self.files.append(name)
