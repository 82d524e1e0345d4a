"""Which messages to update again, since an update that went unanswered may come over a later one.

A row of the outbox says so. While Teams is away, the row that is tried again anyway says it too, so
that no failure adds a row: each would be tried by itself, and add others. Which updates a replica
had sent when it was killed is in its claim (``announcer_claims.py``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from services.storage import keys
from services.storage.table import Insert, Value
from services.workflow.due.agenda import DueRow

_AGAIN = "again"
"""The field that names the messages by their keys, with commas between them."""
_AGAIN_FROM = "again_from"
"""From when on no such update can come any more; without it, from when the row is due."""


def to_update_again(rows: Iterable[DueRow]) -> dict[str, datetime]:
    """Return the keys of messages that rows say to update again, and from when on."""
    found: dict[str, datetime] = {}
    for row in rows:
        since = row.values.get(_AGAIN_FROM)
        at = datetime.fromisoformat(str(since)) if since else row.due
        for key in filter(None, str(row.values.get(_AGAIN, "")).split(",")):
            found[key] = max(found.get(key, at), at)
    return found


def saying(row: DueRow, wanted: Mapping[str, datetime]) -> DueRow:
    """Return a row that says to update these messages again, and no others."""
    others = {name: row.values[name] for name in row.values if name not in (_AGAIN, _AGAIN_FROM)}
    return replace(row, values=others | _values(wanted))


def again(workflow_id: str, wanted: Mapping[str, datetime]) -> Insert:
    """Return the row by which these messages are updated once more."""
    key = keys.due_key(keys.OUTBOX, max(wanted.values()), f"{workflow_id}~{min(wanted)}")
    return Insert(key, {"workflow": workflow_id, **_values(wanted)})


def _values(wanted: Mapping[str, datetime]) -> dict[str, Value]:
    if not wanted:
        return {}
    return {_AGAIN: ",".join(sorted(wanted)), _AGAIN_FROM: keys.instant(max(wanted.values()))}
