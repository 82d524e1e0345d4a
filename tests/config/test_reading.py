"""Settings from the environment: all errors are reported at once, by name."""

from datetime import timedelta

import pytest

from config import ConfigurationError, Settings, misspelt_variables, read_settings
from domain.access.rules.policy import ScopeKind
from tests.support.environment import (
    ACCOUNT_KEY,
    CERTIFICATE_PASSWORD,
    CLIENT_SECRET,
    INSTRUMENTATION_KEY,
    METRICS_TOKEN,
    PASSWORD,
    REQUIRED,
    SUBSCRIPTION,
    TENANT,
    faults_of,
    names_of,
    without,
)


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
