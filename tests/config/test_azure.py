"""The vault, and the cloud that it is in."""

import pytest

from config import Settings, read_settings
from tests.support.environment import PASSWORD, REQUIRED, fault_of, faults_of, without

VAULT = (
    "must be the name of a vault: 3 to 24 letters, digits and single hyphens, "
    "starting with a letter and not ending with a hyphen"
)


@pytest.mark.parametrize(
    "address",
    [
        "http://demo-vault.vault.azure.net",
        "demo-vault.vault.azure.net",
        "https://",
        "https://[",
        "https://demo-vault.vault.azure.net:99999",
        f"https://latchkey:{PASSWORD}@demo-vault.vault.azure.net",
        "https://demo-vault.vault.azure.net/?api-version=7.4",
    ],
)
def test_an_address_must_be_a_plain_https_url(address: str) -> None:
    faults = faults_of(REQUIRED | {"KEY_VAULT_URL": address})

    assert faults == ["KEY_VAULT_URL: must be an address like https://example.com"]


@pytest.mark.parametrize(
    "name", ["kv", "1vault", "-vault", "vault-", "my--vault", "my_vault", "v" * 25, "tresör-1"]
)
def test_a_vault_must_have_a_valid_name(name: str) -> None:
    assert fault_of("KEY_VAULT_NAME", name) == VAULT


def test_quotes_around_a_value_are_noticed() -> None:
    assert fault_of("KEY_VAULT_NAME", '"demo-vault"') == f"{VAULT} (without quotes around it)"


def test_a_vaults_address_is_not_its_name() -> None:
    assert fault_of("KEY_VAULT_NAME", "https://demo-vault.vault.azure.net/") == (
        "must be just the vault's name, without the rest of its address: demo-vault"
    )


@pytest.mark.parametrize("name", ["demo rg", "demo/rg", "demo-rg.", "r" * 91])
def test_a_resource_group_must_have_a_valid_name(name: str) -> None:
    assert fault_of("AZURE_RESOURCE_GROUP", name) == (
        "must be the name of a resource group: at most 90 letters, digits and _-.(), "
        "not ending with a dot"
    )


def test_a_vaults_address_alone_is_enough() -> None:
    environment = without("KEY_VAULT_NAME") | {
        "KEY_VAULT_URL": "https://demo-vault.privatelink.vaultcore.azure.net/"
    }
    settings = read_settings(environment)

    assert settings.vault_name == "demo-vault"
    assert settings.vault_url == "https://demo-vault.privatelink.vaultcore.azure.net"
    assert settings.vault_id.endswith(
        "/resourceGroups/demo-rg/providers/Microsoft.KeyVault/vaults/demo-vault"
    )


def test_an_address_without_the_vaults_name_also_needs_the_name() -> None:
    environment = without("KEY_VAULT_NAME") | {"KEY_VAULT_URL": "https://10.0.0.4/"}

    assert faults_of(environment) == [
        "KEY_VAULT_NAME: is required because KEY_VAULT_URL doesn't start with a vault's name"
    ]
    assert read_settings(environment | {"KEY_VAULT_NAME": "demo-vault"}).vault_name == "demo-vault"


@pytest.mark.parametrize(
    ("cloud", "suffix", "resource_manager"),
    [
        ("AzureUSGovernment", "vault.usgovcloudapi.net", "https://management.usgovcloudapi.net"),
        ("azurechinacloud", "vault.azure.cn", "https://management.chinacloudapi.cn"),
    ],
)
def test_another_cloud_has_other_endpoints(cloud: str, suffix: str, resource_manager: str) -> None:
    settings = read_settings(REQUIRED | {"AZURE_CLOUD": cloud})

    assert settings.vault_url == f"https://demo-vault.{suffix}"
    assert settings.endpoints.resource_manager == resource_manager


def test_an_overridden_endpoint_keeps_its_clouds_audience() -> None:
    settings: Settings = read_settings(
        REQUIRED | {"AZURE_RESOURCE_MANAGER_ENDPOINT": "https://localhost:8443/"}
    )

    assert settings.endpoints.resource_manager == "https://localhost:8443"
    assert settings.endpoints.resource_manager_audience == "https://management.azure.com"


def test_a_name_and_an_address_of_different_vaults_are_refused() -> None:
    faults = faults_of(REQUIRED | {"KEY_VAULT_URL": "https://other-vault.vault.azure.net"})

    assert faults == [
        "KEY_VAULT_URL: is the address of other-vault, not of the vault in KEY_VAULT_NAME"
    ]


def test_a_name_with_an_address_of_the_same_vault_or_another_host_is_accepted() -> None:
    for address in (
        "https://demo-vault.privatelink.vaultcore.azure.net",
        "https://Demo-Vault.vault.azure.net",
        "https://127.0.0.1:8443",
    ):
        assert read_settings(REQUIRED | {"KEY_VAULT_URL": address}).vault_name == "demo-vault"
