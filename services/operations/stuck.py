"""Lists what needs attention: failures, rotations that need a human, due reviews."""

from dataclasses import dataclass
from datetime import datetime

from domain.access import break_glass
from domain.access.request import Request, overdue_since
from domain.drill.drill import Drill
from domain.reconciliation.orphan import Orphan, OrphanState
from domain.rotation.rotation import Rotation, RotationState
from domain.rotation.schedule import ScheduledRotation
from services.clock import Clock
from services.operations.outbox_age import Backlog, OutboxAge
from services.workflow.agenda import Agenda
from services.workflow.codec import Head
from services.workflow.quarantine import Quarantine, Quarantined
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
        agenda: Agenda,
        clock: Clock,
        quarantine: Quarantine | None = None,
        outbox: OutboxAge | None = None,
    ) -> None:
        self._workflows = workflows
        self._agenda = agenda
        self._clock = clock
        self._quarantine = quarantine
        self._outbox = outbox

    async def list(self, start: int = 0, most: int = MOST) -> StuckList:
        """List what is overdue, stuck, needs a human or awaits review, worst first.

        If nothing comes behind ``start`` any more, the list starts at its beginning.
        """
        now = self._clock()
        listed = [one for ids in (await self._workflows.on_lists()).values() for one in ids]
        late = [row.workflow_id for row in await self._agenda.late(now)]
        ids = list(dict.fromkeys([*listed, *late]))
        stored = await self._workflows.load_readable(ids[:_MOST_READ])
        calling = [one.head for one in stored.values() if one and _is_shown(one.head, now)]
        heads = [one for one in calling if isinstance(one, Listed)]
        unread = max(0, len(ids) - _MOST_READ)
        before = start if start < len(heads) else 0
        more = max(0, len(heads) - before - most) + unread
        aside = await self._quarantine.listed() if self._quarantine else []
        distinct = tuple({str(row.sentence): row for row in aside}.values())
        backlog = await self._outbox.backlog() if self._outbox else None
        shown = tuple(heads[before : before + most])
        return StuckList(shown, more, before, distinct, backlog)


def _is_shown(head: Head, now: datetime) -> bool:
    """Return whether this needs attention; a revocation in progress doesn't."""
    if isinstance(head, Request):
        return break_glass.awaits_review(head) or overdue_since(head, now) is not None
    if isinstance(head, Drill):
        return overdue_since(head.access, now) is not None
    if isinstance(head, Orphan):
        return head.state in {OrphanState.REVOKING, OrphanState.STUCK}
    if isinstance(head, Rotation):
        return head.state is RotationState.NEEDS_HUMAN
    return isinstance(head, ScheduledRotation) and head.is_unwatched
