"""Verify: the vault gives the new value, every dependent has it, and every application is well."""

from datetime import timedelta

from domain.reasons import Reason
from domain.rotation.rotation import Captured, Rotation, Shape
from domain.secrets import SecretValue
from services.faults import Rejected, Unavailable
from services.rotation.dependents import wanted
from services.rotation.issue import required
from services.rotation.ports import AppSettings, HealthChecks, SecretVersions
from services.rotation.setting_names import held_by
from services.rotation.step import NotYet, StepOutcome

_REFERENCES = frozenset({Shape.REFERENCE, Shape.PINNED})

_NEVER_RESOLVES = frozenset(
    {
        "InvalidSyntax",
        "MSINotEnabled",
        "VaultNotFound",
        "SecretNotFound",
        "AccessToKeyVaultDenied",
        "UnauthorizedClient",
    }
)
"""What App Service says of a reference that somebody has to put right; the rest may pass."""

_RESTART_PATIENCE = timedelta(minutes=2)
"""How long an app may take to be well after the restart that a change of its settings is."""


class Verify:
    """The fifth step. What is not right yet may become so: most faults here are worth some tries.

    App Service comes to references, and to restarts, in its own time: those are waited for.
    """

    def __init__(self, versions: SecretVersions, apps: AppSettings, health: HealthChecks) -> None:
        self._versions = versions
        self._apps = apps
        self._health = health

    async def probe(self, rotation: Rotation) -> StepOutcome | None:  # noqa: ARG002 - looking twice is harmless
        return None

    async def perform(self, rotation: Rotation) -> StepOutcome:
        value = await self._check_vault(rotation)
        for captured in rotation.captured:
            await self._check_setting(rotation, captured, value)
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

    async def _check_setting(
        self, rotation: Rotation, captured: Captured, value: SecretValue
    ) -> None:
        dependent, version = captured.dependent, required(rotation.new_version)
        settings = await self._apps.read(dependent.app)
        if held_by(dependent.setting, settings) != wanted(captured, version, value):
            raise Unavailable(str(dependent), Reason("setting_not_read_back"))
        if captured.shape not in _REFERENCES:
            return
        reference = await self._apps.reference(dependent.app, dependent.setting)
        if reference is None or not reference.is_resolved:
            status = reference.status if reference else "missing"
            never = status in _NEVER_RESOLVES
            cause = Reason("reference_not_resolved", {"status": status})
            raise Rejected(str(dependent), cause) if never else NotYet(str(dependent), cause)
        if (reference.active_version or "").lower() != version.lower():
            raise NotYet(str(dependent), Reason("reference_to_other_version"))
