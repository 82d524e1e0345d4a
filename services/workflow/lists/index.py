"""Lists per person: the requests they made, and those they can decide; groups have lists too.

A row's key is the person and the time, so that a list costs only what it shows. It is written
before the head that needs it, and removed some time after the head no longer does, so a needed
entry is never missing. Readers skip a stale entry, as after a crash, and remove it. With the
grantee's entry goes what they asked for before, which stays.
"""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.access.request import Request, RequestState
from domain.access.terms import Terms
from domain.access.transitions import break_glass
from services.faults import Conflict, Fault
from services.storage import keys
from services.storage.table import Delete, Insert, Row, Table
from services.workflow.codec import Head
from services.workflow.lists import asked_before

log = logging.getLogger(__name__)

GRACE = timedelta(hours=1)
"""How long an entry may exist before its head; later its writer must have crashed."""

PAGE = 25

_POSITION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z~[a-z]{3}-[a-z0-9-]{1,40}", re.ASCII)

_OPEN = frozenset(
    {
        RequestState.PENDING,
        RequestState.SCHEDULED,
        RequestState.GRANTING,
        RequestState.ACTIVE,
        RequestState.REVOKING,
        RequestState.STUCK,
    }
)


class Concern(StrEnum):
    """A person's role in a request."""

    ASKED = "asked"
    DECIDES = "decides"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request on the list of a person or group, ordered by ``since``."""

    person_id: str
    concern: Concern
    since: datetime
    workflow_id: str

    @property
    def position(self) -> str:
        """Return where in the list it is; positions sort like the list."""
        return f"{keys.instant(self.since)}~{self.workflow_id}"


class Index:
    """The store of these lists."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._gone: dict[str, set[Entry]] = {}

    async def prepare(self, before: Head | None, after: Head) -> None:
        """Write the entries that a new head needs, before the head is stored."""
        new = _called_for(after) - _called_for(before)
        await asyncio.gather(*(self._add(one, after) for one in new))

    def pass_on(self, before: Head, after: Head) -> None:
        """Note entries that a stored head no longer needs; ``tidy`` removes them later."""
        if gone := _called_for(before) - _called_for(after):
            self._gone.setdefault(after.id, set()).update(gone)

    async def tidy(self, workflow_id: str) -> None:
        """Remove the noted entries; a failure or crash leaves them stale."""
        try:
            await self.remove(self._gone.pop(workflow_id, set()))
        except Fault as fault:
            log.warning("%s: stale index entries remain: %s", workflow_id, fault)

    async def remove(self, entries: Collection[Entry]) -> None:
        """Remove entries; does nothing if they are gone."""
        await asyncio.gather(*(self._remove(entry) for entry in entries))

    async def forget(self, head: Head) -> None:
        """Remove every entry that a request may have left, however stale."""
        if isinstance(head, Request):
            since = {head.requested_at, head.approvers_since or head.requested_at}
            decided = [
                entry
                for terms in (head.terms, head.review_terms)
                for at in since
                for entry in _decided_by(head, terms, at)
            ]
            await self.remove({*_concerned(head), *decided})
            await asked_before.forget(self._table, _partition(head.holder.object_id), head)

    async def pages(
        self, person_id: str, concern: Concern, after: str = ""
    ) -> AsyncIterator[Sequence[Entry]]:
        """Read a person's list page by page, oldest first, from behind a position."""
        start = _behind(f"{concern}~{after}") if after else f"{concern}~"
        while rows := await self._table.range(
            _partition(person_id), start, f"{concern}~~", limit=PAGE
        ):
            yield [_entry(row, person_id) for row in rows]
            if len(rows) < PAGE:
                return
            start = _behind(rows[-1].key)

    async def asked_before(
        self, person_id: str, secret: str, since: datetime, most: int
    ) -> list[str]:
        """Return the IDs of a grantee's latest requests for a secret; some may not be stored."""
        partition = _partition(person_id)
        return await asked_before.read(self._table, partition, person_id, secret, since, most)

    async def _add(self, entry: Entry, head: Head) -> None:
        rows = [Insert(_key(entry), {"workflow": entry.workflow_id})]
        if isinstance(head, Request) and _is_the_grantees(entry, head):
            rows += asked_before.rows_of(head)
        try:
            await self._table.transact(_partition(entry.person_id), rows)
        except Conflict:
            return  # it exists already

    async def _remove(self, entry: Entry) -> None:
        try:
            await self._table.transact(_partition(entry.person_id), [Delete(_key(entry))])
        except Conflict:
            return  # it is gone already


def is_called_for(entry: Entry, head: Head) -> bool:
    """Return whether the current head needs an entry."""
    return entry in _called_for(head)


def is_outdated(entry: Entry, head: Head | None, now: datetime) -> bool:
    """Return whether an entry is stale, and not just written before its head."""
    return entry.since + GRACE < now and (head is None or not is_called_for(entry, head))


def _called_for(head: Head | None) -> frozenset[Entry]:
    """Return the entries a head needs: the requester's until it ends, and the deciders'."""
    if not isinstance(head, Request):
        return frozenset()
    decided = [
        entry for terms, since in _waits_since(head) for entry in _decided_by(head, terms, since)
    ]
    return frozenset({*(_concerned(head) if head.state in _OPEN else ()), *decided})


def _waits_since(request: Request) -> Iterator[tuple[Terms, datetime]]:
    """Return for whom a request waits, and since when, once per thing it waits for.

    An entry must never be needed again once it wasn't, since its removal may come at any later
    time. So a change of approvers creates new entries, even for people who stay or return.
    """
    changed = request.approvers_since
    if request.state is RequestState.PENDING or break_glass.awaits_review(request):
        yield request.review_terms, changed or request.requested_at
    if request.state is RequestState.ACTIVE and request.extension:
        asked_at = request.extension.asked_at
        yield request.terms, max(changed or asked_at, asked_at)


def _concerned(request: Request) -> list[Entry]:
    """Return the entries of the requester and the grantee."""
    return [
        Entry(person_id.lower(), Concern.ASKED, request.requested_at, request.id)
        for person_id in sorted(request.involved)
    ]


def _is_the_grantees(entry: Entry, request: Request) -> bool:
    is_theirs = entry.person_id == request.holder.object_id.lower()
    return entry.concern is Concern.ASKED and is_theirs


def _decided_by(request: Request, terms: Terms, since: datetime) -> list[Entry]:
    involved = {person_id.lower() for person_id in request.involved}
    deciders = {person.object_id.lower() for person in terms.approvers}
    deciders |= {group.object_id.lower() for group in terms.groups}
    return [
        Entry(person_id, Concern.DECIDES, since, request.id)
        for person_id in sorted(deciders - involved)
    ]


def _partition(person_id: str) -> str:
    return f"person-{person_id.lower()}"


def _key(entry: Entry) -> str:
    return f"{entry.concern}~{entry.position}"


def _behind(key: str) -> str:
    return f"{key}!"  # ``!`` sorts before anything that can follow in a key


def is_position(text: str) -> bool:
    """Return whether a text is a valid position; others aren't looked up."""
    return _POSITION.fullmatch(text) is not None


def _entry(row: Row, person_id: str) -> Entry:
    concern, since, workflow_id = row.key.split("~", 2)
    return Entry(person_id.lower(), Concern(concern), datetime.fromisoformat(since), workflow_id)
