"""Checks of the bot itself: its clock, overdue work and reconciliation."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.access.request import OVERDUE_AFTER
from domain.diagnosis import Finding, broken, doubtful, good
from domain.phrases import counted, phrase
from domain.reconciliation.reconciliation import Reconciliation
from services.access.granting.reconcile import Reconcile
from services.clock import Clock
from services.operations.checks.check import REACH_TABLES, Check
from services.ports import AzureTime
from services.workflow.attention import AttentionReader
from services.workflow.workflows import LISTED

_MAX_SKEW = timedelta(seconds=5)
"""HTTP dates are in whole seconds, and replicas must agree to within a few."""
_LONG_ROUND = timedelta(minutes=15)
"""A round that takes longer hardly gets anywhere; another replica goes on after one that ended."""
_TOO_MUCH = timedelta(minutes=1)
_TIME = phrase("Clock")
_SYNCHRONISE = phrase("Synchronise the machine's clock; access windows and claims depend on it.")
_REACH_AZURE = phrase("Make sure that the bot can reach Azure Resource Manager.")
_OVERDUE = phrase("Overdue work")
_RECONCILING = phrase("Reconciling")


class OwnChecks:
    """Creates the checks of the bot itself."""

    def __init__(
        self,
        attention: AttentionReader,
        reconcile: Reconcile,
        azure_time: AzureTime,
        clock: Clock,
    ) -> None:
        self._attention = attention
        self._reconcile = reconcile
        self._azure_time = azure_time
        self._clock = clock

    def checks(self) -> Iterator[Check]:
        yield Check(_TIME, self._time, _REACH_AZURE)
        yield Check(_OVERDUE, self._overdue, REACH_TABLES)
        yield Check(_RECONCILING, self._reconciling, REACH_TABLES)

    async def _time(self) -> Finding:
        before = self._clock()
        theirs = await self._azure_time.now()
        skew = abs(theirs - before)
        seen = counted(
            "differs from Azure's by {count} second",
            "differs from Azure's by {count} seconds",
            round(skew.total_seconds()),
        )
        if skew > _TOO_MUCH:
            return broken(_TIME, seen, _SYNCHRONISE)
        if skew > _MAX_SKEW:
            return doubtful(_TIME, seen, _SYNCHRONISE)
        return good(_TIME, phrase("agrees with Azure's"))

    async def _overdue(self) -> Finding:
        found = await self._attention.read(self._clock())
        listed = [one for state in LISTED for one in found.listed[state]]
        late = {row.workflow_id for row in found.due if found.at - row.due >= OVERDUE_AFTER}
        overdue = late - set(listed)
        aside = {row.workflow_id for row in found.quarantined}
        if listed:
            seen = counted("{count} stuck", "{count} stuck", len(listed))
            remedy = phrase("Type {command} for details.", command="stuck")
            return broken(_OVERDUE, seen, remedy)
        if aside:
            seen = phrase("this version can't handle {count}", count=len(aside))
            remedy = phrase(
                "Type {command} for details; install the newer version.", command="stuck"
            )
            return broken(_OVERDUE, seen, remedy)
        if overdue:
            seen = phrase("no replica has processed {count}", count=len(overdue))
            remedy = phrase("Check the worker's log, then restart the bot.")
            return broken(_OVERDUE, seen, remedy)
        return good(_OVERDUE, phrase("nothing is overdue"))

    async def _reconciling(self) -> Finding:
        return reconciling(await self._reconcile.find(), self._clock())


def reconciling(found: Reconciliation | None, now: datetime) -> Finding:
    """Say how far the round under way is, and otherwise how the last one went."""
    if found and found.scopes and found.began_at:
        seen = phrase(
            "{done} of {total} scopes done in the round that has been running since {since}",
            done=found.total - len(found.scopes),
            total=found.total,
            since=found.began_at,
        )
        if now - found.began_at > _LONG_ROUND:
            return doubtful(_RECONCILING, seen, phrase("Check the worker's log."))
        return good(_RECONCILING, seen)
    if found is None or found.ended_at is None:
        seen = phrase("no round has finished yet")
        return doubtful(_RECONCILING, seen, phrase("Wait a minute, then check the log."))
    if found.unseen:
        seen = phrase(
            "last round finished on {at}, without {scopes}: {cause}",
            at=found.ended_at,
            scopes=", ".join(one.scope.rpartition("/")[2] for one in found.unseen),
            cause=found.unseen[0].cause,
        )
        remedy = phrase("Let the bot list role assignments there.")
        return broken(_RECONCILING, seen, remedy)
    return good(_RECONCILING, phrase("last round finished on {at}", at=found.ended_at))
