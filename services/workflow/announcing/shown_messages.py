"""Records what messages show, and remembers what couldn't be recorded."""

from collections.abc import Sequence

from services.clock import Clock
from services.faults import Fault
from services.workflow.messages import Messages, Shown


class ShownMessages:
    """What the messages of workflows show by now."""

    def __init__(self, messages: Messages, clock: Clock) -> None:
        self._messages = messages
        self._clock = clock
        self._unrecorded: dict[str, list[Shown]] = {}
        """What was sent here and couldn't be recorded, by workflow; it must not be sent again."""

    def has_unrecorded(self, workflow_id: str) -> bool:
        """Return whether something that was sent about a workflow isn't on record."""
        return workflow_id in self._unrecorded

    async def record(self, workflow_id: str, shown: Sequence[Shown]) -> None:
        """Record what messages show, with what couldn't be recorded before."""
        before = self._unrecorded.pop(workflow_id, [])
        latest = list({each.message.key: each for each in (*before, *shown)}.values())
        try:
            lost = await self._messages.record_all(workflow_id, latest)
        except Fault:
            self._unrecorded[workflow_id] = latest
            raise
        for each in lost:
            # Another replica also updated it, and our older content may have overwritten theirs.
            if not each.is_new:
                await self._messages.mark_stale(workflow_id, each.message.key, self._clock())
