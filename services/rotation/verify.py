"""Verify: the vault gives the new value, every dependent has it, and every application is well."""

from datetime import timedelta

from domain.reasons import Reason
from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Unavailable
from services.rotation.dependents.kind import Kinds, kind_of
from services.rotation.health_checks import HealthChecks
from services.rotation.issue import required
from services.rotation.secret_versions import SecretVersions
from services.rotation.step import NotYet, StepOutcome

_RESTART_PATIENCE = timedelta(minutes=2)
"""How long an app may take to be well after the restart that a change of its settings is."""


class Verify:
    """The fifth step. What is not right yet may become so: most faults here are worth some tries.

    App Service comes to references, and to restarts, in its own time: those are waited for.
    """

    def __init__(self, versions: SecretVersions, kinds: Kinds, health: HealthChecks) -> None:
        self._versions = versions
        self._kinds = kinds
        self._health = health

    async def probe(self, rotation: Rotation) -> StepOutcome | None:  # noqa: ARG002 - looking twice is harmless
        return None

    async def perform(self, rotation: Rotation) -> StepOutcome:
        value = await self._check_vault(rotation)
        for captured in rotation.captured:
            kind = kind_of(self._kinds, captured.dependent)
            await kind.verify(captured, required(rotation.new_version), value)
        urls = {one.dependent.health_url for one in rotation.captured} - {""}
        for url in sorted(urls):
            if not await self._health.is_well(url):
                raise NotYet(url, Reason("unhealthy"), _RESTART_PATIENCE)
        return StepOutcome(rotation, Reason("everything_read_back"))

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
