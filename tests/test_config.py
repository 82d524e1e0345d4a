"""Settings from the environment: all errors are reported at once, by name."""

from datetime import timedelta
from pathlib import Path

import pytest

from cards.languages.language import LANGUAGES
from composition.kinds import KINDS
from config import (
    ConfigurationError,
    Settings,
    log_format_of,
    misspelt_variables,
    read_configuration,
    read_settings,
)
from domain.access.policy import ScopeKind
from tests.support.certificates import an_app_certificate

TENANT = "7d3c2f0a-91c4-4f0e-8a55-0c6f2f1e9b77"
SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"

PASSWORD = "bot-password-of-the-test"
CLIENT_SECRET = "client-secret-of-the-test"
CERTIFICATE_PASSWORD = "certificate-password-of-the-test"
ACCOUNT_KEY = "YWNjb3VudC1rZXktb2YtdGhlLXRlc3Q="
METRICS_TOKEN = "metrics-token-of-the-test-0123456789"
INSTRUMENTATION_KEY = "5d1c1f0e-2f0b-4c7a-9a43-6c1f8f6f0a11"

REQUIRED = {
    "MicrosoftAppId": "0b9f3ab1-6f5e-4a59-9a4b-1f0c3a4d5e6f",
    "MicrosoftAppPassword": PASSWORD,
    "MicrosoftAppTenantId": TENANT,
    "KEY_VAULT_NAME": "demo-vault",
    "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
    "AZURE_RESOURCE_GROUP": "demo-rg",
    "SECRET_APPROVER_EMAIL": "avery@contoso.com",
    "ADMIN_TEAMS_GROUP_ID": "9c1f0f4e-0d8f-4d36-8f7b-2f6f0c3d5a10",
    "ADMIN_TEAMS_CHANNEL_ID": "19:audit@thread.tacv2",
    "AZURE_STORAGE_CONNECTION_STRING": f"AccountName=demo;AccountKey={ACCOUNT_KEY}",
}
LOCAL = {
    name: value
    for name, value in REQUIRED.items()
    if not name.startswith(("MicrosoftApp", "ADMIN_TEAMS"))
} | {"LATCHKEY_LOCAL": "1"}


def faults_of(environment: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        read_settings(environment)
    return refused.value.faults


def names_of(faults: list[str]) -> list[str]:
    return [fault.partition(":")[0] for fault in faults]


def without(*names: str) -> dict[str, str]:
    return {name: value for name, value in REQUIRED.items() if name not in names}


def test_unset_variables_have_their_defaults() -> None:
    settings = read_settings(REQUIRED)

    assert (settings.app_type, settings.listen_on, settings.port) == (
        "SingleTenant",
        "0.0.0.0",  # noqa: S104 - a container listens on all
        3978,
    )
    assert settings.allowed_secrets == ()
    assert (settings.shortest, settings.longest) == (timedelta(minutes=5), timedelta(hours=4))
    assert settings.role == "4633458b-17de-408a-b874-0445c86b69e6"
    assert settings.scope_kind is ScopeKind.VAULT
    assert settings.vault_url == "https://demo-vault.vault.azure.net"
    assert settings.endpoints.resource_manager == "https://management.azure.com"
    assert settings.tenants == frozenset({TENANT})


def test_an_empty_variable_counts_as_unset() -> None:
    emptied = REQUIRED | {"PORT": "", "MAX_ACCESS_HOURS": "  ", "GRANT_SCOPE": "\t"}

    assert read_settings(emptied) == read_settings(REQUIRED)


def test_spaces_around_a_value_are_ignored() -> None:
    spaced = {name: f" {value}\n" for name, value in REQUIRED.items()}

    assert read_settings(spaced) == read_settings(REQUIRED)


def test_all_missing_variables_are_named_at_once() -> None:
    assert names_of(faults_of({})) == [
        "AZURE_RESOURCE_GROUP",
        "AZURE_STORAGE_CONNECTION_STRING",
        "AZURE_SUBSCRIPTION_ID",
        "KEY_VAULT_NAME",
        "MicrosoftAppId",
        "SECRET_APPROVER_EMAIL",
    ]


def test_what_else_a_registration_needs_is_named_at_once() -> None:
    environment = without(
        "MicrosoftAppPassword",
        "MicrosoftAppTenantId",
        "ADMIN_TEAMS_CHANNEL_ID",
    )

    assert names_of(faults_of(environment)) == [
        "ADMIN_TEAMS_CHANNEL_ID",
        "MicrosoftAppPassword",
        "MicrosoftAppTenantId",
    ]


def test_all_invalid_variables_are_named_at_once_with_the_expected_format() -> None:
    wrong = {
        "ADMIN_USERS": "avery",
        "ALLOWED_SECRETS": "demo-api-key",
        "AZURE_CLOUD": "Moon",
        "AUDIT_LANGUAGE": "fr",
        "AZURE_STORAGE_CONNECTION_STRING": "demo",
        "AZURE_SUBSCRIPTION_ID": "mine",
        "AZURE_TENANT_ID": "contoso.com",
        "GRANT_SCOPE": "world",
        "KEY_VAULT_ROLE_DEFINITION_ID": "Owner",
        "KEY_VAULT_URL": "http://demo-vault",
        "MAX_ACCESS_HOURS": "four",
        "MIN_ACCESS_MINUTES": "0",
        "MicrosoftAppId": "latchkey",
        "MicrosoftAppType": "Managed",
        "PORT": "99999",
    }

    faults = faults_of(REQUIRED | wrong)

    assert names_of(faults) == sorted(wrong)
    assert "PORT: must be a port number from 1 to 65535" in faults
    assert 'ALLOWED_SECRETS: must be a JSON list of names, like ["demo-api-key"]' in faults
    assert "MIN_ACCESS_MINUTES: must be a number above 0 and below 1,000,000" in faults
    assert (
        "ADMIN_USERS: must be emails, Entra object IDs or group:Name, separated by commas" in faults
    )


def test_contradictory_bounds_are_reported_along_with_the_rest() -> None:
    bounds = {"MIN_ACCESS_MINUTES": "90", "MAX_ACCESS_HOURS": "1"}

    assert faults_of(REQUIRED | bounds) == [
        "MIN_ACCESS_MINUTES: must be no longer than MAX_ACCESS_HOURS"
    ]
    assert names_of(faults_of(REQUIRED | bounds | {"PORT": "none"})) == [
        "MIN_ACCESS_MINUTES",
        "PORT",
    ]
    assert names_of(faults_of(REQUIRED | {"MAX_ACCESS_HOURS": "0.05"})) == ["MIN_ACCESS_MINUTES"]
    assert faults_of(REQUIRED | {"MIN_ACCESS_MINUTES": "0.016"}) == [
        "MIN_ACCESS_MINUTES: must be a second or longer, such as 0.02"
    ]


@pytest.mark.parametrize(
    "name", ["bad name", "../keys", "", "x" * 128, "demo.api.key", "demo_api_key"]
)
def test_a_listed_secret_must_have_a_valid_name(name: str) -> None:
    [fault] = faults_of(REQUIRED | {"ALLOWED_SECRETS": f'["demo-api-key", "{name}"]'})

    assert fault.startswith("ALLOWED_SECRETS: must be names of secrets,")


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
    "connection_string",
    [
        "demo",
        "AccountName=demo",
        f"AccountKey={ACCOUNT_KEY}",
        f"AccountName=demo;AccountKey={ACCOUNT_KEY};what",
        "AccountName=demo;AccountKey=",
        "SharedAccessSignature=sv=2024&sig=a%3D",
    ],
)
def test_a_connection_string_no_client_can_use_is_refused(connection_string: str) -> None:
    [fault] = faults_of(REQUIRED | {"AZURE_STORAGE_CONNECTION_STRING": connection_string})

    assert fault == (
        "AZURE_STORAGE_CONNECTION_STRING: must be a connection string "
        "with an AccountName and an AccountKey, or with a SharedAccessSignature"
    )


@pytest.mark.parametrize(
    "connection_string",
    [
        "UseDevelopmentStorage=true",
        f"DefaultEndpointsProtocol=https;AccountName=demo;AccountKey={ACCOUNT_KEY};",
        "TableEndpoint=https://demo.table.core.windows.net/;SharedAccessSignature=sv=2024&sig=a%3D",
        f"AccountName=demo;AccountKey={ACCOUNT_KEY};TableEndpoint=https://demo.table.cosmos.azure.com/",
    ],
)
def test_every_usual_kind_of_connection_string_is_accepted(connection_string: str) -> None:
    settings = read_settings(REQUIRED | {"AZURE_STORAGE_CONNECTION_STRING": connection_string})

    assert settings.storage_connection_string == connection_string


def fault_of(name: str, value: str) -> str:
    """Return the only error for a value of this variable, without the name."""
    [fault] = faults_of(REQUIRED | {name: value})
    assert fault.startswith(f"{name}: ")
    return fault.removeprefix(f"{name}: ")


CHANNEL = "must be a channel ID, like 19:…@thread.tacv2"
TEAM = "must be the team's GUID, which follows groupId= in the link to the channel"
VAULT = (
    "must be the name of a vault: 3 to 24 letters, digits and single hyphens, "
    "starting with a letter and not ending with a hyphen"
)


@pytest.mark.parametrize(
    "copied",
    [
        "19%3aabc_123-XYZ%40thread.tacv2",
        "19%3Aabc_123-XYZ%40thread.tacv2",
        "19%253Aabc_123-XYZ%2540thread.tacv2",
        "19:abc_123-XYZ@thread.tacv2;messageid=1700000000000",
        "https://teams.microsoft.com/l/channel/19%3aabc_123-XYZ%40thread.tacv2/Audit?groupId=9c1f",
    ],
)
def test_a_channel_id_copied_from_a_link_is_shown_in_the_right_form(copied: str) -> None:
    fault = fault_of("ADMIN_TEAMS_CHANNEL_ID", copied)

    assert fault == (f"{CHANNEL}; this looks copied from a link: use 19:abc_123-XYZ@thread.tacv2")


@pytest.mark.parametrize("value", ["Audit", "19:", "19:a b@thread.tacv2", "%", f"19%3a {PASSWORD}"])
def test_an_invalid_channel_id_is_reported_without_repeating_it(value: str) -> None:
    assert fault_of("ADMIN_TEAMS_CHANNEL_ID", value) == CHANNEL


def test_swapped_ids_of_team_and_channel_are_noticed() -> None:
    swapped = {
        "ADMIN_TEAMS_GROUP_ID": REQUIRED["ADMIN_TEAMS_CHANNEL_ID"],
        "ADMIN_TEAMS_CHANNEL_ID": REQUIRED["ADMIN_TEAMS_GROUP_ID"],
    }

    assert faults_of(REQUIRED | swapped) == [
        f"ADMIN_TEAMS_CHANNEL_ID: {CHANNEL}; this is a GUID, as ADMIN_TEAMS_GROUP_ID takes",
        f"ADMIN_TEAMS_GROUP_ID: {TEAM}; this is a channel ID",
    ]


@pytest.mark.parametrize(
    "value", ["Operations", "9c1f0f4e", "{9c1f0f4e-0d8f-4d36-8f7b-2f6f0c3d5a10}"]
)
def test_a_group_id_must_be_a_guid(value: str) -> None:
    assert fault_of("ADMIN_TEAMS_GROUP_ID", value) == TEAM


def test_the_team_of_the_audit_channel_is_optional() -> None:
    assert read_settings(without("ADMIN_TEAMS_GROUP_ID")).audit_team_id is None


@pytest.mark.parametrize("name", ["SECRET_APPROVER_EMAIL", "ADMIN_USERS"])
def test_people_are_separated_by_commas(name: str) -> None:
    commas = "must be emails, Entra object IDs or group:Name, separated by commas"

    assert fault_of(name, "avery@contoso.com; robin@contoso.com") == (f"{commas}, not semicolons")
    assert fault_of(name, "avery@contoso.com robin@contoso.com") == commas
    assert fault_of(name, "Avery Approver <avery@contoso.com>") == commas
    assert fault_of(name, "avery@contoso.com, robin") == (f"{commas}; entry 2 is none of them")
    assert fault_of(name, ",") == commas
    assert fault_of(name, "@contoso.com") == commas


def test_a_guest_is_named_by_their_sign_in_name() -> None:
    guest = "avery_fabrikam.com#EXT#@contoso.onmicrosoft.com"

    assert read_settings(REQUIRED | {"SECRET_APPROVER_EMAIL": guest}).approvers == (guest,)


@pytest.mark.parametrize(
    "name", ["kv", "1vault", "-vault", "vault-", "my--vault", "my_vault", "v" * 25, "tresör-1"]
)
def test_a_vault_must_have_a_valid_name(name: str) -> None:
    assert fault_of("KEY_VAULT_NAME", name) == VAULT


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


@pytest.mark.parametrize(
    ("service", "what"),
    [("blob", "blobs"), ("queue", "queues"), ("file", "files"), ("dfs", "Data Lake files")],
)
def test_an_endpoint_of_another_storage_service_is_refused(service: str, what: str) -> None:
    fault = fault_of("AZURE_TABLES_ENDPOINT", f"https://demo.{service}.core.windows.net/")

    assert fault == (
        f"must be the address for tables, not for {what}: https://demo.table.core.windows.net"
    )


@pytest.mark.parametrize(
    "address",
    [
        "https://demo.table.core.windows.net",
        "https://demo.table.cosmos.azure.com:443",
        "https://demo.z12.table.storage.azure.net",
        "https://127.0.0.1:10002/devstoreaccount1",
        "https://tables.contoso.example",
    ],
)
def test_every_usual_table_endpoint_is_accepted(address: str) -> None:
    assert read_settings(REQUIRED | {"AZURE_TABLES_ENDPOINT": address}).tables_endpoint == address


def test_a_connection_string_for_blobs_is_refused() -> None:
    name, key = "AZURE_STORAGE_CONNECTION_STRING", f"AccountName=demo;AccountKey={ACCOUNT_KEY}"
    blobs = "https://demo.blob.core.windows.net/"
    must_be = "must be a connection string for tables: "

    for credential in (key, "SharedAccessSignature=sv=2024&sig=a%3D"):
        assert fault_of(name, f"BlobEndpoint={blobs};{credential}") == (
            f"{must_be}this one has a BlobEndpoint but no TableEndpoint"
        )
    assert fault_of(name, f"{key};TableEndpoint={blobs}") == (
        f"{must_be}its TableEndpoint is for blobs"
    )


def test_quotes_around_a_value_are_noticed() -> None:
    assert fault_of("KEY_VAULT_NAME", '"demo-vault"') == f"{VAULT} (without quotes around it)"


def test_no_error_shows_a_regular_expression_or_the_librarys_message() -> None:
    nonsense = "\\ ^ nonsense $"
    aliases = [str(field.alias) for field in Settings.model_fields.values()]

    faults = faults_of(REQUIRED | dict.fromkeys(aliases, nonsense))

    assert len(faults) > 20
    for fault in faults:
        assert not any(
            mark in fault for mark in ("pattern", "^", "\\", "[", "String", "Input")
        ) or (fault == 'ALLOWED_SECRETS: must be a JSON list of names, like ["demo-api-key"]')


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("ALOWED_SECRETS", "ALLOWED_SECRETS"),
        ("KEYVAULT_NAME", "KEY_VAULT_NAME"),
        ("MAX_ACCESS_HOUR", "MAX_ACCESS_HOURS"),
        ("MICROSOFT_APP_ID", "MicrosoftAppId"),
        ("MicrosoftAppID", "MicrosoftAppId"),
        ("AZURE_TABLE_ENDPOINT", "AZURE_TABLES_ENDPOINT"),
        ("allowed_secrets", "ALLOWED_SECRETS"),
        ("APPROVER_EMAIL", None),
        ("SECRET_APPROVER_EMAILS", "SECRET_APPROVER_EMAIL"),
    ],
)
def test_a_misspelt_setting_gets_a_warning(given: str, meant: str | None) -> None:
    said = misspelt_variables({**REQUIRED, given: "x"})

    assert said == ([f"{given} is ignored: did you mean {meant}?"] if meant else [])


def test_variables_of_other_programs_are_not_taken_for_misspelt_settings() -> None:
    platform = [
        "PATH", "HOME", "HOSTNAME", "PORTS", "WEBSITE_SITE_NAME", "WEBSITES_PORT",
        "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "AZURE_CONFIG_DIR",
        "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_KEY",
        "APPINSIGHTS_INSTRUMENTATIONKEY", "ApplicationInsightsAgent_EXTENSION_VERSION",
        "AZURE_POD_IDENTITY_AUTHORITY_HOST", "AZURE_LOG_LEVEL", "NO_PROXY", "SSL_CERT_FILE",
    ]  # fmt: skip
    copies = [f"APPSETTING_{field.alias}" for field in Settings.model_fields.values()]

    assert misspelt_variables(dict.fromkeys([*platform, *copies], "x")) == []


def test_no_setting_is_taken_for_a_misspelt_one() -> None:
    aliases = [str(field.alias) for field in Settings.model_fields.values()]

    assert misspelt_variables(dict.fromkeys(aliases, "x")) == []


def test_neither_settings_nor_errors_show_credentials() -> None:
    credentials = {
        "MicrosoftAppPassword": PASSWORD,
        "AZURE_CLIENT_ID": SUBSCRIPTION,
        "AZURE_TENANT_ID": TENANT,
        "AZURE_CLIENT_SECRET": CLIENT_SECRET,
        "AZURE_CLIENT_CERTIFICATE_PASSWORD": CERTIFICATE_PASSWORD,
        "APPLICATIONINSIGHTS_CONNECTION_STRING": f"InstrumentationKey={INSTRUMENTATION_KEY}",
        "METRICS_TOKEN": METRICS_TOKEN,
    }
    settings = read_settings(REQUIRED | credentials)
    # Pasted into the wrong variables, each one with a format check.
    misplaced = ConfigurationError(
        faults_of(
            REQUIRED
            | {
                "MicrosoftAppId": PASSWORD,
                "AZURE_SUBSCRIPTION_ID": CLIENT_SECRET,
                "KEY_VAULT_NAME": f"AccountKey={ACCOUNT_KEY}",
                "AZURE_TABLES_ENDPOINT": f"https://demo.table.core.windows.net/?sig={ACCOUNT_KEY}",
                "AZURE_STORAGE_CONNECTION_STRING": f"AccountKey={ACCOUNT_KEY}",
                "APPLICATIONINSIGHTS_CONNECTION_STRING": INSTRUMENTATION_KEY,
                "PORT": CERTIFICATE_PASSWORD,
                "METRICS_TOKEN": f"{METRICS_TOKEN} twice",
                "LOG_FORMAT": METRICS_TOKEN,
            }
        )
    )

    shown = f"{settings!r} {settings} {misplaced!r} {misplaced}"
    for credential in (
        PASSWORD,
        CLIENT_SECRET,
        CERTIFICATE_PASSWORD,
        ACCOUNT_KEY,
        INSTRUMENTATION_KEY,
        METRICS_TOKEN,
    ):
        assert credential not in shown


def test_without_an_app_id_it_must_be_local() -> None:
    [fault] = faults_of({name: value for name, value in LOCAL.items() if name != "LATCHKEY_LOCAL"})

    assert fault.startswith("MicrosoftAppId: is required unless LATCHKEY_LOCAL is 1; ")


def test_without_an_app_id_it_listens_on_loopback_whatever_the_host_setting() -> None:
    settings = read_settings(LOCAL | {"HOST": "0.0.0.0"})  # noqa: S104 - must be ignored

    assert settings.listen_on == "127.0.0.1"


def test_with_an_app_id_the_local_switch_changes_nothing() -> None:
    switched = read_settings(REQUIRED | {"LATCHKEY_LOCAL": "1", "HOST": "10.0.0.4"})

    assert (switched.app_id, switched.listen_on) == (REQUIRED["MicrosoftAppId"], "10.0.0.4")


def test_a_managed_identity_needs_no_password() -> None:
    environment = without("MicrosoftAppPassword") | {"MicrosoftAppType": "userassignedmsi"}

    assert read_settings(environment).app_type == "UserAssignedMSI"


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


def test_a_role_can_be_given_by_its_full_id() -> None:
    guid = "00482A5A-887F-4FB3-B363-3B7FE8E74483"
    full = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}"

    settings = read_settings(REQUIRED | {"KEY_VAULT_ROLE_DEFINITION_ID": full})

    assert settings.role == guid.lower()


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


PUBLIC = {"PUBLIC_URL": "https://latchkey.contoso.com/"}


def test_people_sign_in_to_the_bots_own_registration_by_default() -> None:
    settings = read_settings(REQUIRED | PUBLIC)

    assert settings.public_url == "https://latchkey.contoso.com"
    assert settings.sign_in_client_id == settings.app_id
    assert settings.sign_in_secret == PASSWORD
    assert settings.missing_for_sign_in == ()


def test_another_registration_has_a_secret_of_its_own_or_none(tmp_path: Path) -> None:
    file, own = tmp_path / "app.pem", an_app_certificate()
    file.write_text(own.key + own.certificate, encoding="ascii")
    other = {"SIGN_IN_CLIENT_ID": "40000000-0000-4000-8000-000000000005"}
    federated = read_settings(REQUIRED | PUBLIC | other)
    with_secret = read_settings(REQUIRED | PUBLIC | other | {"SIGN_IN_CLIENT_SECRET": "s3cret"})
    certified = read_settings(REQUIRED | PUBLIC | {"SIGN_IN_CERTIFICATE_PATH": str(file)})

    assert federated.sign_in_secret is None
    assert with_secret.sign_in_secret == "s3cret"
    assert "s3cret" not in repr(with_secret)
    assert (certified.sign_in_secret, certified.sign_in_certificate_path) == (None, str(file))


def test_nobody_can_sign_in_to_a_managed_identity() -> None:
    managed = REQUIRED | PUBLIC | {"MicrosoftAppType": "UserAssignedMSI"}

    assert read_settings(managed).missing_for_sign_in == ("SIGN_IN_CLIENT_ID",)
    assert read_settings(REQUIRED).missing_for_sign_in == ("PUBLIC_URL",)


@pytest.mark.parametrize(
    "address",
    [
        "latchkey.contoso.com",
        "https://latchkey.contoso.com/bot",
        "https://a:b@c",
        "https://",
        "ftp://x",
    ],
)
def test_the_public_address_is_an_https_origin(address: str) -> None:
    [fault] = faults_of(REQUIRED | {"PUBLIC_URL": address})

    assert fault.startswith("PUBLIC_URL: must be ")


def test_the_public_address_uses_http_on_this_machine_alone() -> None:
    local = {"PUBLIC_URL": "http://localhost:3978"}

    assert (
        read_settings(REQUIRED | local | {"LATCHKEY_LOCAL": "1"}).public_url == local["PUBLIC_URL"]
    )
    assert faults_of(REQUIRED | local) == [
        "PUBLIC_URL: must be an https address (http only with LATCHKEY_LOCAL=1)"
    ]
    assert len(faults_of(REQUIRED | {"PUBLIC_URL": "http://10.0.0.1", "LATCHKEY_LOCAL": "1"})) == 1


def test_a_secret_and_a_certificate_are_one_too_many() -> None:
    both = {"SIGN_IN_CLIENT_SECRET": "s", "SIGN_IN_CERTIFICATE_PATH": "/app.pem"}

    assert faults_of(REQUIRED | both) == [
        "SIGN_IN_CERTIFICATE_PATH: can't be combined with SIGN_IN_CLIENT_SECRET"
    ]


def test_a_policy_with_step_up_and_no_sign_in_is_reported_with_the_other_errors(
    tmp_path: Path,
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[defaults]\nstep_up = true\n", encoding="utf-8")
    environment = REQUIRED | {"POLICY_FILE": str(file), "PORT": "0"}

    with pytest.raises(ConfigurationError) as refused:
        read_configuration(environment, KINDS)
    assert len(refused.value.faults) == 2
    assert "step_up: needs a sign-in, so set PUBLIC_URL too" in str(refused.value)


def test_the_audit_channel_can_have_each_language_that_there_are_texts_in() -> None:
    read = [read_settings(REQUIRED | {"AUDIT_LANGUAGE": code.upper()}) for code in LANGUAGES]

    assert [settings.audit_language for settings in read] == list(LANGUAGES)
    assert read_settings(REQUIRED).audit_language == "en"
    assert faults_of(REQUIRED | {"AUDIT_LANGUAGE": "fr"}) == [
        "AUDIT_LANGUAGE: must be one of en, de"
    ]


def test_the_log_is_for_people_unless_json_is_wanted() -> None:
    given: list[dict[str, str]] = [{}, {"LOG_FORMAT": " JSON "}, {"LOG_FORMAT": "xml"}]

    assert [log_format_of(each) for each in given] == ["text", "json", "text"]
    assert read_settings(REQUIRED | {"LOG_FORMAT": "Json"}).log_format == "json"
    assert faults_of(REQUIRED | {"LOG_FORMAT": "xml"}) == ["LOG_FORMAT: must be one of text, json"]


@pytest.mark.parametrize("given", [METRICS_TOKEN[:31], "32 letters, and some spaces too", "ä" * 40])
def test_a_token_for_the_metrics_is_hard_to_guess_and_fits_into_a_header(given: str) -> None:
    assert "at least 32 letters and digits" in fault_of("METRICS_TOKEN", given)


def test_a_key_vault_reference_that_nobody_resolved_is_no_token() -> None:
    reference = "@Microsoft.KeyVault(SecretUri=https://demo-vault.vault.azure.net/secrets/token)"

    assert fault_of("METRICS_TOKEN", reference).endswith("hasn't resolved its Key Vault reference")


@pytest.mark.parametrize("given", ["399", "1", "-1", "400.5", "a year", "1000000"])
def test_what_ended_is_kept_for_a_year_and_a_month_or_for_ever(given: str) -> None:
    assert "from 400 on, or 0 to keep everything" in fault_of("RETENTION_DAYS", given)


def test_what_ended_is_kept_for_as_long_as_is_set() -> None:
    kept = [
        read_settings(REQUIRED | given).retention_days
        for given in ({}, {"RETENTION_DAYS": "0"}, {"RETENTION_DAYS": "800"})
    ]

    assert kept == [400, 0, 800]


@pytest.mark.parametrize("given", ["demo", "http://demo.blob/x", "https://demo.blob/"])
def test_the_archive_is_a_container(given: str) -> None:
    assert "must be " in fault_of("ARCHIVE_CONTAINER_URL", given)


def test_the_address_of_a_container_is_read() -> None:
    address = "https://demo.blob.core.windows.net/archive"

    found = read_settings(REQUIRED | {"ARCHIVE_CONTAINER_URL": address}).archive_container

    assert found == address
