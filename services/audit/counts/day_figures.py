"""The figures of the workflows that ended on a day, by the day that they were opened on.

Those of one secret are kept apart too: a request for several secrets is one request.
"""

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from pydantic import TypeAdapter

from domain.audit.figures import Figures
from services.storage.documents import ANY_ETAG, Document, Documents
from services.storage.table import Table
from services.workflow.lists import history_rows

log = logging.getLogger(__name__)

ByOpening = dict[date, Figures]
"""Figures by the day on which their workflows were opened."""

_BY_OPENING: TypeAdapter[ByOpening] = TypeAdapter(ByOpening)
_AT_ONCE = 50


class DayFigures:
    """Keeps the figures, as documents: one for each part of a day, and one for each secret."""

    def __init__(self, table: Table) -> None:
        self._documents = Documents(table)

    async def keep(
        self,
        day: date,
        number: int,
        whole: ByOpening,
        by_secret: Mapping[str, ByOpening],
        *,
        is_last: bool,
    ) -> None:
        """Store the figures of a part; storing the same ones again changes nothing."""
        found = {history_rows.digest(secret): each for secret, each in by_secret.items()}
        await asyncio.gather(
            *(
                self._documents.write(_key(day, number, one), _written(each), ANY_ETAG)
                for one, each in found.items()
            )
        )
        content = _written(whole) | {"secrets": sorted(found), "is_last": is_last}
        await self._documents.write(_key(day, number), content, ANY_ETAG)

    async def of(self, days: Iterable[date], opened_since: date, secret: str | None) -> Figures:
        """Add up the figures of the workflows that ended on these days and were opened since."""
        sums = Figures()
        parts = [(day, 0) for day in days]
        while parts:
            found = await self._read(_key(*part) for part in parts)
            present = [(part, found[_key(*part)]) for part in parts if _key(*part) in found]
            if len(present) < len(parts):
                log.warning("the figures of %d days are missing", len(parts) - len(present))
            if secret is None:
                documents = [document for _, document in present]
            else:
                digest = history_rows.digest(secret)
                named = [part for part, one in present if digest in one.content["secrets"]]
                documents = list((await self._read(_key(*one, digest) for one in named)).values())
            for document in documents:
                for opened_on, figures in _read(document).items():
                    if opened_on >= opened_since:
                        sums.add(figures)
            parts = [(day, n + 1) for (day, n), one in present if not one.content["is_last"]]
        return sums

    async def erase(self, day: date, person_id: str) -> bool:
        """Erase a person's name from a day's figures; return whether it was there."""
        was_there = False
        number, is_last = 0, False
        while not is_last:
            key = _key(day, number)
            found = (await self._read([key])).get(key)
            if found is None:
                break
            keys = [key, *(_key(day, number, one) for one in found.content["secrets"])]
            for each, document in (await self._read(keys)).items():
                was_there |= await self._erase_from(each, document, person_id)
            number, is_last = number + 1, bool(found.content["is_last"])
        return was_there

    async def _erase_from(self, key: str, document: Document, person_id: str) -> bool:
        """Erase a name from a document, unless somebody else has written it since."""
        was_there = False
        for figures in document.content["days"].values():
            names = figures.get("names", {})
            for one in [one for one in names if one.lower() == person_id.lower()]:
                del names[one]
                was_there = True
        if was_there:
            await self._documents.write(key, document.content, document.etag)
        return was_there

    async def _read(self, keys: Iterable[str]) -> dict[str, Document]:
        """Read documents in the order of their keys, some at once."""
        wanted, found = list(keys), dict[str, Document]()
        for start in range(0, len(wanted), _AT_ONCE):
            found |= await self._documents.read(wanted[start : start + _AT_ONCE])
        return found


def days_between(since: date, until: date) -> Sequence[date]:
    """Return the days from one to before another."""
    return [since + timedelta(days=number) for number in range((until - since).days)]


def _written(figures: ByOpening) -> dict[str, Any]:
    return {"days": _BY_OPENING.dump_python(figures, mode="json")}


def _read(document: Document) -> ByOpening:
    return _BY_OPENING.validate_python(document.content["days"])


def _key(day: date, number: int, digest: str = "") -> str:
    key = f"figures~{day.isoformat()}~{number:04d}"
    return f"{key}~{digest}" if digest else key
