"""Looks up what an approver may want to know about a grantee; a courtesy that delays no request."""

import asyncio
import logging
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import TypeVar

from domain.access.background import (
    RECENT,
    AskedBefore,
    Background,
    EarlierRequest,
    OtherAccess,
    sum_up,
)
from domain.access.request import Request, RequestState
from domain.access.target import Target
from services.clock import Clock
from services.faults import Fault, described
from services.workflow.lists.index import Concern, Index
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

PATIENCE = timedelta(seconds=1)
"""How long a request waits for its background."""

_MOST_READ = 20
"""How many earlier requests are read in all."""

_MOST_OTHERS = 5

T = TypeVar("T")


class Backgrounds:
    """Reads the history and the open requests of a grantee, a bounded number of them."""

    def __init__(self, workflows: Workflows, index: Index, clock: Clock) -> None:
        self._workflows = workflows
        self._index = index
        self._clock = clock

    async def of(self, holder_id: str, targets: Sequence[Target], request_id: str) -> Background:
        """Return what is known about a grantee; empty for what can't be looked up in time."""
        most = max(1, _MOST_READ // max(1, len(targets)))
        asked, held = await asyncio.gather(
            asyncio.gather(
                *(
                    _in_time(self._asked(holder_id, target.secret, request_id, most), request_id)
                    for target in targets
                )
            ),
            _in_time(self._held(holder_id, targets, request_id), request_id),
        )
        return Background(tuple(one for found in asked for one in found or ()), held or ())

    async def _asked(
        self, holder_id: str, secret: str, request_id: str, most: int
    ) -> tuple[AskedBefore, ...]:
        since = self._clock() - RECENT
        ids = await self._index.asked_before(holder_id, secret, since, most + 1)
        earlier_ids = [one for one in ids[:most] if one != request_id]
        found = await self._workflows.load_readable(earlier_ids)
        earlier = [
            EarlierRequest(head.requested_at, bool(head.grant and head.grant.granted_at))
            for stored in found.values()
            if stored and isinstance(head := stored.head, Request) and _was_for(head, holder_id)
        ]
        return sum_up(secret, earlier, or_more=len(ids) > most)

    async def _held(
        self, holder_id: str, targets: Sequence[Target], request_id: str
    ) -> tuple[OtherAccess, ...]:
        now, vaults = self._clock(), list(dict.fromkeys(target.vault for target in targets))
        async for page in self._index.pages(holder_id, Concern.ASKED):
            found = await self._workflows.load_readable([entry.workflow_id for entry in page])
            heads = [stored.head for stored in found.values() if stored]
            held = [
                _access_to(vault, head)
                for head in heads
                if isinstance(head, Request)
                and head.state is RequestState.ACTIVE
                and head.holder.object_id == holder_id
                and head.id != request_id
                for vault in vaults
            ]
            others = [one for one in held if one and one.expires_at > now]
            return tuple(others[:_MOST_OTHERS])  # the first page is enough for a courtesy
        return ()


async def _in_time(looked_up: Awaitable[T], request_id: str) -> T | None:
    try:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await looked_up
    except (Fault, TimeoutError, ValueError) as fault:
        log.warning("%s: can't look up the grantee's background: %s", request_id, described(fault))
        return None


def _was_for(request: Request, holder_id: str) -> bool:
    """Return whether a request was for this grantee and reached its approvers."""
    is_blocked = request.denial is not None and request.denial.approver is None
    return request.holder.object_id == holder_id and not is_blocked


def _access_to(vault: str, request: Request) -> OtherAccess | None:
    targets = [target for target in request.targets if target.vault == vault]
    expires_at = request.granted.expires_at
    if not targets or expires_at is None:
        return None
    whole = any("/secrets/" not in target.scope for target in targets)
    return OtherAccess(vault, tuple(target.secret for target in targets), whole, expires_at)
