"""Conversation references of people and channels, from Teams."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256

from services.clock import Clock
from services.faults import Conflict
from services.storage.table import Delete, Insert, Replace, Row, Table, Value

_PARTITION = "references"
_REGION = "region"
_REMEMBERED = 10_000

FRESH = timedelta(seconds=10)
"""How long a person's chat counts as read."""


@dataclass(frozen=True, slots=True)
class ConversationAddress:
    """A conversation of the bot with its service URL, since connectors are regional."""

    service_url: str
    conversation_id: str
    teams_id: str = ""
    """For a personal chat: the person's Teams ID; empty if they never messaged the bot."""
    locale: str = ""
    """For a personal chat: the language of the person's Teams, such as ``de-DE``, if known."""


class ConversationAddresses:
    """The store of references; it caches what it wrote, so that turns rarely write."""

    def __init__(self, table: Table, clock: Clock) -> None:
        self._table = table
        self._clock = clock
        self._read_lately: dict[str, tuple[datetime, ConversationAddress]] = {}
        self._written: dict[str, ConversationAddress] = {}
        self._heard: dict[str, str] = {}
        """The locales of people's latest turns, if they aren't stored yet."""

    def hear(self, object_id: str, locale: str) -> None:
        """Note the locale of a turn; it is stored when the person's chat is next looked up.

        So a turn never waits for that, and most people's never changes.
        """
        written = self._written.get(_person(object_id))
        if not locale or (written and written.locale == locale):
            self._heard.pop(object_id, None)
            return
        if len(self._heard) >= _REMEMBERED:
            self._heard.clear()
        self._heard[object_id] = locale

    def heard(self, object_id: str) -> str:
        """Return the locale of someone without a chat of their own; empty if it isn't known."""
        return self._heard.get(object_id, "")

    async def remember_person(self, object_id: str, reference: ConversationAddress) -> None:
        """Store a person's own chat with the bot, with their locale if that is known."""
        locale = self._heard.pop(object_id, reference.locale)
        await self._write(_person(object_id), replace(reference, locale=locale))

    async def is_first_greeting(self, object_id: str, installation_id: str) -> bool:
        """Return whether a person hasn't been greeted for this installation; then they are now."""
        key, values = f"greeted~{object_id}", {"installation_id": installation_id}
        row = await self._table.get(_PARTITION, key)
        if row and row.values == values:
            return False
        change = Replace(key, values, row.etag) if row else Insert(key, values)
        try:
            await self._table.transact(_PARTITION, [change])
        except Conflict:
            return False
        return True

    async def person(self, object_id: str) -> ConversationAddress | None:
        """Return a person's own chat, with the locale that they had last.

        What another replica has written may be missing for ``FRESH``: several messages to one
        person need only one read.
        """
        key = _person(object_id)
        lately = self._read_lately.get(key)
        if lately and self._is_fresh(lately[0]) and object_id not in self._heard:
            return lately[1]
        now = self._clock()
        found = await self._read(key)
        if found is None:
            self._written.pop(key, None)  # another replica has removed it
            return None
        if self._written.get(key, found) != found:
            del self._written[key]  # another replica has written it since
        locale = self._heard.pop(object_id, found.locale)
        if locale != found.locale:
            found = replace(found, locale=locale)
            await self._write(key, found)
        if len(self._read_lately) >= _REMEMBERED:
            self._read_lately.clear()
        self._read_lately[key] = (now, found)
        return found

    def _is_fresh(self, read_at: datetime) -> bool:
        # A clock that is set back must not make it last longer.
        return timedelta() <= self._clock() - read_at < FRESH

    async def forget(self, object_id: str) -> None:
        """Remove what is stored of a person's chat. It is stored again when they write again."""
        for key in (_person(object_id), f"greeted~{object_id}"):
            self._written.pop(key, None)
            self._read_lately.pop(key, None)
            try:
                await self._table.transact(_PARTITION, [Delete(key)])
            except Conflict:
                continue  # it isn't there

    async def remember_conversation(self, reference: ConversationAddress) -> None:
        """Store the service URL of a conversation and of the region."""
        await self._write(_conversation(reference.conversation_id), reference)
        await self._write(_REGION, ConversationAddress(reference.service_url, ""))

    async def service_url(self, conversation_id: str) -> str | None:
        """Return a conversation's service URL; for an unknown one, the last one seen."""
        found = await self._read(_conversation(conversation_id))
        return found.service_url if found else await self.region()

    async def remember_team(self, channel_id: str, team: ConversationAddress) -> None:
        """Store the conversation of a channel's team."""
        await self._write(_team(channel_id), team)

    async def team(self, channel_id: str) -> ConversationAddress | None:
        return await self._read(_team(channel_id))

    async def region(self) -> str | None:
        """Return the last service URL seen; None before the first message from Teams."""
        found = await self._read(_REGION)
        return found.service_url if found else None

    async def _read(self, key: str) -> ConversationAddress | None:
        row = await self._table.get(_PARTITION, key)
        return _address_in(row) if row else None

    async def _write(self, key: str, reference: ConversationAddress) -> None:
        written = self._written.get(key)
        if written and written == _keep_locale(reference, written):
            return
        self._read_lately.pop(key, None)
        row = await self._table.get(_PARTITION, key)
        if row:
            reference = _keep_locale(reference, _address_in(row))
        values: dict[str, Value] = {
            "service_url": reference.service_url,
            "conversation_id": reference.conversation_id,
        }
        if reference.teams_id:
            values["teams_id"] = reference.teams_id
        if reference.locale:
            values["locale"] = reference.locale
        try:
            if row is None:
                await self._table.transact(_PARTITION, [Insert(key, values)])
            elif row.values != values:
                await self._table.transact(_PARTITION, [Replace(key, values, row.etag)])
        except Conflict:
            return  # someone else wrote an equally recent value
        if len(self._written) >= _REMEMBERED:
            self._written.clear()
        self._written[key] = reference
        self._read_lately.pop(key, None)


def _address_in(row: Row) -> ConversationAddress:
    values = row.values
    return ConversationAddress(
        str(values["service_url"]),
        str(values["conversation_id"]),
        str(values.get("teams_id", "")),
        str(values.get("locale", "")),
    )


def _keep_locale(reference: ConversationAddress, known: ConversationAddress) -> ConversationAddress:
    """Return a reference with the locale that is known, if it has none."""
    if reference.locale or not known.locale:
        return reference
    return replace(reference, locale=known.locale)


def _person(object_id: str) -> str:
    return f"person~{object_id}"


def _team(channel_id: str) -> str:
    return _conversation(channel_id).replace("conversation~", "team~")


@lru_cache(_REMEMBERED)
def _conversation(conversation_id: str) -> str:
    # Teams IDs may contain characters that aren't allowed in row keys.
    return f"conversation~{sha256(conversation_id.encode()).hexdigest()}"
