"""Verify: the vault returns the new value, every dependent has it, and it is still valid."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, Captured, Rotation
from domain.secrets import SecretValue
from services.faults import Unavailable
from services.rotation.dependents.apps import each_app
from services.rotation.dependents.kind import Kinds, kind_of
from services.rotation.dependents.side_by_side import side_by_side
from services.rotation.dependents.targets import by_kind
from services.rotation.issuers.issuer import Issuer
from services.rotation.secret_versions import SecretVersions
from services.rotation.step import NotYet, StepOutcome
from services.rotation.steps.health_checks import HealthChecks
from services.rotation.steps.issue import issuer_of, required
from services.rotation.steps.parts import held_part

_RESTART_PATIENCE = timedelta(minutes=2)
"""How long an app may take to become healthy after the restart caused by new settings."""


class Verify:
    """The fifth step. Most errors here are retried, since they may be temporary.

    App Service resolves references and restarts apps with a delay, so those are waited for.
    """

    def __init__(
        self,
        versions: SecretVersions,
        kinds: Kinds,
        issuers: Mapping[str, Issuer],
        health: HealthChecks,
    ) -> None:
        self._versions = versions
        self._kinds = kinds
        self._issuers = issuers
        self._health = health

    async def probe(self, rotation: Rotation) -> StepOutcome | None:  # noqa: ARG002 - looking twice is harmless
        return None

    async def perform(self, rotation: Rotation) -> StepOutcome:
        value = await self._check_vault(rotation)
        version = required(rotation.new_version)

        async def verify(app: AppSlot, captured: list[Captured]) -> None:
            for ones in by_kind(captured).values():
                kind = kind_of(self._kinds, ones[0].dependent)
                held = await kind.read(app)
                await side_by_side(kind.verify(one, held, version, value) for one in ones)

        await each_app(rotation, verify)
        await self._check_health(rotation)
        await self._check_credential(rotation, value)
        return StepOutcome(rotation, Reason("everything_read_back"))

    async def _check_health(self, rotation: Rotation) -> None:
        urls = sorted({one.dependent.health_url for one in rotation.captured} - {""})
        well = await asyncio.gather(*(self._health.is_well(url) for url in urls))
        for url, is_well in zip(urls, well, strict=True):
            if not is_well:
                raise NotYet(url, Reason("unhealthy"), _RESTART_PATIENCE)

    async def _check_credential(self, rotation: Rotation, value: SecretValue) -> None:
        """Check that nobody has replaced or removed what was issued since it was written."""
        issuer = issuer_of(self._issuers, rotation)
        held = held_part(rotation, value)
        if not await issuer.is_alive(rotation, rotation.credential, held):
            raise NotYet(rotation.terms.issuer, Reason("new_credential_not_valid"))

    async def undo(self, rotation: Rotation) -> StepOutcome:
        return StepOutcome(rotation)

    async def _check_vault(self, rotation: Rotation) -> SecretValue:
        vault_url, secret = rotation.terms.vault_url, rotation.secret
        version = required(rotation.new_version)
        current, value = await self._versions.current(vault_url, secret)
        _, written = await self._versions.read(vault_url, secret, version)
        if current.id != version or value != written:
            raise Unavailable("Key Vault", Reason("new_version_not_current"))
        return value
