"""The archive: files under names, which are never overwritten."""

from typing import Protocol


class Archive(Protocol):
    """Keeps files; raises a Fault if it can't."""

    async def keep(self, name: str, content: bytes) -> None:
        """Store a file unless there is one of this name."""

    async def read(self, name: str) -> bytes | None:
        """Read a file; None if there is none."""
