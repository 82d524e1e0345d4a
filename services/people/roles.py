"""What a person can do here, for the welcome; it permits nothing."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum

from domain.people import Actor
from domain.refusals.refusal import Refusal
from services.clock import Clock
from services.faults import Fault, described
from services.people.admins import Admins
from services.people.fresh_answers import FreshAnswers
from services.people.principals import NamedPrincipals
from services.policies import Policies

log = logging.getLogger(__name__)

FRESH = timedelta(minutes=10)
"""How long it counts what a person is; the services check it again whenever it matters."""

PATIENCE = timedelta(seconds=2)
"""How long somebody who asks for help waits for the directory."""

SPARED = timedelta(seconds=30)
"""How long a directory that doesn't answer isn't asked again."""


class PersonRole(Enum):
    """What somebody is besides a requester."""

    APPROVER = "approver"
    ADMIN = "admin"


Roles = frozenset[PersonRole]


class KnownRoles:
    """Looks roles up once in a while. In an outage, everybody is a requester and nothing else."""

    def __init__(
        self, policies: Policies, principals: NamedPrincipals, admins: Admins, clock: Clock
    ) -> None:
        self._policies = policies
        self._principals = principals
        self._admins = admins
        self._clock = clock
        self._known: FreshAnswers[str, Roles] = FreshAnswers(clock, FRESH)
        self._failed_at: datetime | None = None

    async def of(self, actor: Actor) -> Roles:
        """Return a person's roles: from the directory at first, and then from memory."""
        if self._failed_at and timedelta() <= self._clock() - self._failed_at < SPARED:
            return frozenset()

        known = self._known.known(actor.object_id)
        if known is not None:
            return known

        async def ask(keys: Sequence[str]) -> Mapping[str, Roles]:
            return dict.fromkeys(keys, await self._ask(actor))

        try:
            async with asyncio.timeout(PATIENCE.total_seconds()):
                return (await self._known.get([actor.object_id], ask))[actor.object_id]
        except (Fault, Refusal, TimeoutError) as fault:
            log.warning("can't say what %s is: %s", actor.object_id, described(fault))
            self._failed_at = self._clock()
            return frozenset()

    async def _ask(self, actor: Actor) -> Roles:
        decide = [
            one for rule in self._policies.all() for one in (*rule.approvers, *rule.escalation)
        ]
        # One after the other: approvers are often the admins, whom the directory then knows.
        is_admin = await self._admins.includes(actor)
        named, groups = await self._principals.check(list(dict.fromkeys(decide)), actor.object_id)
        in_person = actor.object_id in {one.lower() for one in decide}
        is_approver = in_person or named.include(actor.object_id, groups)
        return frozenset(
            role
            for role, has in ((PersonRole.APPROVER, is_approver), (PersonRole.ADMIN, is_admin))
            if has
        )
