"""Claims that let only one replica at a time update a workflow's messages."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.faults import Conflict, Fault
from services.storage import keys
from services.storage.table import Delete, Insert, Operation, Replace, Table, Value
from services.workflow.agenda import CLAIM

log = logging.getLogger(__name__)

RENEW_BELOW = CLAIM * 3 / 4
"""With less time left than this, a claim is renewed before the next message."""


@dataclass(frozen=True, slots=True)
class AnnouncerClaim:
    """A claim on announcing a workflow, which expires at ``until`` unless renewed."""

    workflow_id: str
    until: datetime
    etag: str


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
        if datetime.fromisoformat(str(row.values["claimed_until"])) > now:
            return None
        return await self._write(workflow_id, now, row.etag)

    async def claim_with(
        self, workflow_id: str, now: datetime, others: Sequence[Operation]
    ) -> tuple[AnnouncerClaim, list[str]] | None:
        """Claim a workflow and change other rows of its shard, and return their ETags.

        None, and nothing is changed, if another replica announces it or was first with a row.
        """
        claim = Insert(_key(workflow_id), _values(now))
        try:
            etag, *etags = await self._table.transact(keys.shard_of(workflow_id), [claim, *others])
        except Conflict:
            return None
        return AnnouncerClaim(workflow_id, now + CLAIM, etag), etags

    async def keep(self, claim: AnnouncerClaim, now: datetime) -> AnnouncerClaim | None:
        """Renew a claim that expires soon; None if another replica has it now."""
        if claim.until - now >= RENEW_BELOW:
            return claim
        return await self._write(claim.workflow_id, now, claim.etag)

    async def release(self, claim: AnnouncerClaim, removals: Sequence[Operation] = ()) -> None:
        """Release a claim and remove other rows of its shard, unless they were changed.

        If that fails, the claim expires and the rows stay.
        """
        try:
            if not await self.release_with(claim, removals) and removals:
                for operation in (_releasing(claim), *removals):
                    await self._change(claim.workflow_id, [operation])
        except Fault as fault:
            log.warning("%s: the claim wasn't released: %s", claim.workflow_id, fault)

    async def release_with(self, claim: AnnouncerClaim, others: Sequence[Operation]) -> bool:
        """Release a claim and change other rows of its shard; False, and neither, on a conflict."""
        return await self._change(claim.workflow_id, [_releasing(claim), *others])

    async def _change(self, workflow_id: str, operations: Sequence[Operation]) -> bool:
        try:
            await self._table.transact(keys.shard_of(workflow_id), operations)
        except Conflict:
            return False
        return True

    async def _write(
        self, workflow_id: str, now: datetime, etag: str | None
    ) -> AnnouncerClaim | None:
        key, values = _key(workflow_id), _values(now)
        operation: Operation = Replace(key, values, etag) if etag else Insert(key, values)
        try:
            etags = await self._table.transact(keys.shard_of(workflow_id), [operation])
        except Conflict:
            return None
        return AnnouncerClaim(workflow_id, now + CLAIM, etags[0])


def _releasing(claim: AnnouncerClaim) -> Delete:
    return Delete(_key(claim.workflow_id), claim.etag)


def _values(now: datetime) -> dict[str, Value]:
    return {"claimed_until": keys.instant(now + CLAIM)}


def _key(workflow_id: str) -> str:
    # Outside the workflow's key range, so that reads of the workflow needn't skip it.
    return f"announcing~{workflow_id}"
