"""Remember an installation's inputs, so that it is only redone when they change."""

import hashlib
from collections.abc import Iterable
from pathlib import Path


class Stamp:
    """A file next to an installation with the hash of its inputs."""

    def __init__(self, path: Path, inputs: Iterable[Path], *facts: str) -> None:
        """Take the files that determine the installation, and other facts such as a version."""
        self._path = path
        self._inputs = tuple(inputs)
        self._facts = facts

    def is_current(self) -> bool:
        """Tell whether the installation was finished with exactly these inputs."""
        return self._path.is_file() and self._path.read_text(encoding="ascii") == self._digest()

    def write(self) -> None:
        """Mark the installation as finished."""
        self._path.write_text(self._digest(), encoding="ascii")

    def remove(self) -> None:
        """Mark it as unfinished, so that an interrupted installation is redone."""
        self._path.unlink(missing_ok=True)

    def _digest(self) -> str:
        digest = hashlib.sha256()
        for part in (*self._facts, *(path.read_text(encoding="utf-8") for path in self._inputs)):
            digest.update(part.encode() + b"\0")
        return digest.hexdigest()
