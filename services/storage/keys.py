"""The keys of rows.

A workflow, its agenda row and its outbox rows share one of sixteen partitions (shards), so that
one transaction changes them together: every open workflow always has a row that falls due.
``~`` sorts after all other characters in use, so ``prefix~`` to ``prefix~~`` spans a prefix.
"""

from datetime import UTC, date, datetime
from zlib import crc32

SHARDS = tuple(f"{number:02x}" for number in range(16))
AGENDA = "agenda"
OUTBOX = "outbox"
DAY = "day"
HISTORY = "history"
QUARANTINE = "quarantine"
WORKFLOW = "workflow"
ANSWERED = "answered"


def shard_of(workflow_id: str) -> str:
    return SHARDS[crc32(workflow_id.encode()) % len(SHARDS)]


def workflow_prefix(workflow_id: str) -> str:
    return f"{WORKFLOW}~{workflow_id}~"


def head_key(workflow_id: str) -> str:
    return f"{workflow_prefix(workflow_id)}head"


def event_key(workflow_id: str, number: int) -> str:
    return f"{workflow_prefix(workflow_id)}event-{number:06d}"


def message_key(workflow_id: str, message: str) -> str:
    return f"{workflow_prefix(workflow_id)}message-{message}"


def listed_key(state: str, workflow_id: str) -> str:
    return f"{state}~{workflow_id}"


def day_prefix(day: date) -> str:
    return f"{DAY}~{day.isoformat()}~"


def day_key(day: date, workflow_id: str, number: int) -> str:
    """Name an event among those of its day, for the checkpoint."""
    return f"{day_prefix(day)}{workflow_id}~{number:06d}"


def answered_key(workflow_id: str) -> str:
    return f"{ANSWERED}~{workflow_id}"


def sealed_key(workflow_id: str) -> str:
    """Name what stays of an archived workflow."""
    return f"sealed~{workflow_id}"


def quarantine_key(row_key: str) -> str:
    return f"{QUARANTINE}~{row_key}"


def instant(at: datetime) -> str:
    """Format an instant so that text order is time order."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def due_key(queue: str, due: datetime, name: str) -> str:
    return f"{queue}~{instant(due)}~{name}"
