"""Azure for rotations, in memory, tested by the same contract as the real adapters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from domain.rotation.rotation import AppSlot
from domain.secrets import SecretValue, Vault
from sandbox.stored.sites import SiteReference, parse_reference
from services.faults import Rejected
from services.rotation.dependents.app_setting import Settings
from services.rotation.dependents.kind import AppGone, DependentEntry, Entries, ReferenceState
from services.rotation.secret_versions import Version
from tests.support.fault_queue import FaultQueue

FOREVER = 1_000_000
MOST_TAGS = 15


@dataclass(slots=True)
class _Kept:
    version: Version
    value: SecretValue


class FakeSecretVersions:
    """``services.rotation.secret_versions.SecretVersions`` for any number of vaults.

    Its ``faults`` support ``current``, ``read``, ``list``, ``write``, ``is_deleted`` and
    ``disable``.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str], list[_Kept]] = {}
        self._made = 0
        self._late_reads = 0
        self._is_doubled = False
        self._deleted: dict[tuple[str, str], list[_Kept]] = {}
        self.faults = FaultQueue()

    async def current(self, vault_url: str, name: str) -> tuple[Version, SecretValue]:
        with self.faults.around("current"):
            versions = self._of(vault_url, name)
            if self._late_reads and len(versions) > 1:
                self._late_reads -= 1
                return _readable(versions[-2])
            return _readable(versions[-1] if versions else None)

    async def read(self, vault_url: str, name: str, version: str) -> tuple[Version, SecretValue]:
        with self.faults.around("read"):
            return _readable(self.find(vault_url, name, version))

    async def list(self, vault_url: str, name: str) -> list[Version]:
        with self.faults.around("list"):
            found = [kept.version for kept in self._of(vault_url, name)]
            return sorted(found, key=lambda version: version.id)

    async def write(self, vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        with self.faults.around("write"):
            self._refuse_as_key_vault(vault_url, name, version)
            if self._is_doubled:
                self._is_doubled = False
                self._add(vault_url, name, value, version)
            return self._add(vault_url, name, value, version)

    async def is_deleted(self, vault_url: str, name: str) -> bool:
        with self.faults.around("is_deleted"):
            return (vault_url, name.lower()) in self._deleted

    async def disable(self, vault_url: str, name: str, version: str) -> None:
        with self.faults.around("disable"):
            kept = self.find(vault_url, name, version)
            if kept is None:
                raise Rejected("fake", "404 SecretNotFound", status=404)
            kept.version = replace(kept.version, enabled=False)

    def put(
        self,
        vault_url: str,
        name: str,
        value: str,
        *,
        enabled: bool = True,
        not_before: datetime | None = None,
        expires_at: datetime | None = None,
        content_type: str | None = None,
        managed: bool = False,
        tags: dict[str, str] | None = None,
    ) -> str:
        """Add a version, as someone else would, and return its ID."""
        version = Version(
            id="",
            enabled=enabled,
            created_at=None,
            not_before=not_before,
            expires_at=expires_at,
            content_type=content_type,
            managed=managed,
            tags=tags or {},
        )
        return self._add(vault_url, name, SecretValue(value), version, enabled=enabled)

    def delete(self, vault_url: str, name: str) -> None:
        """Delete a secret recoverably, as someone else would."""
        self._deleted[vault_url, name.lower()] = self._kept.pop((vault_url, name.lower()))

    def recover(self, vault_url: str, name: str) -> None:
        """Recover a deleted secret."""
        self._kept[vault_url, name.lower()] = self._deleted.pop((vault_url, name.lower()))

    def show_late(self, reads: int = FOREVER) -> None:
        """Make the next unversioned reads return the version before the newest."""
        self._late_reads = reads

    def double_next_write(self) -> None:
        """Make the next write create two versions, as a repeated PUT does."""
        self._is_doubled = True

    def find(self, vault_url: str, name: str, version: str) -> _Kept | None:
        """Return a stored version, by default the newest."""
        versions = self._of(vault_url, name)
        if not version:
            return versions[-1] if versions else None
        return next((one for one in versions if one.version.id == version.lower()), None)

    def contents(self, vault_url: str, name: str) -> Sequence[tuple[str, bool]]:
        """Return each version's value and whether it is enabled, oldest first."""
        return [(kept.value.reveal(), kept.version.enabled) for kept in self._of(vault_url, name)]

    def keep(self, vault_url: str, name: str, value: SecretValue, version: Version) -> None:
        """Add a version that was made earlier."""
        self._made += 1
        self._kept.setdefault((vault_url, name.lower()), []).append(_Kept(version, value))

    def adopt(self, others: "FakeSecretVersions") -> None:
        """Copy all versions from another fake."""
        self._kept, self._made = others._kept, others._made

    def forget_all(self) -> None:
        """Have nothing."""
        self._kept.clear()

    def names(self) -> Sequence[str]:
        """Return the secrets that have versions."""
        return [name for _, name in self._kept]

    def _of(self, vault_url: str, name: str) -> Sequence[_Kept]:
        return self._kept.get((vault_url, name.lower()), [])

    def _refuse_as_key_vault(self, vault_url: str, name: str, version: Version) -> None:
        """Refuse writes that Key Vault refuses."""
        if (vault_url, name.lower()) in self._deleted:
            raise Rejected("fake", "409 ObjectIsDeletedButRecoverable")
        if any(kept.version.managed for kept in self._of(vault_url, name)):
            raise Rejected("fake", "409 Conflict")
        begins, ends = version.not_before, version.expires_at
        if len(version.tags) > MOST_TAGS or (begins and ends and begins >= ends):
            raise Rejected("fake", "400 BadParameter")

    def _add(
        self, vault_url: str, name: str, value: SecretValue, like: Version, *, enabled: bool = True
    ) -> str:
        self._made += 1
        # As in Key Vault, an ID doesn't reveal when its version was made.
        version_id = sha256(str(self._made).encode()).hexdigest()[:32]
        version = replace(like, id=version_id, enabled=enabled, created_at=self._clock())
        version = replace(version, tags=dict(like.tags))
        self._kept.setdefault((vault_url, name.lower()), []).append(_Kept(version, value))
        return version_id


@dataclass(slots=True)
class _App:
    settings: dict[str, str]
    earlier: dict[str, str] = field(default_factory=dict)
    resolved: dict[str, ReferenceState] = field(default_factory=dict)
    restarts: int = 0


class FakeAppSettings:
    """``services.rotation.dependents.app_setting.AppSettings``, with references to fake vaults.

    Its ``faults`` support ``read``, ``replace``, ``reference`` and ``refresh``.
    """

    def __init__(self, versions: FakeSecretVersions, vaults: Sequence[Vault]) -> None:
        self._versions = versions
        self._vaults = vaults
        self._apps: dict[str, _App] = {}
        self._late_reads = 0
        self.is_stuck = False
        """Whether references keep their resolved version, even after a refresh."""
        self.faults = FaultQueue()

    async def read(self, app: AppSlot) -> Settings:
        with self.faults.around("read"):
            found = self._found(app)
            settings = found.settings
            if self._late_reads:
                self._late_reads -= 1
                settings = found.earlier or found.settings
            return {name: SecretValue(value) for name, value in settings.items()}

    async def replace(self, app: AppSlot, settings: Settings) -> None:
        with self.faults.around("replace"):
            self._put(app, settings)

    async def reference(self, app: AppSlot, setting: str) -> ReferenceState | None:
        with self.faults.around("reference"):
            resolved = self._found(app).resolved
            return next((resolved[one] for one in resolved if one.lower() == setting.lower()), None)

    async def refresh(self, app: AppSlot) -> None:
        with self.faults.around("refresh"):
            self._resolve(self._found(app))

    def look_in(self, versions: FakeSecretVersions) -> None:
        """Resolve references in these vaults from now on."""
        self._versions = versions

    def add(self, app: AppSlot, settings: dict[str, str]) -> None:
        """Create an app or a slot with these settings."""
        added = _App(dict(settings))
        self._apps[app.id.lower()] = added
        self._resolve(added)

    def remove(self, app: AppSlot) -> None:
        """Delete an app, as someone else would."""
        del self._apps[app.id.lower()]

    def change(self, app: AppSlot, **settings: str) -> None:
        """Change settings, as someone else would."""
        found = self._found(app)
        found.settings = {**found.settings, **settings}
        self._resolve(found)

    def pin_all(self, uri: str) -> None:
        """Pin each pinned reference to this version, as someone else would."""
        for app in self._apps.values():
            for name, value in app.settings.items():
                if value.startswith("@Microsoft.KeyVault") and not value.endswith("/)"):
                    app.settings[name] = f"@Microsoft.KeyVault(SecretUri={uri})"
            self._resolve(app)

    def drop(self, app: AppSlot, setting: str) -> None:
        """Remove a setting, as someone else would."""
        del self._found(app).settings[setting]

    def stand_for(self, app: AppSlot, setting: str, version: str) -> None:
        """Set the version that a reference was last resolved to."""
        self._found(app).resolved[setting] = ReferenceState("Resolved", version)

    def show_late(self, reads: int = FOREVER) -> None:
        """Make the next reads return the state before the last change, however many follow it."""
        self._late_reads = reads

    def contents(self, app: AppSlot) -> dict[str, str]:
        """Return all current settings of an app."""
        return dict(self._found(app).settings)

    def active_version(self, app: AppSlot, setting: str) -> str | None:
        """Return the version that a reference is resolved to."""
        return self._found(app).resolved[setting].active_version

    def restarts(self, app: AppSlot) -> int:
        """Return how often a change restarted the app."""
        return self._found(app).restarts

    def _put(self, app: AppSlot, settings: Settings) -> None:
        found = self._found(app)
        if len({name.lower() for name in settings}) < len(settings):
            raise Rejected("fake", "409 Conflict", status=409, code="Conflict")
        if not self._late_reads or not found.earlier:
            found.earlier = found.settings
        found.settings = {name: value.reveal() for name, value in settings.items()}
        found.restarts += 1
        self._resolve(found)

    def _found(self, app: AppSlot) -> _App:
        if app.id.lower() not in self._apps:
            raise AppGone("fake", "404 ResourceNotFound", status=404)
        return self._apps[app.id.lower()]

    def _resolve(self, app: _App) -> None:
        if self.is_stuck:
            return
        parsed = {name: parse_reference(value) for name, value in app.settings.items()}
        app.resolved = {name: self._state_of(one) for name, one in parsed.items() if one}

    def _state_of(self, reference: SiteReference) -> ReferenceState:
        if not reference.secret:
            return ReferenceState("InvalidSyntax", None)
        url = next((vault.url for vault in self._vaults if _is_in(reference, vault)), None)
        if url is None:
            return ReferenceState("VaultNotFound", None)
        if self._versions.find(url, reference.secret, "") is None:
            return ReferenceState("SecretNotFound", None)
        kept = self._versions.find(url, reference.secret, reference.version or "")
        if kept is None:
            return ReferenceState("SecretVersionNotFound", None)
        if not kept.version.enabled:
            return ReferenceState("AccessToKeyVaultDenied", None)
        return ReferenceState("Resolved", kept.version.id)


class FakeConnectionStrings:
    """``services.rotation.dependents.connection_string.ConnectionStrings``, as those settings are.

    ``values`` keeps the values, with faults and all; the types are kept beside them.
    """

    def __init__(self, values: FakeAppSettings) -> None:
        self.values = values
        self.faults = values.faults
        self._types: dict[AppSlot, dict[str, str]] = {}

    async def read(self, app: AppSlot) -> Entries:
        found = await self.values.read(app)
        return {name: DependentEntry(value, self._type(app, name)) for name, value in found.items()}

    async def replace(self, app: AppSlot, strings: Entries) -> None:
        types = {name: one.type for name, one in strings.items()}
        self._types[app] = self._types.get(app, {}) | types
        await self.values.replace(app, {name: one.value for name, one in strings.items()})

    async def reference(self, app: AppSlot, name: str) -> ReferenceState | None:
        return await self.values.reference(app, name)

    async def refresh(self, app: AppSlot) -> None:
        await self.values.refresh(app)

    def add(self, app: AppSlot, **strings: tuple[str, str]) -> None:
        """Give an app these connection strings, each a value and a type."""
        self._types[app] = {name: kind for name, (_, kind) in strings.items()}
        self.values.add(app, {name: value for name, (value, _) in strings.items()})

    def contents(self, app: AppSlot) -> dict[str, tuple[str, str]]:
        """Return the value and the type of each connection string as they are."""
        found = self.values.contents(app)
        return {name: (value, self._type(app, name)) for name, value in found.items()}

    def _type(self, app: AppSlot, name: str) -> str:
        return self._types.get(app, {}).get(name, "Custom")


class FakeHealthChecks:
    """Health checks of apps; all are well except what is ``sick``."""

    def __init__(self) -> None:
        self.sick: set[str] = set()
        self.asked: list[str] = []
        self.faults = FaultQueue()

    async def is_well(self, url: str) -> bool:
        self.asked.append(url)
        with self.faults.around("is_well"):
            return url not in self.sick


def _readable(kept: _Kept | None) -> tuple[Version, SecretValue]:
    if kept is None:
        raise Rejected("fake", "404 SecretNotFound", status=404)
    if not kept.version.enabled:
        raise Rejected("fake", "403 SecretDisabled")
    return kept.version, kept.value


def _is_in(reference: SiteReference, vault: Vault) -> bool:
    if reference.vault:
        return reference.vault.lower() == vault.name.lower()
    return reference.host == urlsplit(vault.url).netloc.lower()
