"""Revokes soon after Azure answers again, however long the pauses between tries have become.

While revocations go unanswered, each waits longer and longer for its next try. One of those that
wait is tried every 15 seconds, for all of them; once Azure answers any, all are due at once.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from domain.backoff import LONGEST
from services.clock import Clock
from services.faults import Fault, Unavailable, log_failure
from services.storage import keys
from services.workflow.due.agenda import Agenda, DueRow
from services.workflow.engine import Engine

log = logging.getLogger(__name__)

EVERY = timedelta(seconds=15)
"""How often one revocation is tried for all, and how often all of them can be made due."""

_THROTTLED = 429
_AT_ONCE = 16
_LIMIT_PER_SHARD = 10_000


class Recovery:
    """Knows whether Azure answers revocations, and hurries those that wait once it does."""

    def __init__(
        self, agenda: Agenda, engine: Engine, clock: Clock, advance_soon: Callable[[str], None]
    ) -> None:
        self._agenda = agenda
        self._engine = engine
        self._clock = clock
        self._advance_soon = advance_soon
        # What waits at the start has failed before; whether Azure answers by now isn't known.
        self._is_out = True
        self._has_answered = False
        self._tried_at = clock()
        self._hurried_at: datetime | None = None
        self._noted = asyncio.Event()
        self._is_stopping = False

    def note(self, fault: Fault | None) -> None:
        """Note what came of trying to revoke; None if Azure did what was asked."""
        was_out = self._is_out
        if fault is not None and _is_silence(fault):
            self._is_out = True
        elif was_out:
            self._is_out, self._has_answered = False, True
        if self._is_out and not was_out:
            self._tried_at = self._clock()
        self._noted.set()

    async def run(self) -> None:
        """Try and hurry until ``stop``; nothing is read while Azure answers."""
        while not self._is_stopping:
            self._noted.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._pause()):
                    await self._noted.wait()
            try:
                await self.run_once()
            except Exception as error:  # noqa: BLE001 - it is tried again
                log_failure(log, "could not hurry the revocations that wait; trying again", error)

    def stop(self) -> None:
        """Begin nothing more."""
        self._is_stopping = True
        self._noted.set()

    async def run_once(self) -> None:
        """Do what is due now: hurry all revocations that wait, or try one of them."""
        if self._is_stopping or self._left() > timedelta():
            return
        if self._has_answered:
            self._has_answered, self._hurried_at = False, self._clock()
            await self._hurry_all()
        elif self._is_out:
            self._tried_at = self._clock()
            await self._try_one()

    def _pause(self) -> float | None:
        """Return the seconds until there is something to do; None if there is nothing."""
        is_idle = not (self._is_out or self._has_answered)
        return None if is_idle else self._left().total_seconds()

    def _left(self) -> timedelta:
        last = self._hurried_at if self._has_answered else self._tried_at
        passed = self._clock() - last if last else EVERY
        # A clock that is set back must not delay it.
        return EVERY - passed if timedelta() <= passed < EVERY else timedelta()

    async def _hurry_all(self) -> None:
        rows = await self._waiting(_LIMIT_PER_SHARD)
        if rows:
            log.warning("Azure answers again: %d revocations that wait are due now", len(rows))
        places = asyncio.Semaphore(_AT_ONCE)

        async def hurry(row: DueRow) -> None:
            async with places:
                await self._engine.hurry(row.workflow_id)

        await asyncio.gather(*(hurry(row) for row in rows))

    async def _try_one(self) -> None:
        """Try the one that has waited longest since its last try; if there is none, all is well."""
        rows = await self._waiting(1)
        if not rows:
            self._is_out = False
        elif await self._engine.hurry(rows[0].workflow_id, is_claimed=True):
            self._advance_soon(rows[0].workflow_id)

    async def _waiting(self, limit_per_shard: int) -> list[DueRow]:
        now = self._clock()
        pages = await asyncio.gather(
            *(
                self._agenda.look(
                    shard,
                    now + LONGEST,
                    lambda row: row.is_retry and now < row.due and row.ready_at == row.due,
                    limit_per_shard,
                )
                for shard in keys.SHARDS
            )
        )
        return sorted((row for page in pages for row in page.rows), key=lambda row: row.due)


def _is_silence(fault: Fault) -> bool:
    """Return whether a fault says nothing about the one revocation, and that Azure is away."""
    if not isinstance(fault, Unavailable):
        return False
    if fault.status is None or fault.status >= 500:
        return True
    return fault.status == _THROTTLED and fault.retry_after is None
