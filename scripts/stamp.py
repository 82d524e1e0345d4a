"""Remember what an installation was made from, so that it is made again only when that changes."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Stamp:
    """A file beside an installation that holds the hash of what it was made from."""

    def __init__(self, path: Path, inputs: Iterable[Path], *facts: str) -> None:
        """Take the files that decide the installation, and other facts such as a version."""
        self._path = path
        self._inputs = tuple(inputs)
        self._facts = facts

    def is_current(self) -> bool:
        """Tell whether the installation was finished, and from these very inputs."""
        return self._path.is_file() and self._path.read_text(encoding="ascii") == self._digest()

    def write(self) -> None:
        """Record that the installation is finished."""
        self._path.write_text(self._digest(), encoding="ascii")

    def remove(self) -> None:
        """Record that it is being changed: what stops halfway is done again."""
        self._path.unlink(missing_ok=True)

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for part in (*self._facts, *(path.read_text(encoding="utf-8") for path in self._inputs)):
            digest.update(part.encode() + b"\0")
        return digest.hexdigest()
