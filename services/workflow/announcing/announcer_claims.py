"""Claims that let only one replica at a time update a workflow's messages.

A claim names the messages that it is for updating. So whoever takes over an expired one knows which
updates its holder may have sent.
"""

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.unknown_outcome import TEAMS_LIFE
from services.faults import Conflict, Fault
from services.storage import keys
from services.storage.table import Delete, Insert, Operation, Replace, Row, Table, Value
from services.workflow.due.agenda import CLAIM

log = logging.getLogger(__name__)

RENEW_BELOW = CLAIM * 3 / 4
"""With less time left than this, a claim is renewed before the next message."""


@dataclass(frozen=True, slots=True)
class AnnouncerClaim:
    """A claim on announcing a workflow, which expires at ``until`` unless renewed."""

    workflow_id: str
    until: datetime
    etag: str
    updates: frozenset[str] = frozenset()
    """The keys of the messages that are updated under it."""
    interrupted: Mapping[str, datetime] = field(default_factory=dict)
    """The updates of an expired claim that was taken over, and until when each may come."""


class AnnouncerClaims:
    """The store of claims. A crashed replica's claim expires after ``CLAIM``."""

    def __init__(self, table: Table) -> None:
        self._table = table

    async def claim(self, workflow_id: str, now: datetime) -> AnnouncerClaim | None:
        """Claim a workflow; None while another replica announces it."""
        if claimed := await self._write(workflow_id, now, None):
            return claimed
        row = await self._table.get(keys.shard_of(workflow_id), _key(workflow_id))
        if row is None:
            return await self._write(workflow_id, now, None)
        expired = datetime.fromisoformat(str(row.values["claimed_until"]))
        if expired > now:
            return None
        updates = _updates_of(row)
        claim = await self._write(workflow_id, now, row.etag, updates)
        return claim and replace(claim, interrupted=dict.fromkeys(updates, expired + TEAMS_LIFE))

    async def claim_with(
        self,
        workflow_id: str,
        now: datetime,
        updates: Collection[str],
        others: Sequence[Operation],
    ) -> tuple[AnnouncerClaim, list[str]] | None:
        """Claim a workflow and change other rows of its shard, and return their ETags.

        ``updates`` are the keys of the messages that are to be updated. None, and nothing is
        changed, if another replica announces it or was first with a row.
        """
        claim = Insert(_key(workflow_id), _values(now, updates))
        try:
            etag, *etags = await self._table.transact(keys.shard_of(workflow_id), [claim, *others])
        except Conflict:
            return None
        return AnnouncerClaim(workflow_id, now + CLAIM, etag, frozenset(updates)), etags

    async def keep(
        self, claim: AnnouncerClaim, now: datetime, updates: Collection[str] = ()
    ) -> AnnouncerClaim | None:
        """Renew a claim that expires soon, or doesn't name all messages that are to be updated.

        None if another replica has it now.
        """
        named = claim.updates.union(updates)
        if claim.until - now >= RENEW_BELOW and named == claim.updates:
            return claim
        kept = await self._write(claim.workflow_id, now, claim.etag, named)
        return kept and replace(kept, interrupted=claim.interrupted)

    async def release(self, claim: AnnouncerClaim) -> None:
        """Release a claim; if that fails, it expires."""
        try:
            await self.release_with(claim, ())
        except Fault as fault:
            log.warning("%s: the claim wasn't released: %s", claim.workflow_id, fault)

    async def release_with(self, claim: AnnouncerClaim, others: Sequence[Operation]) -> bool:
        """Release a claim and change other rows of its shard; False, and neither, on a conflict."""
        release = Delete(_key(claim.workflow_id), claim.etag)
        try:
            await self._table.transact(keys.shard_of(claim.workflow_id), [release, *others])
        except Conflict:
            return False
        return True

    async def _write(
        self,
        workflow_id: str,
        now: datetime,
        etag: str | None,
        updates: frozenset[str] = frozenset(),
    ) -> AnnouncerClaim | None:
        key, values = _key(workflow_id), _values(now, updates)
        operation: Operation = Replace(key, values, etag) if etag else Insert(key, values)
        try:
            etags = await self._table.transact(keys.shard_of(workflow_id), [operation])
        except Conflict:
            return None
        return AnnouncerClaim(workflow_id, now + CLAIM, etags[0], updates)


def _values(now: datetime, updates: Collection[str]) -> dict[str, Value]:
    values: dict[str, Value] = {"claimed_until": keys.instant(now + CLAIM)}
    return values | ({"updates": ",".join(sorted(updates))} if updates else {})


def _updates_of(row: Row) -> frozenset[str]:
    return frozenset(filter(None, str(row.values.get("updates", "")).split(",")))


def _key(workflow_id: str) -> str:
    # Outside the workflow's key range, so that reads of the workflow needn't skip it.
    return f"announcing~{workflow_id}"
