"""Find the other secrets, known to Latchkey, that hold a credential."""

import asyncio

from domain.reasons import Reason
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Fault
from services.policies import Policies
from services.rotation.secret_versions import CREDENTIAL_TAG, SecretVersions
from services.rotation.step import NotYet

_AT_ONCE = 8


class KeyHolders:
    """Finds the rotated secrets that hold an account's key, in whatever form.

    Values are only compared in memory. If the bot can't read a secret, the tag of its newest
    version says which key Latchkey wrote there.
    """

    def __init__(self, versions: SecretVersions, policies: Policies) -> None:
        self._versions = versions
        self._policies = policies

    async def __call__(self, rotation: Rotation, slot: str, key: SecretValue) -> tuple[str, ...]:
        """Name the other secrets that hold this key, given its slot.

        Raises NotYet while nobody can say which secrets are rotated.
        """
        if self._policies.in_force.stand_in:
            raise NotYet("Latchkey", Reason("rules_not_known"))
        few = asyncio.Semaphore(_AT_ONCE)

        async def held_by(policy: RotationPolicy) -> bool:
            async with few:
                return await self._holds(policy, rotation, slot, key)

        others = [one for one in self._policies.rotated() if not _is_of(rotation, one)]
        found = await asyncio.gather(*map(held_by, others))
        return tuple(one.secret for one, holds in zip(others, found, strict=True) if holds)

    async def _holds(
        self, policy: RotationPolicy, rotation: Rotation, slot: str, key: SecretValue
    ) -> bool:
        try:
            _, value = await self._versions.current(policy.vault.url, policy.secret)
        except Fault:
            return _account(policy.options) == _account(rotation.terms.options) and (
                await self._is_tagged(policy, slot)
            )
        return value.contains(key)

    async def _is_tagged(self, policy: RotationPolicy, slot: str) -> bool:
        try:
            listed = await self._versions.list(policy.vault.url, policy.secret)
        except Fault:
            return False
        dated = [one for one in listed if one.enabled and one.created_at]
        newest = max(dated, key=lambda one: str(one.created_at), default=None)
        return newest is not None and newest.tags.get(CREDENTIAL_TAG) == slot


def _is_of(rotation: Rotation, policy: RotationPolicy) -> bool:
    ours = (rotation.terms.vault_url.lower(), rotation.secret.lower())
    return ours == (policy.vault.url.lower(), policy.secret.lower())


def _account(options: tuple[tuple[str, str], ...]) -> str:
    return dict(options).get("account", "").lower()
