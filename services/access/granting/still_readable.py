"""What a person can still read after a grant ends, through other grants or roles."""

import asyncio
import logging
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from types import MappingProxyType

from domain.access.assignment import Assignment, is_within
from domain.access.request import Request, RequestState, assignment_of
from domain.access.target import Target
from domain.names import joined
from domain.workflow import Fact
from services.access.asking.standing import standing_access_if_known
from services.access.granting.holds import has_shown, is_surely_gone
from services.clock import Clock
from services.faults import Fault
from services.ports import Assignments, StandingRoles
from services.workflow.lists.index import Concern, Index
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)

_UNKNOWN: Mapping[str, Fact] = MappingProxyType({"still_unknown": True})


class StillReadable:
    """Searches a person's other grants."""

    def __init__(
        self,
        workflows: Workflows,
        index: Index,
        clock: Clock,
        assignments: Assignments,
        roles: StandingRoles | None = None,
    ) -> None:
        self._workflows = workflows
        self._index = index
        self._clock = clock
        self._assignments = assignments
        self._roles = roles

    async def facts(self, request: Request) -> dict[str, Fact]:
        """Return until when the holder can read the secrets through other grants.

        If those end at different times, it's the first one, and some can be read for longer.

        Empty if there are none. If that can't be looked up, it says so: access ends anyway.
        """
        through = await self.through_grants(request)
        if "still_until" in through:
            return through
        return await self._without_grant(request) or through

    async def through_grants(self, request: Request) -> dict[str, Fact]:
        """Return the same, without asking Azure about roles that Latchkey didn't assign."""
        try:
            others = await self._others(request)
        except Fault as fault:
            log.warning("%s: can't look up other grants: %s", request.id, fault)
            return dict(_UNKNOWN)
        opening = {other.id: _opening(other, request.targets) for other in others}
        gone = await self._gone(others, opening)
        ends: dict[str, tuple[datetime, str]] = {}
        for other in others:
            for target in request.targets:
                if other.granted.expires_at and opening[other.id][target] - gone:
                    end = (other.granted.expires_at, other.id)
                    ends[target.secret] = max(end, ends.get(target.secret, end))
        if not ends:
            return {}
        until, by = min(ends.values())
        facts: dict[str, Fact] = {"still_until": until.isoformat(), "still_by": by}
        if until < max(ends.values())[0]:
            facts["still_longer"] = True
        return facts | {"still_secrets": joined([one for one in request.secrets if one in ends])}

    async def _gone(
        self, others: Sequence[Request], opening: Mapping[str, Mapping[Target, Set[Assignment]]]
    ) -> frozenset[Assignment]:
        """Return which of these assignments Azure surely doesn't have any more.

        Someone else may have removed them. Without an answer, and while reads may not show a new
        one yet, they count as there.
        """
        now = self._clock()
        settled = [
            other
            for other in others
            if other.granted.granted_at and has_shown(other.granted.granted_at, now)
        ]
        asked = {one for other in settled for each in opening[other.id].values() for one in each}
        are_gone = await asyncio.gather(*(is_surely_gone(self._assignments, one) for one in asked))
        return frozenset(one for one, gone in zip(asked, are_gone, strict=True) if gone)

    async def _without_grant(self, request: Request) -> dict[str, Fact]:
        """Return what the holder can read through a role that Latchkey didn't assign."""
        found = await standing_access_if_known(
            self._roles, request.holder.object_id, request.targets
        )
        if found is None:
            return dict(_UNKNOWN)
        if not found:
            return {}
        secrets = list(dict.fromkeys(one.secret for one in found))
        return {
            "still_role": found[0].role,
            "still_scope": found[0].scope,
            "still_secrets": joined(secrets),
        }

    async def _others(self, request: Request) -> list[Request]:
        now, holder = self._clock(), request.holder.object_id
        found: dict[str, Request] = {}
        async for page in self._index.pages(holder, Concern.ASKED):
            heads = await self._workflows.load_readable([entry.workflow_id for entry in page])
            for stored in heads.values():
                head = stored.head if stored else None
                if isinstance(head, Request) and head.id != request.id:
                    found[head.id] = head
        return [
            other
            for other in found.values()
            if other.state is RequestState.ACTIVE
            and other.holder.object_id == holder
            and other.granted.expires_at is not None
            and other.granted.expires_at > now
        ]


def _opening(other: Request, targets: Sequence[Target]) -> dict[Target, frozenset[Assignment]]:
    """Return which assignments of another grant open each secret with the same role.

    Assignments of other roles may not read it.
    """
    return {
        target: frozenset(
            assignment_of(one, other.holder)
            for one in other.targets
            if one.role == target.role and is_within(target.secret_scope or target.scope, one.scope)
        )
        for target in targets
    }
