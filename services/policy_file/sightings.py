"""Whether a policy file that waits is still on the disk of a replica."""

from datetime import datetime, timedelta

from services.clock import Clock
from services.storage.documents import ANY_ETAG, Documents

SEEN_EVERY = timedelta(minutes=1)
"""How often a replica says that it has the file that waits."""

GONE_AFTER = timedelta(minutes=10)
"""How long nobody has said so until the file counts as gone; deployments overlap for less."""


class Sightings:
    """Keeps when each file was last seen, since a replica can't look at the others' disks."""

    def __init__(self, documents: Documents, clock: Clock) -> None:
        self._documents = documents
        self._clock = clock
        self._noted: dict[str, datetime] = {}

    async def note(self, digest: str) -> None:
        """Say that this replica has a file, unless it said so a moment ago."""
        now = self._clock()
        noted = self._noted.get(digest)
        if noted is None or now - noted >= SEEN_EVERY:
            seen = {"at": now.isoformat()}
            await self._documents.write(_key(digest), seen, ANY_ETAG)
            self._noted[digest] = now

    async def is_gone(self, digest: str) -> bool:
        """Say whether no replica has had a file for long; false if none ever said so."""
        key = _key(digest)
        document = (await self._documents.read([key])).get(key)
        if document is None:
            return False
        return self._clock() - datetime.fromisoformat(document.content["at"]) >= GONE_AFTER


def _key(digest: str) -> str:
    return f"policy-file-seen~{digest}"
