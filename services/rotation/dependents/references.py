"""Key Vault references in app settings, in both syntaxes that App Service supports.

https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_REFERENCE = re.compile(r"\s*@Microsoft\.KeyVault\((?P<inside>[^()]*)\)\s*", re.IGNORECASE)
_FIELD = re.compile(r"(?P<name>\w+)\s*=\s*(?P<value>[^;]*?)\s*(?:;|\Z)")
_URI = re.compile(
    r"https://(?P<vault>[^/?#]+)/secrets/(?P<secret>[^/?#]+)(?:/(?P<version>[^/?#]*))?/?(?:[?#].*)?",
    re.IGNORECASE,
)

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class KeyVaultReference:
    """What a reference points to; ``version`` is empty for an unversioned one."""

    vault: str
    secret: str
    version: str
    text: str
    position: int
    """The version's offset in the text: the same characters may occur elsewhere too."""

    def is_to(self, vault_name: str, vault_url: str, secret: str) -> bool:
        """Say whether it points to this secret; Key Vault's names are case-insensitive."""
        vaults = {vault_name.lower(), _without_port(urlsplit(vault_url).netloc)}
        return _without_port(self.vault) in vaults and self.secret.lower() == secret.lower()

    def at(self, version: str) -> str:
        """Return the text with another version; the text of an unversioned one stays as it is."""
        if not self.version:
            return self.text
        behind = self.position + len(self.version)
        return f"{self.text[: self.position]}{version}{self.text[behind:]}"


def _without_port(vault: str) -> str:
    # Azure PowerShell shows addresses of secrets as https://NAME.vault.azure.net:443/secrets/….
    return vault.lower().removesuffix(":443")


def read_reference(text: str) -> KeyVaultReference | None:
    """Parse a setting's value as a reference; None if it isn't one."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        return None
    found = _FIELD.finditer(text, *match.span("inside"))
    fields = {field["name"].lower(): field.span("value") for field in found}
    if "secreturi" in fields:
        return _by_uri(text, fields["secreturi"])
    if "vaultname" in fields and "secretname" in fields:
        return _by_names(text, fields)
    return None


def _by_uri(text: str, span: _Span) -> KeyVaultReference | None:
    uri = _URI.fullmatch(text, *span)
    if uri is None:
        return None
    version = uri["version"] or ""
    return KeyVaultReference(uri["vault"], uri["secret"], version, text, uri.start("version"))


def _by_names(text: str, fields: dict[str, _Span]) -> KeyVaultReference:
    start, end = fields.get("secretversion", (0, 0))
    vault, secret = (text[slice(*fields[name])] for name in ("vaultname", "secretname"))
    return KeyVaultReference(vault, secret, text[start:end], text, start)
