"""An archive in memory."""


class MemoryArchive:
    """Keeps files as Blob Storage does: the first one of a name stays."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    async def keep(self, name: str, content: bytes) -> None:
        self.files.setdefault(name, content)

    async def read(self, name: str) -> bytes | None:
        return self.files.get(name)
