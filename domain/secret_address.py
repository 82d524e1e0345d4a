"""Addresses of secrets, as people copy them from the portal, a script or an app setting."""

from dataclasses import dataclass
from urllib.parse import unquote

_ENDS_NAME = "/?#&,;)"


@dataclass(frozen=True, slots=True)
class SecretAddress:
    """The secret and vault that an address names; the vault by its host or its name."""

    secret: str
    host: str = ""
    vault: str = ""


def read_address(text: str) -> SecretAddress | None:
    """Parse an address; None for anything else, such as a plain name.

    It accepts the secret's identifier (``https://VAULT.vault.azure.net/secrets/NAME[/VERSION]``),
    on its own, at the end of a portal link or inside a Key Vault reference, and the secret's
    resource ID (``…/vaults/VAULT/secrets/NAME``).
    """
    for written in (text, unquote(text)):
        if found := _identifier(written) or _resource_id(written):
            return found
    return None


def _identifier(text: str) -> SecretAddress | None:
    _, scheme, rest = text.rpartition("://")
    host, _, path = rest.partition("/")
    kind, _, name = path.partition("/")
    secret = _until_end(name)
    if scheme and host and secret and kind.lower() == "secrets":
        return SecretAddress(secret, host=host.lower())
    return None


def _resource_id(text: str) -> SecretAddress | None:
    at = text.lower().find("/vaults/")
    if at < 0:
        return None
    vault, _, path = text[at + len("/vaults/") :].partition("/")
    kind, _, name = path.partition("/")
    secret = _until_end(name)
    if vault and secret and kind.lower() == "secrets":
        return SecretAddress(secret, vault=vault.lower())
    return None


def _until_end(text: str) -> str:
    return next((text[:at] for at, one in enumerate(text) if one in _ENDS_NAME), text)
