"""The contents of policy files, kept in the table by their digest."""

from contextlib import suppress
from hashlib import sha256

from services.faults import Conflict
from services.storage.documents import Documents


def digest_of(content: bytes) -> str:
    return sha256(content).hexdigest()


class Contents:
    """Keeps what a policy file said, so that every replica can compare with it and return to it.

    Nothing is ever deleted: it's the evidence of which rules were in force.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    async def keep(self, content: bytes) -> None:
        """Store a content, unless it is stored; raises DocumentTooLarge."""
        with suppress(Conflict):
            await self._documents.write(_key(digest_of(content)), {"text": content.decode()}, None)

    async def find(self, digest: str) -> bytes | None:
        """Return the content with this digest; None if it's missing or was tampered with."""
        key = _key(digest)
        document = (await self._documents.read([key])).get(key)
        content = str(document.content["text"]).encode() if document else None
        return content if content is not None and digest_of(content) == digest else None


def _key(digest: str) -> str:
    return f"policy-file~{digest}"
