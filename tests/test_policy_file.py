"""The policy file from an operator's view: its variable, its example and its manual."""

import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from composition.kinds import KINDS
from config import ConfigurationError, read_configuration, read_rules, read_settings
from domain.rotation.policy import Schedule
from domain.rotation.rotation import AppSlot, Dependent
from services.policy_file.schema import (
    AutoApproveTable,
    RotationTable,
    ScheduleTable,
    SecretTable,
    VaultTable,
)
from services.toml import TomlTable
from tests.support.environment import REQUIRED, SUBSCRIPTION

DOCS = Path(__file__).parent.parent / "docs"
EXAMPLE = DOCS / "policy.example.toml"
ROTATION = {
    "ROTATION_SECRET_NAME": "app-api-key",
    "DEPENDENT_APP_SERVICE_NAME": "checkout-api/staging",
    "DEPENDENT_APP_SETTING": "API_KEY",
}
TABLES: list[type[TomlTable]] = [
    SecretTable,
    AutoApproveTable,
    RotationTable,
    ScheduleTable,
    VaultTable,
]
TABLES += [each.table for each in KINDS.dependents.values()]
KEYS = {key for table in TABLES for key in table.model_fields}


def faults_of(environment: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigurationError) as refused:
        read_configuration(environment, KINDS)
    return refused.value.faults


def test_without_a_file_allowed_secrets_can_be_requested_and_nothing_is_rotated() -> None:
    settings = read_settings(REQUIRED | {"ALLOWED_SECRETS": '["demo-api-key"]'})

    rules = read_rules(settings, KINDS)

    assert [policy.secret for policy in rules.all()] == ["demo-api-key"]
    assert list(rules.rotated()) == []


def test_the_variables_set_one_secret_to_rotate_and_its_dependent() -> None:
    rules = read_rules(read_settings(REQUIRED | ROTATION), KINDS)

    (rotation,) = rules.rotated()

    assert rotation.secret == "app-api-key"
    assert rotation.vault.url == "https://demo-vault.vault.azure.net"
    assert rotation.schedule == Schedule("0 3 1 * *", "UTC", timedelta(minutes=5))
    assert rotation.overlap == timedelta(hours=24)
    assert rotation.dependents == (
        Dependent(AppSlot(SUBSCRIPTION, "demo-rg", "checkout-api", "staging"), "API_KEY"),
    )


def test_schedule_and_overlap_can_be_set_without_a_dependent() -> None:
    environment = REQUIRED | {
        "ROTATION_SECRET_NAME": "app-api-key",
        "ROTATION_SCHEDULE": "*/5  * * * *",
        "ROTATION_OVERLAP_HOURS": "0.5",
    }

    (rotation,) = read_rules(read_settings(environment), KINDS).rotated()

    assert rotation.schedule == Schedule("*/5 * * * *")
    assert rotation.overlap == timedelta(minutes=30)
    assert rotation.dependents == ()


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("ROTATION_SECRET_NAME", "app api key", "must be the name of a secret"),
        ("ROTATION_SCHEDULE", "monthly", "must be a cron expression with five fields"),
        ("ROTATION_OVERLAP_HOURS", "0", "must be a number above 0"),
        ("DEPENDENT_APP_SERVICE_NAME", "a/b/c", "must be the name of an App Service, or app/slot"),
        ("DEPENDENT_APP_SETTING", "API KEY", "must be the name of an app setting"),
        ("DEPENDENT_APP_SETTING", "", "is required together with DEPENDENT_APP_SERVICE_NAME"),
        ("DEPENDENT_APP_SERVICE_NAME", "", "is required together with DEPENDENT_APP_SETTING"),
    ],
)
def test_an_invalid_variable_is_named(variable: str, value: str, expected: str) -> None:
    (fault,) = faults_of(REQUIRED | ROTATION | {variable: value})

    assert fault.startswith(f"{variable}: {expected}")


def test_errors_of_the_file_are_reported_with_its_path(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[[secret]]\nname = "a"\nscope = "all"\n', encoding="utf-8")

    assert faults_of(REQUIRED | {"POLICY_FILE": str(file)}) == [
        f"{file}, line 3: secret a: scope: must be vault or secret"
    ]


def a_file(tmp_path: Path, content: str) -> dict[str, str]:
    """Write a policy file; return the required variables and the one that names it."""
    file = tmp_path / "policy.toml"
    file.write_text(content, encoding="utf-8")
    return REQUIRED | {"POLICY_FILE": str(file)}


def test_errors_of_the_file_are_reported_with_those_of_the_variables(tmp_path: Path) -> None:
    environment = a_file(tmp_path, '[[secret]]\nname = "a"\nscope = "all"\nmin_aprovals = 2\n')
    del environment["AZURE_RESOURCE_GROUP"]
    environment |= {"PORT": "none", "MicrosoftAppTenantId": ""}

    assert [fault.partition(": ")[0] for fault in faults_of(environment)] == [
        "AZURE_RESOURCE_GROUP",
        "MicrosoftAppTenantId",
        "PORT",
        f"{environment['POLICY_FILE']}, line 3",
        f"{environment['POLICY_FILE']}, line 4",
    ]


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SECRET_APPROVER_EMAIL", "avery"),
        ("MAX_ACCESS_HOURS", "many"),
        ("MIN_ACCESS_MINUTES", "300"),
        ("AZURE_SUBSCRIPTION_ID", "mine"),
        ("AZURE_CLOUD", "Moon"),
        ("KEY_VAULT_NAME", "-"),
        ("ROTATION_SCHEDULE", "monthly"),
    ],
)
def test_the_file_is_not_blamed_for_an_invalid_variable(
    variable: str, value: str, tmp_path: Path
) -> None:
    sound = """
[defaults]
min_approvals = 2

[[secret]]
name = "a"
requestable = true
max_duration = "3d"

[[secret]]
name = "b"
requestable = true
min_duration = "1h"
"""
    environment = a_file(tmp_path, sound) | {"SECRET_APPROVER_EMAIL": "a@x.y, b@x.y"}
    [fault] = faults_of(environment | {variable: value})

    assert fault.startswith(f"{variable}: must be ")


def test_a_missing_file_is_reported_along_with_errors_of_variables(tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere.toml")

    assert faults_of(REQUIRED | {"POLICY_FILE": nowhere, "PORT": "none"}) == [
        "PORT: must be a port number from 1 to 65535",
        "POLICY_FILE: cannot be read: No such file or directory",
    ]


def test_a_missing_file_is_reported_by_its_variable(tmp_path: Path) -> None:
    assert faults_of(REQUIRED | {"POLICY_FILE": str(tmp_path / "nowhere.toml")}) == [
        "POLICY_FILE: cannot be read: No such file or directory"
    ]


def test_a_file_that_is_not_text_is_reported_by_its_variable(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(b"\xff\xfe\x00")

    assert faults_of(REQUIRED | {"POLICY_FILE": str(file)}) == [
        "POLICY_FILE: cannot be read: it is not UTF-8"
    ]


def test_a_file_can_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_bytes(b'\xef\xbb\xbf[defaults]\nmax_duration = "2h"\n')

    settings = read_configuration(REQUIRED | {"POLICY_FILE": str(file)}, KINDS)

    assert read_rules(settings, KINDS).defaults.longest == timedelta(hours=2)


def test_the_example_is_valid_as_it_is() -> None:
    given = {"POLICY_FILE": str(EXAMPLE), "PUBLIC_URL": "https://latchkey.contoso.com"}
    rules = read_rules(read_settings(REQUIRED | given), KINDS)

    assert [policy.secret for policy in rules.all()] == [
        "payments-api-key",
        "reports-api-key",
        "dev-*",
    ]
    assert [policy.secret for policy in rules.rotated()] == [
        "payments-api-key",
        "reports-storage-key",
        "orders-database",
        "orders-connection",
    ]


def test_the_example_shows_every_key() -> None:
    assert set() == KEYS - set(_keys(tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("key", sorted(KEYS))
def test_the_manual_explains_every_key(key: str) -> None:
    assert f"`{key}`" in (DOCS / "policy.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("issuer", sorted(KINDS.issuers))
def test_the_manual_names_every_issuer(issuer: str) -> None:
    assert f"| `{issuer}` |" in (DOCS / "policy.md").read_text(encoding="utf-8")


def _keys(tree: object) -> list[str]:
    if isinstance(tree, dict):
        return [*tree, *(key for value in tree.values() for key in _keys(value))]
    if isinstance(tree, list):
        return [key for value in tree for key in _keys(value)]
    return []
