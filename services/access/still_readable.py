"""What a person can still read after a grant ends, through other grants or roles."""

import logging
from datetime import datetime

from domain.access.assignment import is_within
from domain.access.request import Request, RequestState, Target
from domain.names import joined
from domain.workflow import Fact
from services.access.standing import standing_access
from services.clock import Clock
from services.faults import Fault
from services.ports import StandingRoles
from services.workflow.index import Concern, Index
from services.workflow.workflows import Workflows

log = logging.getLogger(__name__)


class StillReadable:
    """Searches a person's other grants."""

    def __init__(
        self, workflows: Workflows, index: Index, clock: Clock, roles: StandingRoles | None = None
    ) -> None:
        self._workflows = workflows
        self._index = index
        self._clock = clock
        self._roles = roles

    async def facts(self, request: Request) -> dict[str, Fact]:
        """Return until when the holder can read the secrets through other grants.

        If those end at different times, it's the first one, and some can be read for longer.

        Empty if there are none, or if they can't be looked up: access ends anyway.
        """
        return await self.through_grants(request) or await self._without_grant(request)

    async def through_grants(self, request: Request) -> dict[str, Fact]:
        """Return the same, without asking Azure about roles that Latchkey didn't assign."""
        try:
            others = await self._others(request)
        except Fault as fault:
            log.warning("%s: can't look up other grants: %s", request.id, fault)
            return {}
        ends: dict[str, tuple[datetime, str]] = {}
        for other in others:
            for target in request.targets:
                if other.granted.expires_at and _opens(other, target):
                    end = (other.granted.expires_at, other.id)
                    ends[target.secret] = max(end, ends.get(target.secret, end))
        if not ends:
            return {}
        until, by = min(ends.values())
        facts: dict[str, Fact] = {"still_until": until.isoformat(), "still_by": by}
        if until < max(ends.values())[0]:
            facts["still_longer"] = True
        return facts | {"still_secrets": joined([one for one in request.secrets if one in ends])}

    async def _without_grant(self, request: Request) -> dict[str, Fact]:
        """Return what the holder can read through a role that Latchkey didn't assign."""
        found = await standing_access(self._roles, request.holder.object_id, request.targets)
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


def _opens(other: Request, target: Target) -> bool:
    """Return whether another grant opens a secret with the same role; others may not read."""
    scope = target.secret_scope or target.scope
    return any(one.role == target.role and is_within(scope, one.scope) for one in other.targets)
