"""Store dialog state: botbuilder's `Storage` on top of our documents."""

from collections.abc import Iterable, Mapping
from typing import Any

from botbuilder.core import PrivateConversationState, Storage, TurnContext

from bot.transport.codec import decode, encode
from services.storage.documents import ANY_ETAG, Documents

_ETAG = "e_tag"
_ABSENT = "absent"  # this storage's ETag for an item that must not exist yet


class DocumentStorage(Storage):
    """Keep items as documents.

    An item's `e_tag` must match the stored one; without one, or with `*`, any item is
    overwritten. A write sets the item's new ETag, so it can be written again: the SDK's
    `BotState` saves the same dict several times in a turn.
    Raises `NotStorable` for classes not on the codec's allowlist, and Conflict.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def read(self, keys: Iterable[str] | None) -> dict[str, dict[str, Any]]:
        """Return the existing items for these keys, each with its ETag."""
        if keys is None:
            raise ValueError("Keys are required when reading")
        found = await self._documents.read(keys)
        return {
            key: {**decode(document.content), _ETAG: document.etag}
            for key, document in found.items()
        }

    async def write(self, changes: Mapping[str, dict[str, Any]] | None) -> None:
        """Write every item separately."""
        if changes is None:
            raise ValueError("Changes are required when writing")
        for key in changes:
            await self._write(key, changes[key])

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete the items; missing ones are ignored."""
        for key in keys:
            await self._documents.delete(key)

    async def _write(self, key: str, item: dict[str, Any]) -> None:
        etag = item.get(_ETAG)
        if etag == "":
            raise ValueError("an e_tag must not be empty")
        content = encode({name: value for name, value in item.items() if name != _ETAG})
        expected = None if etag == _ABSENT else etag or ANY_ETAG
        item[_ETAG] = await self._documents.write(key, content, expected)


class DialogMemory(PrivateConversationState):
    """One person's dialog in one conversation, so in a channel nobody can answer another's form.

    The SDK would overwrite an item that another replica created in the meantime, and would write
    an empty item for every conversation it reads. Here the first write is an insert, and a turn
    without a dialog writes nothing.
    """

    async def load(self, turn_context: TurnContext, force: bool = False) -> None:
        """Read the state, unless this turn has already read it."""
        if self.get_cached_state(turn_context) is not None and not force:
            return
        await super().load(turn_context, force)
        cached = self.get_cached_state(turn_context)
        cached.state.setdefault(_ETAG, _ABSENT)
        cached.hash = cached.compute_hash(cached.state)
