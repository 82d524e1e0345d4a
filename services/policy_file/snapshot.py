"""The policy file as it is on this replica's disk."""

from dataclasses import dataclass
from pathlib import Path

from services.policy_file.contents import digest_of


@dataclass(frozen=True, slots=True)
class FileSnapshot:
    """The file as it was last read; ``content`` is None if it can't be read."""

    digest: str
    content: bytes | None
    fault: str = ""


def look_at(path: Path) -> FileSnapshot:
    """Read a file; an unreadable file also gives a result."""
    try:
        content = path.read_bytes()
    except OSError as error:
        return FileSnapshot("", None, f"{path}: can't be read: {error.strerror}")
    return FileSnapshot(digest_of(content), content)
