"""Key Vault references in app settings, in both of the spellings that App Service knows.

https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_REFERENCE = re.compile(r"@Microsoft\.KeyVault\((?P<inside>[^()]*)\)", re.IGNORECASE)
_PARTS = 3


@dataclass(frozen=True, slots=True)
class Reference:
    """What a reference points to; ``version`` is empty for an unversioned one."""

    vault: str
    secret: str
    version: str
    text: str

    def is_to(self, vault_name: str, vault_url: str, secret: str) -> bool:
        """Say whether it points to this secret; Key Vault compares names without regard to case."""
        vaults = {vault_name.lower(), _host(vault_url)}
        return self.vault.lower() in vaults and self.secret.lower() == secret.lower()

    def at(self, version: str) -> str:
        """Return the reference's own text with another version, the rest of it untouched."""
        position = self.text.rindex(self.version)
        return self.text[:position] + version + self.text[position + len(self.version) :]


def read_reference(text: str) -> Reference | None:
    """Read a setting's value as a reference; None where it is something else."""
    match = _REFERENCE.fullmatch(text.strip())
    if match is None:
        return None
    fields = dict(_field(part) for part in match["inside"].split(";") if part.strip())
    if "secreturi" in fields:
        return _from_uri(fields["secreturi"], text)
    if "vaultname" in fields and "secretname" in fields:
        version = fields.get("secretversion", "")
        return Reference(fields["vaultname"], fields["secretname"], version, text)
    return None


def _field(part: str) -> tuple[str, str]:
    name, _, value = part.partition("=")
    return name.strip().lower(), value.strip()


def _from_uri(uri: str, text: str) -> Reference | None:
    parts = [part for part in urlsplit(uri).path.split("/") if part]
    if len(parts) not in (2, _PARTS) or parts[0].lower() != "secrets":
        return None
    version = parts[2] if len(parts) == _PARTS else ""
    return Reference(_host(uri), parts[1], version, text)


def _host(url: str) -> str:
    """Return the host of a vault's address, with its port where it has one."""
    return urlsplit(url).netloc.lower()
