"""Reads everything that the vaults' log has of some secrets, page by page."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from domain.access.reads import Logged, LogSpan, Read, SecretOfVault
from services.access.reads.read_log import ReadLog
from services.progress import ProgressCount

PAGE = 5_000
"""How many reads are asked for at once."""

MOST = 100_000
"""How many reads are looked at; what has more says so."""

_TICK = timedelta(microseconds=1)
"""Kusto counts in tenths of it, which are lost on the way: without one more, a read is skipped."""


async def every_read(
    log: ReadLog,
    places: Sequence[SecretOfVault],
    callers: Sequence[str],
    span: LogSpan,
    count: ProgressCount,
    assignments: Collection[str] = (),
) -> Logged:
    """Return the reads as ``ReadLog.reads`` does, without its limit; raises Fault."""
    page = await log.reads(places, callers, span, PAGE, assignments)
    found: list[Read] = []
    reads, heard = page.reads, page.heard
    while not page.is_whole and not page.is_partial and len(found) + len(reads) < MOST:
        # Of the page's oldest moment there may be more: all of that comes with the next page.
        oldest = min(read.at for read in reads)
        settled = [read for read in reads if read.at > oldest]
        if not settled:
            break
        found += settled
        count.add(len(settled))
        page = await log.reads(
            places, callers, LogSpan(span.start, oldest + _TICK), PAGE, assignments
        )
        reads = tuple(read for read in page.reads if read.at <= oldest)
    count.add(len(reads))
    return replace(page, reads=(*found, *reads), heard=heard)
