"""Secrets and vaults by name and address, and a type that keeps a secret's value hidden."""

import re
from dataclasses import dataclass
from hmac import compare_digest
from typing import NoReturn
from urllib.parse import urlsplit

# Key Vault's rule for secret names.
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}", re.ASCII)

_VAULT_HOST = re.compile(
    r"([0-9a-z-]+)\.(?:privatelink\.)?vault(?:core)?"
    r"\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)",
    re.ASCII | re.IGNORECASE,
)
"""A vault's host in one of Azure's clouds, with or without a private endpoint."""


def is_secret_name(text: str) -> bool:
    """Return whether this is a valid name for a Key Vault secret."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Vault:
    """A key vault: its name, data-plane address and ARM resource ID."""

    name: str
    url: str
    resource_id: str

    def secret_scope(self, secret: str) -> str:
        return f"{self.resource_id}/secrets/{secret}"


def other_vault(name: str, url: str) -> str | None:
    """Return the name of the vault at an address if it isn't the given one; else None.

    Only Azure's own hosts contain the vault's name; any other address could be any vault.
    """
    try:
        host = _VAULT_HOST.fullmatch(urlsplit(url).hostname or "")
    except ValueError:  # not a URL
        return None
    return host[1] if host and host[1].lower() != name.lower() else None


class SecretValue:
    """A secret's value; only an explicit ``reveal`` shows it.

    It deliberately has no codec: it can't be pickled or written as JSON.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value, only to pass it to Azure."""
        return self._value

    def contains(self, other: "SecretValue") -> bool:
        """Return whether this value contains another, such as a key in a connection string."""
        part = other.reveal()
        return bool(part) and part in self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretValue):
            return NotImplemented
        return compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a set of values would store them

    def __repr__(self) -> str:
        return "SecretValue(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret value can't be serialised")

    # Copies and introspecting codecs call this, and Python's default would contain the value.
    __getstate__ = __reduce__
