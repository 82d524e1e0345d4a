"""Reads the rows of a shard so that each workflow's belong together, while the bot changes them.

A transaction changes rows of one workflow: its head, events, history, agenda and outbox. A read of
the shard takes several pages, and what changes between two pages would tear them apart. So the
shard is read again: if none of a workflow's rows has changed, all were in the table between the two
reads.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta

from scripts.faults import Fault
from scripts.state.rows import StoredRow
from services.storage import keys

ROUNDS = 30
_PAUSE = timedelta(seconds=1)

_HISTORY = re.compile(r"history~.*?~\d{17}~", re.ASCII)
"""What a row of the history has in front of its workflow's ID."""

_Group = Mapping[str, StoredRow]


def settled(
    read: Callable[[], Iterable[StoredRow]], sleep: Callable[[float], None]
) -> Iterator[StoredRow]:
    """Yield the rows of a shard; a workflow that begins meanwhile isn't among them.

    Raises Fault if a workflow changes between any two reads.
    """
    before = _by_workflow(read())
    waiting = set(before)
    for _ in range(ROUNDS):
        after = _by_workflow(read())
        quiet = sorted(one for one in waiting if _etags(before, one) == _etags(after, one))
        for one in quiet:
            yield from after.get(one, {}).values()
        waiting.difference_update(quiet)
        if not waiting:
            return
        before = {one: after.get(one, {}) for one in waiting}
        sleep(_PAUSE.total_seconds())
    raise Fault(f"These change all the time: {', '.join(sorted(waiting))}. Stop the bot first.")


def workflow_of(key: str) -> str:
    """Return the ID of the workflow that a row of a shard belongs to."""
    kind, _, rest = key.partition("~")
    match kind:
        case keys.QUARANTINE:
            return workflow_of(rest)
        case keys.AGENDA | keys.OUTBOX | keys.DAY:
            return rest.partition("~")[2].partition("~")[0]
        case keys.HISTORY:
            return _HISTORY.sub("", key).partition("~")[0]
        case _:
            return rest.partition("~")[0]


def _by_workflow(rows: Iterable[StoredRow]) -> Mapping[str, _Group]:
    found: defaultdict[str, dict[str, StoredRow]] = defaultdict(dict)
    for row in rows:
        found[workflow_of(row.key)][row.key] = row
    return found


def _etags(groups: Mapping[str, _Group], workflow_id: str) -> dict[str, str]:
    return {key: row.etag for key, row in groups.get(workflow_id, {}).items()}
