"""The events of an orphaned assignment, made with the domain's own changes."""

from domain.access.assignment import Assignment
from domain.reconciliation import orphan as change
from domain.reconciliation.orphan import Orphan, OrphanState
from domain.workflow import Event
from tests.cards.scenarios import DANA, LOCKED, LOCKED_CAUSE, STUCK_CAUSE, VAULT_ID, minutes

FOUND = Orphan(
    id="orp-3f0c9a7712",
    state=OrphanState.REVOKING,
    assignment=Assignment(VAULT_ID, DANA.object_id, "4633458b-17de-408a-b874-0445c86b69e6"),
    description="Latchkey req-01jd7q3v9k: access to demo-api-key, expires 2026-11-21T15:40:00Z",
    created_at=minutes(5),
    found_at=minutes(60),
)


def stuck() -> Orphan:
    return change.try_again(FOUND, STUCK_CAUSE, minutes(66), jitter=0.5).head


ORPHAN_EVENTS: dict[str, tuple[Orphan, Event]] = {
    "removed": (FOUND, change.revoke(FOUND, found=True, now=minutes(60)).events[0]),
    "gone already": (FOUND, change.revoke(FOUND, found=False, now=minutes(60)).events[0]),
    "stuck": (
        stuck(),
        change.try_again(FOUND, STUCK_CAUSE, minutes(66), jitter=0.5).events[0],
    ),
    "stuck under a lock": (
        stuck(),
        change.try_again(FOUND, LOCKED_CAUSE, minutes(66), jitter=0.5, answer=LOCKED).events[0],
    ),
    "removed after having been stuck": (
        stuck(),
        change.revoke(stuck(), found=True, now=minutes(90)).events[0],
    ),
}
