"""Makes the leases fit the workflows of a backup.

Leases have partitions of their own, so they are read at other times than the workflows. A holder
that isn't about to hold would keep an assignment for ever, or keep others from getting one. And
without a lease, access that is open would be an orphan.
"""

import json
from collections.abc import Collection, Iterable, Iterator

from domain.access.request import RequestState
from scripts.state.rows import StoredRow, line_of, values_of

HOLDING = frozenset(
    {RequestState.GRANTING, RequestState.ACTIVE, RequestState.REVOKING, RequestState.STUCK}
)
"""The states in which a request, or a drill's, can hold an assignment."""


def fitting(
    before: Iterable[StoredRow], after: Iterable[StoredRow], may_hold: Collection[str]
) -> Iterator[StoredRow]:
    """Yield the leases of these workflows, from reads before and after them.

    A row that says that an assignment is being deleted isn't among them, since whoever deletes it
    writes it again; with a time from which it is free, it is.
    """
    earlier = {row.name: row for row in before}
    later = {row.name: row for row in after}
    for name in sorted(earlier.keys() | later.keys()):
        present = [row for row in (later.get(name), earlier.get(name)) if row]
        named = [one for row in present for one in _holders(row) if one in may_hold]
        if named:
            held = next(row for row in present if named[0] in _holders(row))
            yield _held_by(held, list(dict.fromkeys(named)))
        elif name in later and "free_at" in values_of(later[name]):
            yield later[name]


def _holders(row: StoredRow) -> list[str]:
    values = values_of(row)
    return [] if values["deleting"] else json.loads(values["holders"])


def _held_by(row: StoredRow, holders: list[str]) -> StoredRow:
    if holders == _holders(row):
        return row
    values = {**values_of(row), "holders": json.dumps(holders)}
    return StoredRow(row.partition, row.key, line_of(values))
