"""Addresses of secrets are parsed in every form people copy them in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.secret_address import SecretAddress, read_address

VERSION = "0123456789abcdef0123456789abcdef"
IDENTIFIER = "https://demo-vault.vault.azure.net/secrets/db-password"
IN_VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/Demo-Vault"


@pytest.mark.parametrize(
    "typed",
    [
        IDENTIFIER,
        f"{IDENTIFIER}/",
        f"{IDENTIFIER}/{VERSION}",
        f"{IDENTIFIER}?api-version=7.4",
        f"{IDENTIFIER}/{VERSION}#x",
        "HTTPS://Demo-Vault.Vault.Azure.NET/Secrets/db-password",
        "https%3A%2F%2Fdemo-vault.vault.azure.net%2Fsecrets%2Fdb-password",
        f"https://portal.azure.com/#@contoso.com/asset/Microsoft_Azure_KeyVault/Secret/{IDENTIFIER}",
        f"https://portal.azure.com/#asset/Microsoft_Azure_KeyVault/Secret/{IDENTIFIER}/{VERSION}",
        f"@Microsoft.KeyVault(SecretUri={IDENTIFIER}/)",
    ],
)
def test_an_identifier_names_the_vault_by_its_host(typed: str) -> None:
    assert read_address(typed) == SecretAddress("db-password", host="demo-vault.vault.azure.net")


@pytest.mark.parametrize(
    "typed",
    [
        f"{IN_VAULT}/secrets/db-password",
        f"{IN_VAULT}/secrets/db-password/vaults/another/secrets/other",
        "/vaults/demo-vault/secrets/db-password",
        f"https://portal.azure.com/#@contoso.com/resource{IN_VAULT}/secrets/db-password/overview",
    ],
)
def test_a_resource_id_names_the_vault_itself(typed: str) -> None:
    assert read_address(typed) == SecretAddress("db-password", vault="demo-vault")


def test_a_secret_named_secrets_is_parsed_too() -> None:
    found = read_address("https://demo-vault.vault.azure.net/secrets/secrets/secrets")

    assert found == SecretAddress("secrets", host="demo-vault.vault.azure.net")


@pytest.mark.parametrize(
    "typed",
    [
        "db-password",
        "../secrets/db-password",
        "demo-vault/secrets/db-password",
        "https://demo-vault.vault.azure.net/",
        "https://demo-vault.vault.azure.net/secrets/",
        "https://demo-vault.vault.azure.net/keys/db-password",
        "https:///secrets/db-password",
        "%2e%2e%2fkeys",
        f"{IN_VAULT}/keys/db-password",
        "",
    ],
)
def test_anything_else_is_not_an_address(typed: str) -> None:
    assert read_address(typed) is None


@given(st.text() | st.text(alphabet="https:/%2Fvaults.secrets#?").map(lambda text: f"{text}x"))
def test_no_text_raises(typed: str) -> None:
    read_address(typed)
