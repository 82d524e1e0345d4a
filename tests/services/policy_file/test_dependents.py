"""Dependents in a policy file: each table is read as that of the kind whose key it has."""

import pytest

from domain.rotation.rotation import AppSlot, Dependent
from services.rotation.dependents.connection_string import TYPES
from tests.services.policy_file.files import APP, OTHER_SUBSCRIPTION, faults_in, read


def _dependents(tables: str) -> tuple[Dependent, ...]:
    [rotation] = read(f"""
[[secret]]
name = "app-api-key"
[secret.rotation]
dependents = [{tables}]
""").rotated()
    return rotation.dependents


def _faults(tables: str) -> list[str]:
    faults = faults_in(f"""
[[secret]]
name = "a"
[secret.rotation]
dependents = [{tables}]
""")
    return [fault.removeprefix("line 5: secret a: rotation.dependents #") for fault in faults]


def test_a_connection_string_is_a_dependent_beside_a_setting() -> None:
    found = _dependents("""
  { app = "checkout-api", setting = "API_KEY" },
  { app = "checkout-api", connection_string = "DefaultConnection" },
""")

    assert found == (
        Dependent(APP, "API_KEY"),
        Dependent(APP, "DefaultConnection", kind="connection_string"),
    )


def test_a_connection_string_takes_what_a_setting_takes_and_a_type() -> None:
    found = _dependents(
        f"""
  {{ app = "shop", slot = "staging", connection_string = "Db", resource_group = "rg-shop",
     subscription = "{OTHER_SUBSCRIPTION}", health_url = "https://shop.example/health",
     create = true, type = "sqlazure" }},
""".replace("\n     ", " ")
    )

    app = AppSlot(OTHER_SUBSCRIPTION, "rg-shop", "shop", "staging")
    assert found == (
        Dependent(
            app,
            "Db",
            "https://shop.example/health",
            create=True,
            kind="connection_string",
            options=(("type", "SQLAzure"),),
        ),
    )


def test_a_setting_and_a_connection_string_of_one_name_are_two() -> None:
    found = _dependents("""
  { app = "checkout-api", setting = "KEY" },
  { app = "checkout-api", connection_string = "KEY" },
""")

    assert [str(each) for each in found] == [
        "checkout-api KEY",
        "checkout-api connection string KEY",
    ]


def test_a_type_has_to_be_one_of_app_services() -> None:
    faults = _faults('{ app = "shop", connection_string = "Db", type = "Oracle" }')

    assert faults == [f"1: type: must be one of {', '.join(TYPES)}"]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ('{ app = "shop" }', "1: setting: is required"),
        ('{ connection_string = "Db" }', "1: app: is required"),
        (
            '{ app = "shop", setting = "KEY", type = "Custom" }',
            "1: type: is not a key of this table",
        ),
        (
            '{ app = "shop", setting = "KEY", connection_string = "Db" }',
            "1: connection_string: is not a key of this table",
        ),
        (
            '{ app = "shop", connection_strin = "Db" }',
            "1: connection_strin: is not a key of this table; did you mean connection_string?",
        ),
        ("3", "1: must be a table"),
    ],
)
def test_what_is_wrong_is_named_with_its_key(table: str, expected: str) -> None:
    assert expected in _faults(table)


def test_one_connection_string_cannot_have_two_secrets() -> None:
    faults = _faults("""{ app = "shop", connection_string = "Db" },
  { app = "shop", connection_string = "DB" },""")

    assert faults == ["2: shop connection string DB is already a dependent of a"]
