"""The outcome of each change of the policy file, and its messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.announcement import Announcement, Audience, Subject
from domain.workflow import Change, Event, Fact

WORKFLOW_ID = "policy-file"
"""There is only one, shared by all replicas."""

MOST_ERRORS_LISTED = 10


class PolicyFileState(StrEnum):
    ADOPTED = "adopted"
    REFUSED = "refused"


class PolicyFileEvent(StrEnum):
    ADOPTED = "policy_adopted"
    REFUSED = "policy_refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """The policy file as last read; ``digest`` is the SHA-256 of its content."""

    id: str
    state: PolicyFileState
    digest: str


def adopt(digest: str, now: datetime) -> Change[PolicyFile]:
    """Record that the rules of a file are now in force."""
    head = PolicyFile(id=WORKFLOW_ID, state=PolicyFileState.ADOPTED, digest=digest)
    return Change(head, (Event(PolicyFileEvent.ADOPTED, now, None, {"digest": digest}),))


def refuse(digest: str, faults: Sequence[str], now: datetime) -> Change[PolicyFile]:
    """Record that a file has errors and that the previous rules stay in force."""
    head = PolicyFile(id=WORKFLOW_ID, state=PolicyFileState.REFUSED, digest=digest)
    facts: dict[str, Fact] = {
        "digest": digest,
        "faults": "\n".join(faults[:MOST_ERRORS_LISTED]),
        "count": len(faults),
    }
    return Change(head, (Event(PolicyFileEvent.REFUSED, now, None, facts),))


def policy_file_announcements(events: Sequence[Event]) -> tuple[Announcement, ...]:
    """Derive a new message for each change; a reply in an old thread would be missed."""
    return tuple(
        Announcement(
            key=f"policy-{number:06d}",
            audience=Audience.AUDIT,
            subject=Subject.WORKFLOW,
            revision=number,
            event=event,
        )
        for number, event in enumerate(events, start=1)
    )
