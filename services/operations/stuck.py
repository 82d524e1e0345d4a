"""What somebody has to see to: what keeps failing, needs a human, or awaits its review."""

from dataclasses import dataclass
from datetime import datetime

from domain.access import break_glass
from domain.access.request import Request, overdue_since
from domain.reconciliation.orphan import Orphan, OrphanState
from domain.rotation.rotation import Rotation, RotationState
from domain.rotation.schedule import ScheduledRotation
from services.clock import Clock
from services.operations.outbox_age import Backlog, OutboxAge
from services.workflow.agenda import Agenda
from services.workflow.codec import Head
from services.workflow.quarantine import Quarantine
from services.workflow.workflows import LISTS, Workflows

Listed = Request | Orphan | Rotation | ScheduledRotation

MOST = 25
_MOST_READ = 250


@dataclass(frozen=True, slots=True)
class StuckList:
    """What will not end, as far as it is shown, and how much more there is."""

    shown: tuple[Listed, ...]
    more: int
    quarantined: tuple[str, ...] = ()
    """What no version at work can handle: each a sentence; it may be access to be taken away."""
    backlog: Backlog | None = None
    """The announcements that have waited too long."""


class Stuck:
    """Reads the lists of what somebody has to know of; it costs what is listed."""

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

    async def list(self) -> StuckList:
        """List what is overdue, stuck, needs a human, or awaits its review: the worst first."""
        now = self._clock()
        listed = [one for name in LISTS for one in await self._workflows.listed(name)]
        late = [row.workflow_id for row in await self._agenda.late(now)]
        ids = list(dict.fromkeys([*listed, *late]))
        stored = await self._workflows.load_readable(ids[:_MOST_READ])
        shown = [one.head for one in stored.values() if one and _is_shown(one.head, now)]
        heads = [one for one in shown if isinstance(one, Listed)]
        unread = max(0, len(ids) - _MOST_READ)
        more = max(0, len(heads) - MOST) + unread
        aside = await self._quarantine.listed() if self._quarantine else []
        sentences = tuple(dict.fromkeys(row.sentence for row in aside))
        backlog = await self._outbox.backlog() if self._outbox else None
        return StuckList(tuple(heads[:MOST]), more, sentences, backlog)


def _is_shown(head: Head, now: datetime) -> bool:
    """Say whether somebody has to know of this: what merely falls due in a moment is not shown."""
    if isinstance(head, Request):
        return break_glass.awaits_review(head) or overdue_since(head, now) is not None
    if isinstance(head, Orphan):
        return head.state in {OrphanState.REVOKING, OrphanState.STUCK}
    if isinstance(head, Rotation):
        return head.state is RotationState.NEEDS_HUMAN
    return isinstance(head, ScheduledRotation) and head.is_unwatched
