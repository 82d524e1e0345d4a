"""Secrets as the bot may know them: by name and metadata, never by value."""

import re
from dataclasses import dataclass
from hmac import compare_digest
from typing import NoReturn
from urllib.parse import urlsplit

# Key Vault's own rule for a secret's name.
_NAME = re.compile(r"[0-9a-zA-Z-]{1,127}", re.ASCII)

_VAULT_HOST = re.compile(
    r"([0-9a-z-]+)\.(?:privatelink\.)?vault(?:core)?"
    r"\.(?:azure\.net|azure\.cn|usgovcloudapi\.net)",
    re.ASCII | re.IGNORECASE,
)
"""A vault's host in one of Azure's clouds, with or without a private endpoint."""


def is_secret_name(text: str) -> bool:
    """Say whether Key Vault could hold a secret of this name."""
    return _NAME.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Vault:
    """A key vault: its name, its data-plane address and its ARM resource id."""

    name: str
    url: str
    resource_id: str

    def secret_scope(self, secret: str) -> str:
        return f"{self.resource_id}/secrets/{secret}"


def other_vault(name: str, url: str) -> str | None:
    """Name the vault that an address belongs to, if that isn't the vault of this name.

    Only Azure's own hosts name their vault: any other address may be anybody's.
    """
    try:
        host = _VAULT_HOST.fullmatch(urlsplit(url).hostname or "")
    except ValueError:  # no address at all
        return None
    return host[1] if host and host[1].lower() != name.lower() else None


class SecretValue:
    """A secret's value; it shows itself to nobody who does not ask for it by name.

    It has no codec on purpose: it cannot be pickled, and no JSON writer knows it.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the value, to hand it to Azure and to nobody else."""
        return self._value

    def contains(self, other: "SecretValue") -> bool:
        """Say whether another value is part of this one, such as a key in a connection string."""
        part = other.reveal()
        return bool(part) and part in self._value

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretValue):
            return NotImplemented
        return compare_digest(self._value.encode(), other._value.encode())

    __hash__ = None  # type: ignore[assignment]  # a set of values would be a store of them

    def __repr__(self) -> str:
        return "SecretValue(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret value is not to be serialised")

    # Copies, and codecs that look inside, ask for this: Python's own answer holds the value.
    __getstate__ = __reduce__
