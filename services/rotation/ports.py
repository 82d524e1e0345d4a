"""What rotation needs from Azure, as protocols; the adapters raise ``Fault``s."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.reasons import Reason
from domain.rotation.rotation import AppSlot, RemainingCredential, Rotation
from domain.secrets import SecretValue
from services.faults import Rejected, Unavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a secret, without its value."""

    id: str
    enabled: bool
    created_at: datetime | None
    not_before: datetime | None = None
    """The ``nbf`` of Key Vault: from when on it is meant to be used."""
    expires_at: datetime | None = None
    content_type: str | None = None
    managed: bool = False
    """Whether Key Vault writes it itself, for a certificate: nobody else can set it."""
    tags: Mapping[str, str] = field(default_factory=dict)


class SecretVersions(Protocol):
    """The versions of a vault's secrets. ``vault_url`` is the vault's data-plane address."""

    async def current(self, vault_url: str, name: str) -> tuple[Version, SecretValue]:
        """Read what the unversioned name gives; raises Rejected where it is unknown or disabled."""

    async def read(self, vault_url: str, name: str, version: str) -> tuple[Version, SecretValue]:
        """Read one version; raises Rejected where it is unknown or disabled."""

    async def list(self, vault_url: str, name: str) -> list[Version]:
        """List all versions, in no order; an unknown secret has none."""

    async def write(self, vault_url: str, name: str, value: SecretValue, version: Version) -> str:
        """Make a version with this one's tags, content type, nbf and expiry; return its id.

        After Unavailable it may have been made, or even made twice: its tags tell.
        """

    async def is_deleted(self, vault_url: str, name: str) -> bool:
        """Say whether a secret was deleted and can be recovered: its name is taken until then."""

    async def disable(self, vault_url: str, name: str, version: str) -> None:
        """Disable one version and read that back; one that is disabled already is left so."""


@dataclass(frozen=True, slots=True)
class ReferenceState:
    """What App Service says of one Key Vault reference."""

    status: str
    active_version: str | None

    @property
    def is_resolved(self) -> bool:
        return self.status == "Resolved"


Settings = Mapping[str, SecretValue]
"""App settings by name: any of them can be a secret, so all of them are masked."""


class AppGone(Rejected):
    """There is no such app or slot: it was deleted, or is somewhere else now."""


class AppBusy(Unavailable):
    """The app is at another operation, such as a swap of slots: nothing was changed, and it ends.

    Where several requests are sent at once, App Service carries one out and answers this to others.
    """


class AppSettings(Protocol):
    """The settings of App Services and their slots; each method raises AppGone where it is.

    App Service does not tell ``API_KEY`` from ``api_key``. ``read`` gives names as they are spelt.
    """

    async def read(self, app: AppSlot) -> Settings:
        """Read all settings."""

    async def replace(self, app: AppSlot, settings: Settings) -> None:
        """Put these settings in the place of all that there are; the app restarts.

        A name in another spelling renames the setting; two spellings of one name are Rejected.
        Raises AppBusy while another operation changes the app.
        """

    async def reference(self, app: AppSlot, setting: str) -> ReferenceState | None:
        """Say how one setting's Key Vault reference stands; None where it is none."""

    async def refresh(self, app: AppSlot) -> None:
        """Have the app resolve its Key Vault references anew."""


class HealthChecks(Protocol):
    """Whether an application is well."""

    async def is_well(self, url: str) -> bool:
        """Ask a health URL; True for a 2xx answer."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A new value, and how its issuer names the credential (empty where there is none)."""

    value: SecretValue
    credential: str = ""
    expires_at: datetime | None = None
    """The credential's own end; None where it has none, or none that is known."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What issuing would mean for others; ``faults`` are why it would be refused."""

    notes: tuple[Reason, ...] = ()
    faults: tuple[Reason, ...] = ()


class Issuer(Protocol):
    """What makes a new value. Every method may be called again after a crash.

    ``old`` is the version that is current before the rotation. Issuers that make credentials keep
    the credential's name in the version's tag ``CREDENTIAL_TAG``.
    """

    async def prepare(self, rotation: Rotation, old: Version, value: SecretValue) -> str:
        """Get ready to issue, and return the name of the credential to be issued, if known."""

    async def issue(self, rotation: Rotation) -> Issued:
        """Make the new value."""

    async def is_alive(self, rotation: Rotation, credential: str, value: SecretValue) -> bool:
        """Say whether the system that issues still has what a version of the secret holds.

        Reads of some systems lag behind their writes, so a no may become a yes within a minute.
        """

    async def test_value(self, rotation: Rotation, value: SecretValue) -> Reason | None:
        """See that a value is accepted before any app gets it; return a note for the card.

        Raises NotYet while it is not. Where there is nothing to try it with, there is no note.
        """

    async def preview(self, rotation: Rotation, old: Version, value: SecretValue) -> Preview:
        """Say beforehand what issuing would mean for others; it changes nothing."""

    async def withdraw(self, rotation: Rotation, old: SecretValue | None) -> None:
        """Make what was issued useless; the rotation is rolled back.

        ``old`` is the value from before, for systems that have one credential, which is to be put
        back; None where it cannot be read any more.
        """

    async def retire(self, rotation: Rotation) -> None:
        """Make the old credential useless; the overlap is over."""

    async def remaining(self, rotation: Rotation) -> tuple[RemainingCredential, ...]:
        """List what else is valid beside the new credential, where the system can say."""


ROTATION_TAG = "latchkey-rotation-id"
ROLE_TAG = "latchkey-role"
CREDENTIAL_TAG = "latchkey-credential"
