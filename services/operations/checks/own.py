"""How the bot's own work stands: its clock, what is overdue, and the last look at Azure."""

from collections.abc import Iterator
from datetime import timedelta

from domain.access.request import OVERDUE_AFTER
from domain.diagnosis import Finding, broken, doubtful, good
from services.access.reconcile import Reconcile
from services.clock import Clock
from services.operations.checks.check import Check
from services.ports import AzureTime
from services.workflow.agenda import Agenda
from services.workflow.quarantine import Quarantine
from services.workflow.workflows import LISTED, Workflows

_A_LITTLE = timedelta(seconds=5)
"""Dates in HTTP have whole seconds, and replicas have to agree to a few."""
_TOO_MUCH = timedelta(minutes=1)
_SYNCHRONISE = "Synchronise the machine's time; windows and claims are counted by it."


class OwnChecks:
    """Makes the checks of the bot's own state."""

    def __init__(
        self,
        workflows: Workflows,
        agenda: Agenda,
        quarantine: Quarantine,
        reconcile: Reconcile,
        azure_time: AzureTime,
        clock: Clock,
    ) -> None:
        self._workflows = workflows
        self._agenda = agenda
        self._quarantine = quarantine
        self._reconcile = reconcile
        self._azure_time = azure_time
        self._clock = clock

    def checks(self) -> Iterator[Check]:
        yield Check("Clock", self._time, "Azure Resource Manager has to be reachable.")
        yield Check("Overdue work", self._overdue, "The tables have to answer.")
        yield Check("Reconciling", self._reconciling, "The tables have to answer.")

    async def _time(self) -> Finding:
        before = self._clock()
        theirs = await self._azure_time.now()
        skew = abs(theirs - before)
        seen = f"{skew.total_seconds():,.0f} seconds apart from Azure's"
        if skew > _TOO_MUCH:
            return broken("Clock", seen, _SYNCHRONISE)
        if skew > _A_LITTLE:
            return doubtful("Clock", seen, _SYNCHRONISE)
        return good("Clock", "agrees with Azure's")

    async def _overdue(self) -> Finding:
        listed = [one for state in LISTED for one in await self._workflows.listed(state)]
        late = await self._agenda.late(self._clock() - OVERDUE_AFTER)
        overdue = {row.workflow_id for row in late} - set(listed)
        aside = {row.workflow_id for row in await self._quarantine.listed()}
        if listed:
            seen = f"{len(listed):,} will not end"
            return broken("Overdue work", seen, "Type stuck for what and why.")
        if aside:
            seen = f"this version can't handle {len(aside):,}"
            return broken("Overdue work", seen, "Type stuck for what and why; install the newer.")
        if overdue:
            seen = f"nobody moved {len(overdue):,} on"
            return broken("Overdue work", seen, "See the log of the worker; restart the bot.")
        return good("Overdue work", "none")

    async def _reconciling(self) -> Finding:
        found = await self._reconcile.find()
        if found is None or found.ended_at is None:
            seen = "no round has ended yet"
            return doubtful("Reconciling", seen, "Wait a minute; then see the log.")
        at = f"last round ended {found.ended_at:%Y-%m-%d %H:%M} UTC"
        if found.unseen:
            scopes = ", ".join(one.scope.rpartition("/")[2] for one in found.unseen)
            seen = f"{at}, without {scopes}: {found.unseen[0].cause}"
            remedy = "The bot needs to list role assignments there."
            return broken("Reconciling", seen, remedy)
        return good("Reconciling", at)
