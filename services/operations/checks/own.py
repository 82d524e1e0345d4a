"""Checks of the bot itself: its clock, overdue work and reconciliation."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.access.request import OVERDUE_AFTER
from domain.diagnosis import Finding, broken, doubtful, good
from domain.reconciliation.reconciliation import Reconciliation
from services.access.reconcile import Reconcile
from services.clock import Clock
from services.operations.checks.check import Check
from services.ports import AzureTime
from services.workflow.agenda import Agenda
from services.workflow.quarantine import Quarantine
from services.workflow.workflows import LISTED, Workflows

_MAX_SKEW = timedelta(seconds=5)
"""HTTP dates are in whole seconds, and replicas must agree to within a few."""
_LONG_ROUND = timedelta(minutes=15)
"""A round that takes longer hardly gets anywhere; another replica goes on after one that ended."""
_TOO_MUCH = timedelta(minutes=1)
_SYNCHRONISE = "Synchronise the machine's clock; access windows and claims depend on it."


class OwnChecks:
    """Creates the checks of the bot itself."""

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
        yield Check("Clock", self._time, "Make sure that the bot can reach Azure Resource Manager.")
        yield Check("Overdue work", self._overdue, "Make sure that the bot can reach its tables.")
        yield Check(
            "Reconciling", self._reconciling, "Make sure that the bot can reach its tables."
        )

    async def _time(self) -> Finding:
        before = self._clock()
        theirs = await self._azure_time.now()
        skew = abs(theirs - before)
        seen = f"differs from Azure's by {skew.total_seconds():,.0f} seconds"
        if skew > _TOO_MUCH:
            return broken("Clock", seen, _SYNCHRONISE)
        if skew > _MAX_SKEW:
            return doubtful("Clock", seen, _SYNCHRONISE)
        return good("Clock", "agrees with Azure's")

    async def _overdue(self) -> Finding:
        listed = [one for state in LISTED for one in await self._workflows.listed(state)]
        late = await self._agenda.late(self._clock() - OVERDUE_AFTER)
        overdue = {row.workflow_id for row in late} - set(listed)
        aside = {row.workflow_id for row in await self._quarantine.listed()}
        if listed:
            seen = f"{len(listed):,} stuck"
            return broken("Overdue work", seen, "Type stuck for details.")
        if aside:
            seen = f"this version can't handle {len(aside):,}"
            return broken(
                "Overdue work", seen, "Type stuck for details; install the newer version."
            )
        if overdue:
            seen = f"no replica has processed {len(overdue):,}"
            return broken("Overdue work", seen, "Check the worker's log, then restart the bot.")
        return good("Overdue work", "none")

    async def _reconciling(self) -> Finding:
        return reconciling(await self._reconcile.find(), self._clock())


def reconciling(found: Reconciliation | None, now: datetime) -> Finding:
    """Say how far the round under way is, and otherwise how the last one went."""
    if found and found.scopes and found.began_at:
        since = f"{found.began_at:%Y-%m-%d %H:%M:%S} UTC"
        done = f"{found.total - len(found.scopes):,} of {found.total:,}"
        seen = f"{done} scopes done in the round that has been running since {since}"
        if now - found.began_at > _LONG_ROUND:
            return doubtful("Reconciling", seen, "Check the worker's log.")
        return good("Reconciling", seen)
    if found is None or found.ended_at is None:
        seen = "no round has finished yet"
        return doubtful("Reconciling", seen, "Wait a minute, then check the log.")
    at = f"last round finished {found.ended_at:%Y-%m-%d %H:%M} UTC"
    if found.unseen:
        scopes = ", ".join(one.scope.rpartition("/")[2] for one in found.unseen)
        seen = f"{at}, without {scopes}: {found.unseen[0].cause}"
        return broken("Reconciling", seen, "Let the bot list role assignments there.")
    return good("Reconciling", at)
