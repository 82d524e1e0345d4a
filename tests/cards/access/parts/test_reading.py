"""How a person reads a secret."""

import pytest

from cards.access.parts.reading import cli_line, portal_link


@pytest.mark.parametrize(
    ("vault_url", "host"),
    [
        ("https://kv.vault.azure.net/", "portal.azure.com"),
        ("https://kv.vault.usgovcloudapi.net", "portal.azure.us"),
        ("https://KV.VAULT.AZURE.CN/", "portal.azure.cn"),
        ("https://kv.vault.azure.net.evil.example", "portal.azure.com"),
        ("https://localhost:8443/", "portal.azure.com"),
    ],
)
def test_the_portal_matches_the_vaults_cloud(vault_url: str, host: str) -> None:
    link = portal_link("tenant-1", vault_url, "demo-api-key")

    assert link == (
        f"https://{host}/#@tenant-1/asset/Microsoft_Azure_KeyVault/Secret/"
        f"{vault_url.rstrip('/')}/secrets/demo-api-key"
    )


def test_a_name_cannot_lead_the_link_elsewhere() -> None:
    link = portal_link("t/../x", "https://kv.vault.azure.net", "a/../b?c#d e")

    assert link.endswith(
        "#@t%2F..%2Fx/asset/Microsoft_Azure_KeyVault/Secret/"
        "https://kv.vault.azure.net/secrets/a%2F..%2Fb%3Fc%23d%20e"
    )


def test_a_name_cannot_add_a_command_to_the_line() -> None:
    assert cli_line("kv", "x; rm -rf ~") == (
        "az keyvault secret show --vault-name kv --name 'x; rm -rf ~' --query value --output tsv"
    )
