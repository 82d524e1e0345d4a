"""What the vaults' log shows of a grant."""

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

from domain.access.grant import AzureAnswer
from domain.access.reads import (
    ReadsSeen,
    ReadsUnknown,
    assignments_of,
    looked_at,
    places_of,
    seen_in,
    span_of,
)
from domain.access.recording_reads import expect_reads, record_reads
from domain.access.request import Request
from domain.workflow import Change
from services.access.reads.every_read import every_read
from services.access.reads.read_log import ReadLog
from services.clock import Clock
from services.faults import Fault, described
from services.progress import ProgressCount

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=6)
"""How long whoever looks at a request waits for the log; Teams waits for 15 seconds."""

MOST = 1_000
"""How many reads of one grant are looked at."""


class GrantReads:
    """Asks the log about grants; without a log, there is nothing to say."""

    def __init__(self, log_of_vaults: ReadLog | None, clock: Clock) -> None:
        self._log = log_of_vaults
        self._clock = clock

    def expected(self, change: Change[Request]) -> Change[Request]:
        """Have the log asked later about a grant whose end is recorded, if there is a log."""
        return replace(change, head=expect_reads(change.head)) if self._log else change

    async def see(self, request: Request) -> Change[Request]:
        """Return what to record of a grant that ended a while ago."""
        return record_reads(request, await self.of(request), self._clock())

    async def of(self, request: Request) -> ReadsSeen | ReadsUnknown | None:
        """Return what the log shows now; None without a log, or if nothing was granted."""
        now = self._clock()
        span = span_of(request, now)
        if self._log is None or span is None:
            return None
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                logged = await self._log.reads(
                    places_of(request),
                    [request.holder.object_id],
                    looked_at(request, span),
                    MOST,
                    assignments_of(request),
                )
        except (Fault, TimeoutError) as error:
            log.warning("%s: the vaults' log can't be asked: %s", request.id, described(error))
            return ReadsUnknown(answer_in(error))
        return seen_in(request, span, logged, now)

    async def all_of(
        self, request: Request, count: ProgressCount
    ) -> ReadsSeen | ReadsUnknown | None:
        """Return what the log shows now like ``of``, with every read and however long it takes."""
        now = self._clock()
        span = span_of(request, now)
        if self._log is None or span is None:
            return None
        try:
            logged = await every_read(
                self._log,
                places_of(request),
                [request.holder.object_id],
                looked_at(request, span),
                count,
                assignments_of(request),
            )
        except Fault as error:
            log.warning("%s: the vaults' log can't be asked: %s", request.id, described(error))
            return ReadsUnknown(answer_in(error))
        return seen_in(request, span, logged, now)


def answer_in(error: Fault | TimeoutError) -> AzureAnswer:
    """Return Azure's answer, if there was one."""
    return AzureAnswer(error.status, error.code) if isinstance(error, Fault) else AzureAnswer()
