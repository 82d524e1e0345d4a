"""What stays of an archived workflow, and what that shows."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """An archived workflow: how many events it had, and the hash of the last one."""

    workflow: str
    events: int
    hash: str
    archived_on: date
    root: str
    """The root of its batch."""


@dataclass(frozen=True, slots=True)
class SealedVerdict:
    """What the record of an archived workflow shows; ``name`` is that of the archive's file.

    ``is_genuine``: the record is one of those that were recorded when it was archived.
    """

    record: SealedRecord
    is_genuine: bool
    name: str = ""
