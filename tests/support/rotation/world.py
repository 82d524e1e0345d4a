"""A world where a secret is stored in a vault and used by apps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import AppSlot
from services.rotation.dependents import app_setting, connection_string
from services.rotation.dependents.kind import Dependents
from services.rotation.issuers.issuer import Issuer
from services.rotation.issuers.random import RandomIssuer
from services.rotation.secret_versions import Version
from services.storage.table import Table
from tests.support.builders import ADA, BO, VAULT
from tests.support.replica import World
from tests.support.rotation.builders import (
    BILLING,
    CHECKOUT,
    FLOATING,
    LITERAL,
    PINNED,
    ROTATED,
    SLOT,
    STAGING,
    a_rotation_policy,
    rotating,
)
from tests.support.rotation.crashing_fakes import CrashingAppSettings, CrashingConnectionStrings
from tests.support.rotation.fakes import (
    FakeAppSettings,
    FakeConnectionStrings,
    FakeHealthChecks,
    FakeSecretVersions,
)
from tests.support.rotation.watched import WatchedIssuer
from tests.support.tables.crashing_table import Crash

OLD_VALUE = "canary-old-5e0c7c1f9a3b4d6e8f7a0b1c2d3e4f50"
DEPENDENTS = (LITERAL, PINNED, SLOT, FLOATING)
APPS = (CHECKOUT, BILLING, STAGING)


@dataclass(frozen=True, slots=True)
class Azure:
    """A snapshot of the vault and the apps: versions oldest first, settings by app."""

    versions: tuple[tuple[str, bool], ...]
    """Each version's value, and whether it is enabled."""
    settings: dict[str, dict[str, str]]


class RotationWorld(World):
    """A world where a secret is stored in a vault and used by three apps."""

    def __init__(self, *rules: RotationPolicy, table: Table | None = None) -> None:
        super().__init__(table, rotating(*(rules or (a_rotation_policy(dependents=DEPENDENTS),))))
        self.admins = (ADA, BO)
        self.versions = FakeSecretVersions(self.clock)
        self.old = self.versions.put(VAULT.url, ROTATED, OLD_VALUE, content_type="text/plain")
        self.apps = FakeAppSettings(self.versions, [VAULT])
        self.apps.add(CHECKOUT, {"API_KEY": OLD_VALUE, "OTHER": "other-1", "MODE": "live"})
        self.apps.add(STAGING, {"API_KEY": OLD_VALUE, "MODE": "staging"})
        self.apps.add(
            BILLING,
            {
                "UPSTREAM_KEY": f"@Microsoft.KeyVault(SecretUri={self.uri}/{self.old})",
                "FLOATING_KEY": f"@Microsoft.KeyVault(SecretUri={self.uri}/)",
                "CURRENCY": "EUR",
            },
        )
        self.strings = FakeConnectionStrings(FakeAppSettings(self.versions, [VAULT]))
        for app in APPS:
            self.strings.add(app)
        self.health = FakeHealthChecks()
        self.issuer = WatchedIssuer(RandomIssuer())
        self._hooks: dict[str, Callable[[], None]] = {}

    def issuers(self, crash: Crash) -> Mapping[str, Issuer]:
        """Return the issuer, as seen by a process until it crashes."""
        return {"random": self.issuer}

    def dependents(self, crash: Crash | None = None) -> Mapping[str, Dependents]:
        """Return what reads and writes dependents, as a process sees it until its crash."""
        settings = CrashingAppSettings(self.apps, crash or Crash())
        strings = CrashingConnectionStrings(self.strings, crash or Crash())
        return {
            app_setting.KIND.name: app_setting.AppSettingDependents(settings),
            connection_string.KIND.name: connection_string.ConnectionStringDependents(strings),
        }

    def rotate_by(self, *rules: RotationPolicy) -> None:
        """Change the policies for future replicas."""
        self.policies = rotating(*rules)

    def when(self, moment: str, hook: Callable[[], None]) -> None:
        """Do something once, right before ``perform write``, ``undo write``, … first begins."""
        self._hooks[moment] = hook

    def begins(self, moment: str) -> None:
        """Run the hook for this moment, if any."""
        self._hooks.pop(moment, _nothing)()

    def mend(self) -> None:
        """Make everything in Azure work again."""
        for faults in (
            self.versions.faults,
            self.apps.faults,
            self.strings.faults,
            self.issuer.faults,
        ):
            faults.clear()
        self.versions.show_late(0)
        self.apps.show_late(0)
        self.apps.is_stuck = False
        self.health.sick.clear()
        self.health.faults.clear()

    @property
    def uri(self) -> str:
        return f"{VAULT.url}/secrets/{ROTATED}"

    def azure(self) -> Azure:
        """Take a snapshot of the current state."""
        return Azure(
            tuple(self.versions.contents(VAULT.url, ROTATED)),
            {str(app): self.apps.contents(app) for app in APPS},
        )

    def held(self, app: AppSlot, setting: str) -> str:
        """Return the current value of an app's setting."""
        return self.apps.contents(app)[setting]

    def disable_newest(self) -> None:
        """Disable the newest version, as someone else would."""
        self._change_newest(enabled=False)

    def forget_when_made(self) -> None:
        """Remove the creation time from the newest version."""
        self._change_newest(created_at=None)

    def _change_newest(self, **changes: Any) -> None:
        kept = self.versions.find(VAULT.url, ROTATED, "")
        assert kept is not None
        kept.version = replace(kept.version, **changes)

    def version(self, version_id: str) -> Version:
        """Return a version's metadata; an empty ID means the newest."""
        kept = self.versions.find(VAULT.url, ROTATED, version_id)
        assert kept is not None
        return kept.version

    def value(self, version_id: str) -> str:
        """Return a version's value; an empty ID means the newest."""
        kept = self.versions.find(VAULT.url, ROTATED, version_id)
        assert kept is not None
        return kept.value.reveal()

    def current(self) -> str:
        """Return the newest version's ID."""
        return self.version("").id


def _nothing() -> None:
    """Do nothing: no hook is set for this moment."""
