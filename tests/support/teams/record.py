"""The fake Teams' state: the bot's messages, and the faults to come."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.support.teams.activities import Json, Person, a_personal_chat

_CARD = "application/vnd.microsoft.card.adaptive"
_PATIENCE_SECONDS = 10


@dataclass
class Posted:
    """A message from the bot: its current and earlier contents."""

    id: str
    conversation_id: str
    activity: Json
    reply_to: str | None = None
    deleted: bool = False
    earlier: list[Json] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return its text, or "" if it only has a card."""
        return str(self.activity.get("text") or "")

    @property
    def card(self) -> Json | None:
        """Return its Adaptive Card, if any."""
        attachments: list[Json] = self.activity.get("attachments") or []
        cards = [part["content"] for part in attachments if part["contentType"] == _CARD]
        return cards[0] if cards else None


@dataclass(frozen=True)
class Fault:
    """An answer to give instead; `after_effect` does the request first, `hang` never answers.

    `drop` ends the connection; with `slow_seconds` the request is carried out after them, as usual;
    with `text` that is the body, in place of an error; with `late_seconds` the request is carried
    out so long after the error.
    """

    status: int = 502
    code: str = ""
    retry_after: float | str | None = None
    after_effect: bool = False
    hang: bool = False
    location: str | None = None
    drop: bool = False
    slow_seconds: float = 0
    late_seconds: float = 0
    text: str | None = None


@dataclass(frozen=True)
class Request:
    """A request that reached the connector."""

    method: str
    path: str
    authorization: str | None


@dataclass(frozen=True)
class Upload:
    """A file uploaded to someone's OneDrive, with the headers of its last request."""

    body: bytes
    content_range: str | None
    authorization: str | None


class Record:
    """Conversations, messages and members, and the faults to apply to requests.

    `people` are the members of every team, `chatting` those who have a chat with the bot.
    """

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self.posted_late: set[str] = set()
        """The IDs of messages that were posted so late that their sender was told of an error."""
        self.requests: list[Request] = []
        self.uploads: list[Upload] = []
        self.pieces: list[bytes] = []
        """What was uploaded so far of a file that isn't complete."""
        self.teams: dict[str, str] = {}
        """The Entra IDs of the teams that the bot is in, by their IDs in Teams."""
        self.conversations: dict[str, Json] = {}
        self.people: list[Person] = []
        self.chatting: list[Person] = []
        self.guests: set[Person] = set()
        self.uninstalled_for: set[Person] = set()
        self.page_size = 500
        self.refusals: dict[str, Fault] = {}
        """The fault for every request about a conversation, thread or message, by its ID.

        For a channel, it also applies to opening a thread in it.
        """
        self.largest: int | None = None
        """The maximum message size in bytes; None for no limit."""
        self._held: dict[str, asyncio.Event] = {}
        self._faults: deque[tuple[str, str, Fault]] = deque()
        self._changed = asyncio.Event()
        self._ids = count(1_800_000_000_001)

    def fail(self, fault: Fault, *, times: int = 1, method: str = "*", about: str = "*") -> None:
        """Answer the next requests (of one method and about one ID, or of any) with a fault."""
        self._faults.extend([(method, about, fault)] * times)

    def next_fault(self, method: str, about: Sequence[str]) -> Fault | None:
        """Take the next fault for this request, if any; ``about`` are the IDs that it concerns."""
        if not self._faults:
            return None
        wanted_method, wanted, fault = self._faults[0]
        if wanted_method not in ("*", method) or wanted not in ("*", *about):
            return None
        self._faults.popleft()
        return fault

    def refuse(self, about: str, fault: Fault) -> None:
        """Answer all requests about this conversation, thread, message or channel with a fault."""
        self.refusals[about] = fault

    def refusal_of(self, *about: str, size: int = 0) -> Fault | None:
        """Return the permanent fault for a request about any of these, if there is one."""
        if self.largest is not None and size > self.largest:
            return Fault(413, "RequestEntityTooLarge")
        return next((self.refusals[each] for each in about if each in self.refusals), None)

    def hold(self, about: str) -> Callable[[], None]:
        """Hold requests about this conversation or message; return a function to release them."""
        self._held[about] = asyncio.Event()
        return lambda: self._held.pop(about).set()

    async def be_slow(self, *about: str) -> None:
        """Wait while one of these is held."""
        for each in about:
            if held := self._held.get(each):
                await held.wait()

    def posted_in(self, conversation_id: str) -> list[Posted]:
        """Return the bot's messages in a conversation, oldest first."""
        return [post for post in self.posted if post.conversation_id == conversation_id]

    def posted_to(self, person: Person) -> list[Posted]:
        """Return the bot's messages in its chat with a person, oldest first."""
        return self.posted_in(a_personal_chat(person).id)

    async def wait_for(self, wanted: Callable[[], Any]) -> Any:  # what `wanted` returns
        """Wait until `wanted` returns something true, and return it.

        Raises TimeoutError after ten seconds.
        """
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not (found := wanted()):
                self._changed.clear()
                await self._changed.wait()
        return found

    def take(self, conversation_id: str, activity: Json, reply_to: str | None = None) -> Posted:
        """Add a message."""
        message = Posted(str(next(self._ids)), conversation_id, activity, reply_to)
        self.posted.append(message)
        self._changed.set()
        return message

    def update(self, message: Posted, activity: Json) -> None:
        """Replace a message's contents."""
        message.earlier.append(message.activity)
        message.activity = activity
        self._changed.set()

    def find(self, conversation_id: str, activity_id: str) -> Posted | None:
        """Find a message that still exists."""
        for message in self.posted_in(conversation_id):
            if message.id == activity_id and not message.deleted:
                return message
        return None

    def open(self, parameters: Json) -> tuple[str, str | None] | None:
        """Open a conversation, or return None if the bot isn't allowed to."""
        channel = ((parameters.get("channelData") or {}).get("channel") or {}).get("id")
        if channel is None:
            return self._open_chat(parameters)
        message = self.take("", parameters.get("activity") or {})
        message.conversation_id = f"{channel};messageid={message.id}"
        self.conversations[message.conversation_id] = parameters
        return message.conversation_id, message.id

    def _open_chat(self, parameters: Json) -> tuple[str, str | None] | None:
        wanted = parameters["members"][0]["id"].removeprefix("29:")
        if any(person.object_id == wanted for person in self.uninstalled_for):
            return None
        conversation_id = f"a:{wanted}"
        self.conversations[conversation_id] = parameters
        return conversation_id, None
