"""Builds files of single reads; the caller must have checked that the person is an admin."""

import asyncio
from typing import TypeVar

from domain.access.reads import LogSpan, ReadsSeen, ReadsUnknown, span_of
from domain.access.request import Request
from domain.audit.history import Filter
from domain.audit.outside_reads import OutsideReads
from domain.audit.report import USUAL, first_moment
from domain.refusals.exports import NeverGranted, NoReadLog, ReadLogUnavailable
from domain.refusals.records import UnknownWorkflow
from services.access.reads.grant_reads import GrantReads
from services.audit.files.export import Export
from services.audit.files.reads_file import grant_reads_file, outside_reads_file
from services.audit.outside_reads import ReadsOutsideGrants
from services.clock import Clock
from services.progress import ProgressCount
from services.workflow.workflows import Workflows

T = TypeVar("T", ReadsSeen, OutsideReads)


class ReadExports:
    """Asks the vaults' log for every read; refuses where there is nothing to ask."""

    def __init__(
        self,
        workflows: Workflows,
        grant_reads: GrantReads,
        outside_grants: ReadsOutsideGrants,
        clock: Clock,
    ) -> None:
        self._workflows = workflows
        self._grant_reads = grant_reads
        self._outside_grants = outside_grants
        self._clock = clock

    async def of_grant(self, workflow_id: str, count: ProgressCount) -> Export:
        """Export the reads under one grant."""
        now = self._clock()
        stored = await self._workflows.load(workflow_id)
        if stored is None or not isinstance(stored.head, Request):
            raise UnknownWorkflow
        request = stored.head
        if span_of(request, now) is None:
            raise NeverGranted
        seen = known(await self._grant_reads.all_of(request, count))
        return await asyncio.to_thread(grant_reads_file, request, seen, now)

    async def outside(self, wanted: Filter, count: ProgressCount) -> Export:
        """Export the reads without a grant, since the first day of a period."""
        now = self._clock()
        span = LogSpan(first_moment(wanted.since or now - USUAL), now)
        reads = known(await self._outside_grants.all_of(span, wanted.secret, count))
        return await asyncio.to_thread(outside_reads_file, wanted.secret, reads, now)


def known(found: T | ReadsUnknown | None) -> T:
    """Return what the log shows; refuse if nobody could be asked."""
    if found is None:
        raise NoReadLog
    if isinstance(found, ReadsUnknown):
        answer = found.answer
        raise ReadLogUnavailable(f"{answer.status} {answer.code}".strip() if answer.status else "")
    return found
