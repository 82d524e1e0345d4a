"""Access to the history: admins see all, others what they requested or decided."""

from dataclasses import dataclass

from domain.access.reads import ReadsSeen, ReadsUnknown
from domain.access.request import Request
from domain.audit.evidence import Verdict
from domain.audit.history import Filter, Recorded, decide_filter, is_part_of
from domain.audit.outside_reads import OutsideReads
from domain.audit.report import Report
from domain.people import Actor
from domain.refusals.records import UnknownWorkflow
from domain.retention.sealed import SealedVerdict
from domain.workflow import Event
from services.access.reads.grant_reads import GrantReads
from services.audit.days.sealed_records import SealedRecords
from services.audit.history import History, Page
from services.audit.outside_reads import ReadsOutsideGrants
from services.audit.reports import Reports
from services.people.admins import Admins
from services.progress import ProgressCount
from services.workflow.workflows import Workflows


@dataclass(frozen=True, slots=True)
class Timeline:
    """One workflow's current state and all its events."""

    head: Recorded
    events: tuple[Event, ...]
    reads: ReadsSeen | ReadsUnknown | None = None
    """What the vaults' log shows of a grant, if there is such a log."""


class HistoryAccess:
    """Answers questions about the history; refusals are raised unchanged."""

    def __init__(
        self,
        history: History,
        workflows: Workflows,
        reports: Reports,
        sealed: SealedRecords,
        admins: Admins,
        reads: GrantReads,
        outside_grants: ReadsOutsideGrants,
    ) -> None:
        self._history = history
        self._workflows = workflows
        self._reports = reports
        self._sealed = sealed
        self._admins = admins
        self._reads = reads
        self._outside_grants = outside_grants

    async def page(
        self, actor: Actor, wanted: Filter, most: int, position: str | None = None
    ) -> Page:
        """Return a page of matches that this person can currently see."""
        is_admin = await self._is_admin(actor)
        allowed = decide_filter(wanted, actor, is_admin=is_admin)
        return await self._history.page(allowed, most, position)

    async def timeline(self, actor: Actor, workflow_id: str) -> Timeline:
        """Return one workflow; raises UnknownWorkflow also if this person can't see it."""
        snapshot = await self._workflows.snapshot(workflow_id)
        if snapshot is None or not isinstance(snapshot.stored.head, Recorded):
            raise UnknownWorkflow
        head = snapshot.stored.head
        if not is_part_of(head, snapshot.events, actor) and not await self._is_admin(actor):
            raise UnknownWorkflow
        reads = await self._reads.of(head) if isinstance(head, Request) else None
        return Timeline(head, snapshot.events, reads)

    async def verify(self, actor: Actor, workflow_id: str) -> Verdict | SealedVerdict:
        """Verify a workflow's hash chain of events, or its record if it was archived."""
        await self._admins.require(actor)
        trail = await self._workflows.trail(workflow_id)
        if trail:
            return trail.verify()
        if sealed := await self._sealed.verify(workflow_id):
            return sealed
        raise UnknownWorkflow

    async def report(
        self, actor: Actor, wanted: Filter, count: ProgressCount | None = None
    ) -> Report:
        """Summarise a period; the last 30 days if it has no start."""
        await self._admins.require(actor)
        return await self._reports.build(wanted, count)

    async def read_without_grants(
        self, actor: Actor, report: Report
    ) -> OutsideReads | ReadsUnknown | None:
        """Return who read without a grant in the time of a report, if there is a log of that."""
        await self._admins.require(actor)
        return await self._outside_grants.of(report)

    async def _is_admin(self, actor: Actor) -> bool:
        return await self._admins.includes(actor)
