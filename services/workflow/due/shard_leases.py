"""Which shards this replica looks at, so that replicas don't race for the same rows.

Each replica has a row that it renews while it lives. Whoever sees that the shards aren't divided
among the living writes a new division. A replica counts as dead when its row hasn't changed for
`LEASE` by the clock of the one who looks, so that the clocks needn't agree.

Nothing but cost and order depends on this: what makes an effect happen once are the claim on each
row and the ETag of each head. Two replicas that look at the same shard do no harm, and so whoever
doesn't know better looks at it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.clock import Clock
from services.faults import Conflict, Fault, described
from services.storage import keys
from services.storage.table import Operation
from services.workflow.due.agenda import CLAIM
from services.workflow.due.division import divided
from services.workflow.due.shard_board import (
    Board,
    Member,
    ShardBoard,
    dividing,
    removing,
    renewing,
)

log = logging.getLogger(__name__)

LEASE = CLAIM * 3 / 4
"""How long a replica that doesn't renew its row keeps its shards; they are taken in a claim."""

RENEW_EVERY = LEASE / 3

_ATTEMPTS = 5
_PATIENCE_SECONDS = 2.0
"""How long a replica that stops tries to hand over its shards."""


@dataclass(frozen=True, slots=True)
class _Sighting:
    """A replica's row as last seen to change."""

    etag: str
    since: datetime
    is_alive: bool
    """Whether it was seen to change, rather than found as it is."""


class ShardLeases:
    """One replica's part of the shards."""

    def __init__(self, board: ShardBoard, name: str, handles: str, clock: Clock) -> None:
        """Take a name that no other process has had, and the version that names what it handles."""
        self._board = board
        self._name = name
        self._handles = handles
        self._clock = clock
        self._on_look: Callable[[Collection[str]], None] = lambda _: None
        self._seen: dict[str, _Sighting] = {}
        self._members: set[str] = set()
        self._looked_at: datetime | None = None
        self._renewed_at: datetime | None = None
        self._covered: frozenset[str] = frozenset()
        self._is_blind = False
        self._has_failed = False
        self._is_leaving = False
        self._looking = asyncio.Lock()

    def on_look(self, listener: Callable[[Collection[str]], None]) -> None:
        """Register a listener for shards in which there may be something new to find."""
        self._on_look = listener

    def covers(self, shard: str) -> bool:
        """Return whether this replica is to look for due work in a shard, as of now.

        It is if it owns the shard, or isn't sure that a living replica of the same version does. A
        replica that was paused covers nothing until it knows what became of its shards.
        """
        if self._renewed_at is None or self._is_blind:
            return True
        return shard in self._covered and not self.have_lapsed()

    def have_lapsed(self) -> bool:
        """Return whether others may have taken this replica's shards without its notice."""
        return not (self._renewed_at is None or self._is_blind or self._holds(self._clock()))

    async def run(self, every: Callable[[], timedelta]) -> None:
        """Keep this replica's part until cancelled; ``every`` returns the interval of looks."""
        while True:
            await self._keep_and_log()
            await asyncio.sleep(every().total_seconds())

    async def keep(self) -> None:
        """Look at the rows once, and renew or change what is due.

        Raises Conflict if other replicas are always first.
        """
        await self._change(self._bring_up_to_date)

    async def hand_over(self) -> None:
        """Have others own this replica's shards from now on, while it finishes what it began."""
        self._is_leaving = True
        if self._renewed_at is not None:
            await self._try("hand over the shards", self.keep)

    async def leave(self) -> None:
        """Remove this replica: others then look for what it has left behind."""
        if self._renewed_at is not None:
            await self._try("leave the other replicas", lambda: self._change(self._remove))

    async def _keep_and_log(self) -> None:
        try:
            await self.keep()
            self._has_failed = False
        except Exception as error:
            if not self._has_failed:
                is_fault = isinstance(error, Fault)
                log.warning("shards: could not look: %s", described(error), exc_info=not is_fault)
            self._has_failed = True
            if not (self._is_blind or self._holds(self._clock())):
                self._is_blind = True
                self._on_look(keys.SHARDS)

    async def _bring_up_to_date(self, board: Board) -> None:
        now = self._clock()
        others = [member for member in board.members.values() if member.name != self._name]
        self._note(others, now)
        dead = [member for member in others if now - self._seen[member.name].since >= LEASE]
        living = [member for member in others if member not in dead and not member.is_leaving]
        sharers = [member.name for member in living] + ([] if self._is_leaving else [self._name])
        owners = divided(keys.SHARDS, board.owners, sharers)
        changes = [removing(member) for member in dead]
        changes += [dividing(board, owners)] if owners != board.owners else []
        before = self._known_until(now)
        if changes or self._is_to_renew(board, now):
            await self._board.change([self._renewal(board, now), *changes])
            self._renewed_at = now
        known = {member.name for member in living if self._is_known(member)}
        self._covered = frozenset(one for one in keys.SHARDS if owners.get(one) not in known)
        self._is_blind = False
        has_lost_one = bool(self._members.difference(member.name for member in living))
        self._members = {member.name for member in others if member not in dead}
        # What one that stops leaves behind may be in any shard, as it did its own work in all.
        found = self._covered if has_lost_one else self._covered - before
        if found:
            log.info(
                "looks at %d of %d shards, beside %d",
                len(self._covered),
                len(keys.SHARDS),
                len(living),
            )
            self._on_look(found)

    def _note(self, others: Collection[Member], now: datetime) -> None:
        """Note which rows have changed since the last look, if that wasn't too long ago."""
        is_watching = self._looked_at is not None and now - self._looked_at < LEASE
        seen = {}
        for member in others:
            last = self._seen.get(member.name)
            if last and last.etag == member.etag and is_watching:
                seen[member.name] = last
            else:
                is_alive = last.etag != member.etag if last else is_watching
                seen[member.name] = _Sighting(member.etag, now, is_alive)
        self._seen, self._looked_at = seen, now

    def _is_known(self, member: Member) -> bool:
        """Return whether a replica is alive, and handles all that this one does."""
        return self._seen[member.name].is_alive and member.handles == self._handles

    def _known_until(self, now: datetime) -> frozenset[str]:
        """Return the shards that this replica has looked at up to now."""
        if self._renewed_at is None:
            return frozenset(keys.SHARDS)
        return self._covered if self._holds(now) and not self._is_blind else frozenset()

    def _holds(self, now: datetime) -> bool:
        """Return whether the others can't have taken this replica's shards."""
        return self._renewed_at is not None and now < self._renewed_at + LEASE

    def _is_to_renew(self, board: Board, now: datetime) -> bool:
        present = board.members.get(self._name)
        if self._renewed_at is None or present is None or present.is_leaving != self._is_leaving:
            return True
        return now - self._renewed_at >= RENEW_EVERY

    def _renewal(self, board: Board, now: datetime) -> Operation:
        present = board.members.get(self._name)
        return renewing(self._name, self._handles, now, present, is_leaving=self._is_leaving)

    async def _remove(self, board: Board) -> None:
        if present := board.members.get(self._name):
            await self._board.change([removing(present)])

    async def _change(self, do: Callable[[Board], Awaitable[None]]) -> None:
        """Do something with the rows as they are, and once more if others were first."""
        async with self._looking:
            for _ in range(_ATTEMPTS):
                try:
                    await do(await self._board.read())
                except Conflict:
                    continue
                return
        raise Conflict("the shards")

    async def _try(self, what: str, do: Callable[[], Awaitable[None]]) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await do()
        except Exception as error:  # noqa: BLE001 - they'd be taken anyway
            log.warning("could not %s: %s", what, described(error))
