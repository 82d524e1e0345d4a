"""The variables of a bot as it is deployed, and of one on this machine; and errors in them."""

import pytest

from config import ConfigurationError, read_settings

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


def fault_of(name: str, value: str) -> str:
    """Return the only error for a value of this variable, without the name."""
    [fault] = faults_of(REQUIRED | {name: value})
    assert fault.startswith(f"{name}: ")
    return fault.removeprefix(f"{name}: ")
