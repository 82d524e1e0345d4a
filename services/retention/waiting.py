"""Which workflows something in the table still needs."""

from services.access.granting.leases import Leases
from services.workflow.due.agenda import Agenda
from services.workflow.due.quarantine import Quarantine


class Waiting:
    """Finds the workflows that something in the table still needs."""

    def __init__(self, leases: Leases, outbox: Agenda, quarantine: Quarantine) -> None:
        self._leases = leases
        self._outbox = outbox
        self._quarantine = quarantine

    async def ids(self) -> frozenset[str]:
        """Return those that hold a lease, have messages to send, or rows that were set aside."""
        holders = {one for lease in await self._leases.all() for one in lease.holders}
        queued = {row.workflow_id for row in await self._outbox.waiting()}
        aside = {one.workflow_id for one in await self._quarantine.listed()}
        return frozenset({*holders, *queued, *aside})
