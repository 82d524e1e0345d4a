"""Which workflows were counted on a day: a list for each part of it, written once.

It decides: whoever counts the part, however often, counts the workflows on its list and no others.
So a crash, or another replica, can't make one count twice.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.faults import Conflict
from services.storage.documents import Document, Documents
from services.storage.table import Table


@dataclass(frozen=True, slots=True)
class CountedPart:
    """A part of a day: the workflows that ended, and those that are counted on a later day."""

    ended: tuple[str, ...]
    left: Mapping[str, date]
    """The workflows that are still open, with the day on which each was found first."""
    is_last: bool


class CountedParts:
    """Keeps the lists, as documents."""

    def __init__(self, table: Table) -> None:
        self._documents = Documents(table)

    async def decide(self, day: date, number: int, part: CountedPart) -> CountedPart:
        """Store a part unless there is one, and return the one that is stored."""
        content = {
            "ended": list(part.ended),
            "left": {workflow: on.isoformat() for workflow, on in part.left.items()},
            "is_last": part.is_last,
        }
        try:
            await self._documents.write(_key(day, number), content, None)
        except Conflict:
            return await self.read(day, number) or part
        return part

    async def read(self, day: date, number: int) -> CountedPart | None:
        """Read a part; None if it isn't counted."""
        key = _key(day, number)
        found = await self._documents.read([key])
        return _part(found[key]) if key in found else None

    async def left_after(self, day: date) -> dict[str, date]:
        """Return the workflows that no day up to this one counts, as it is counted itself."""
        left: dict[str, date] = {}
        number = 0
        while part := await self.read(day, number):
            left |= part.left
            if part.is_last:
                break
            number += 1
        return left


def _part(document: Document) -> CountedPart:
    content = document.content
    left = {str(one): date.fromisoformat(on) for one, on in content["left"].items()}
    return CountedPart(tuple(map(str, content["ended"])), left, bool(content["is_last"]))


def _key(day: date, number: int) -> str:
    return f"counted~{day.isoformat()}~{number:04d}"
