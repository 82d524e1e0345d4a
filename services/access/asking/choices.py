"""What a person can choose from when they request access."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from domain.access.rules.policy import Decision, Policy
from domain.people import Actor
from domain.refusals.requests import MembershipUnknown
from domain.secrets import is_secret_name
from services.faults import Fault
from services.policies import Policies

log = logging.getLogger(__name__)


class HadBefore(Protocol):
    """Knows which secrets a person requested or got, latest first."""

    async def secrets(self, person_id: str) -> Sequence[str]: ...


class DecidesRequesters(Protocol):
    """Decides whether a person can request a secret; raises Unavailable."""

    async def decide_requester(self, actor: Actor, found: Policy) -> Decision: ...


@dataclass(frozen=True, slots=True)
class Choices:
    """Secrets by name: those that a person had before, latest first, and others, by name."""

    had: tuple[str, ...]
    others: tuple[str, ...]
    patterns: tuple[str, ...]
    """Names with wildcards, whose secrets aren't listed."""


class SecretChoices:
    """Lists what the policy lets a person request, as a request decides it later."""

    def __init__(self, policies: Policies, offers: DecidesRequesters, before: HadBefore) -> None:
        self._policies = policies
        self._offers = offers
        self._before = before

    async def of(self, actor: Actor) -> Choices:
        """Return a person's choices. An outage hides nothing, since the request is checked."""
        policies = list(self._policies.all())
        # The first looks the person up; then the directory's answer is known to the others.
        first = await self._allowed(actor, policies[:1])
        allowed = [*first, *await self._allowed(actor, policies[1:])]
        before = [self._policies.of(one) for one in await self._before.secrets(actor.object_id)]
        had = {
            one.secret.lower(): one.secret
            for one in await self._allowed(actor, [one for one in before if one])
        }
        names = [one.secret for one in allowed if one.secret.lower() not in had]
        return Choices(
            tuple(had.values()),
            tuple(sorted((name for name in names if is_secret_name(name)), key=str.lower)),
            tuple(name for name in names if not is_secret_name(name)),
        )

    async def _allowed(self, actor: Actor, policies: Sequence[Policy]) -> list[Policy]:
        may = await asyncio.gather(*(self.may(actor, one) for one in policies))
        return [one for one, allowed in zip(policies, may, strict=True) if allowed]

    async def may(self, actor: Actor, policy: Policy) -> bool:
        """Return whether a person may request a secret; an outage counts as yes."""
        try:
            decision = await self._offers.decide_requester(actor, policy)
        except Fault as fault:
            log.warning("can't say who may request %s: %s", policy.secret, fault)
            return True
        return decision.allowed or isinstance(decision.reason, MembershipUnknown)
