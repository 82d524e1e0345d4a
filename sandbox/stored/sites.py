"""The apps: their settings and connection strings, including Key Vault references."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

REFRESH_AFTER = timedelta(hours=24)

_REFERENCE = re.compile(r"@Microsoft\.KeyVault\((?P<inside>.*)\)", re.IGNORECASE | re.DOTALL)
_CLOUD_SUFFIX = ".vault.azure.net"


@dataclass(frozen=True, slots=True)
class SiteReference:
    """Hold what a reference names; `secret` is None if it can't be parsed."""

    text: str
    host: str = ""
    vault: str = ""
    secret: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Resolution:
    """Hold a reference's status and when it was resolved.

    `status` is one of App Service's `ResolveStatus`.
    """

    reference: SiteReference
    status: str
    at: datetime
    vault_name: str = ""
    details: str = ""
    active_version: str | None = None
    value: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ConnectionString:
    """Hold a connection string; `type` is one of App Service's `ConnectionStringType`."""

    value: str = field(repr=False)
    type: str


@dataclass(slots=True)
class StoredSite:
    """Hold an app or one slot of it; `identity` is the principal that resolves references."""

    name: str
    slot: str
    scope: str
    identity: str | None
    settings: dict[str, str] = field(default_factory=dict, repr=False)
    restarts: int = 0
    busy_until: datetime | None = None
    """Until when another operation, such as a slot swap, blocks changes to settings."""
    resolutions: dict[str, Resolution] = field(default_factory=dict)
    says_active_versions: bool = True
    """Whether it says to which versions its references are resolved: App Service needn't."""
    connection_strings: dict[str, ConnectionString] = field(default_factory=dict)
    string_resolutions: dict[str, Resolution] = field(default_factory=dict)
    """The results for the connection strings that are references."""

    def references(self) -> Mapping[str, SiteReference]:
        """Return the settings that are Key Vault references, by key."""
        return references_in(self.settings)

    def string_references(self) -> Mapping[str, SiteReference]:
        """Return the connection strings that are Key Vault references, by name."""
        return references_in({name: one.value for name, one in self.connection_strings.items()})

    def seen_by_the_app(self, key: str) -> str:
        """Return what the running app reads: an unresolved reference reads as its own text."""
        resolution = self.resolutions.get(key)
        if resolution is not None and resolution.value is not None:
            return resolution.value
        return self.settings[key]


def spelling_of(key: str, names: Iterable[str]) -> str:
    """Return a name as it is spelt here: case doesn't matter."""
    return next((each for each in names if each.lower() == key.lower()), key)


def references_in(values: Mapping[str, str]) -> Mapping[str, SiteReference]:
    """Return the values that are Key Vault references, by name."""
    parsed = {name: parse_reference(value) for name, value in values.items()}
    return {name: one for name, one in parsed.items() if one is not None}


def parse_reference(value: str) -> SiteReference | None:
    """Read a setting as a Key Vault reference, or return None for an ordinary value."""
    match = _REFERENCE.fullmatch(value.strip())
    if match is None:
        return None
    parts = {
        name.strip().lower(): text.strip()
        for name, _, text in (one.partition("=") for one in match["inside"].split(";"))
    }
    if "secreturi" in parts:
        return _from_uri(value, parts["secreturi"])
    if parts.get("vaultname") and parts.get("secretname"):
        return SiteReference(
            value,
            vault=parts["vaultname"],
            secret=parts["secretname"],
            version=parts.get("secretversion") or None,
        )
    return SiteReference(value)


def _from_uri(text: str, uri: str) -> SiteReference:
    try:
        address = urlsplit(uri)
    except ValueError:
        return SiteReference(text)
    kind, _, rest = address.path.strip("/").partition("/")
    secret, _, version = rest.partition("/")
    if address.scheme != "https" or kind.lower() != "secrets" or not secret or "/" in version:
        return SiteReference(text)
    host = address.netloc.lower()
    return SiteReference(
        text,
        host=host,
        vault=host.removesuffix(_CLOUD_SUFFIX) if host.endswith(_CLOUD_SUFFIX) else "",
        secret=secret,
        version=version or None,
    )
