"""Ways to read a secret with one's own identity; the value never passes through the bot."""

import shlex
from urllib.parse import quote, urlsplit

_PUBLIC_PORTAL = "portal.azure.com"
_PORTALS = {
    ".vault.azure.net": _PUBLIC_PORTAL,
    ".vault.usgovcloudapi.net": "portal.azure.us",
    ".vault.azure.cn": "portal.azure.cn",
}


def portal_link(tenant_id: str, vault_url: str, secret: str) -> str:
    """Return the URL of a secret's portal page, in the tenant that has it."""
    host = (urlsplit(vault_url).hostname or "").lower()
    portal = next((at for end, at in _PORTALS.items() if host.endswith(end)), _PUBLIC_PORTAL)
    tenant = quote(tenant_id, safe="")
    asset = f"{vault_url.rstrip('/')}/secrets/{quote(secret, safe='')}"
    return f"https://{portal}/#@{tenant}/asset/Microsoft_Azure_KeyVault/Secret/{asset}"


def cli_line(vault: str, secret: str) -> str:
    """Return the Azure CLI command that prints a secret's value."""
    words = ["az", "keyvault", "secret", "show", "--vault-name", vault, "--name", secret]
    return shlex.join([*words, "--query", "value", "--output", "tsv"])
