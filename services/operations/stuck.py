"""Lists what needs attention: failures, rotations that need a human, due reviews."""

from dataclasses import dataclass
from datetime import datetime

from domain.access.request import Request, overdue_since
from domain.access.transitions import break_glass
from domain.drill.drill import Drill
from domain.reconciliation.orphan import Orphan, OrphanState
from domain.rotation.rotation import Rotation, RotationState
from domain.rotation.schedule import ScheduledRotation
from services.clock import Clock
from services.operations.outbox_age import Backlog, backlog_of
from services.workflow.attention import AttentionReader
from services.workflow.codec import Head
from services.workflow.due.quarantine import Quarantined
from services.workflow.workflows import Workflows

Listed = Request | Orphan | Drill | Rotation | ScheduledRotation

MOST = 25
_MOST_READ = 250


@dataclass(frozen=True, slots=True)
class StuckList:
    """What needs attention: the items shown, and how many more there are."""

    shown: tuple[Listed, ...]
    more: int
    before: int = 0
    """How many come before the items shown."""
    quarantined: tuple[Quarantined, ...] = ()
    """One row for each quarantined workflow; it may be a due revocation."""
    backlog: Backlog | None = None
    """The announcements that have been waiting too long."""


class Stuck:
    """Reads the lists of workflows that need attention."""

    def __init__(
        self,
        workflows: Workflows,
        attention: AttentionReader,
        clock: Clock,
    ) -> None:
        self._workflows = workflows
        self._attention = attention
        self._clock = clock

    async def list(self, start: int = 0, most: int = MOST) -> StuckList:
        """List what is overdue, stuck, needs a human or awaits review, worst first.

        If nothing comes behind ``start`` any more, the list starts at its beginning.
        """
        now = self._clock()
        seen = await self._attention.read(now)
        listed = [one for ids in seen.listed.values() for one in ids]
        ids = list(dict.fromkeys([*listed, *(row.workflow_id for row in seen.due)]))
        stored = await self._workflows.load_readable(ids[:_MOST_READ])
        calling = [one.head for one in stored.values() if one and _is_shown(one.head, now)]
        heads = [one for one in calling if isinstance(one, Listed)]
        unread = max(0, len(ids) - _MOST_READ)
        before = start if start < len(heads) else 0
        more = max(0, len(heads) - before - most) + unread
        distinct = tuple({str(row.sentence): row for row in seen.quarantined}.values())
        shown = tuple(heads[before : before + most])
        return StuckList(shown, more, before, distinct, backlog_of(seen))


def _is_shown(head: Head, now: datetime) -> bool:
    """Return whether this needs attention; what is only due, such as a grant, doesn't."""
    if isinstance(head, Request):
        return break_glass.awaits_review(head) or overdue_since(head, now) is not None
    if isinstance(head, Drill):
        return overdue_since(head.access, now) is not None
    if isinstance(head, Orphan):
        return head.state in {OrphanState.REVOKING, OrphanState.STUCK}
    if isinstance(head, Rotation):
        return head.state is RotationState.NEEDS_HUMAN
    return isinstance(head, ScheduledRotation) and head.is_unwatched
