"""The rights that a policy file needs, as parameters of infra."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts import paths, rights
from tests.infra import bicep

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
USER = "4633458b-17de-408a-b874-0445c86b69e6"
OFFICER = "b86a8fe4-44ce-4948-aee5-eccb2c155cd7"
ACCOUNT = (
    f"/subscriptions/{OTHER}/resourceGroups/data/providers/Microsoft.Storage"
    "/storageAccounts/contosodata"
)
APPLICATION = "60000000-0000-4000-8000-000000000001"

ENVIRONMENT = {
    "KEY_VAULT_NAME": "contoso-vault",
    "AZURE_RESOURCE_GROUP": "contoso-secrets",
    "AZURE_SUBSCRIPTION_ID": SUBSCRIPTION,
}

RULES = f"""
[defaults]
requestable = true
scope = "secret"
[[secret]]
name = "demo-api-key"
[[secret]]
name = "certificate"
role = "/providers/Microsoft.Authorization/roleDefinitions/{OFFICER.upper()}"
[[secret]]
name = "billing-key"
vault = {{ name = "billing-vault", resource_group = "billing", subscription = "{OTHER}" }}
[secret.rotation]
dependents = [
  {{ app = "billing-web", slot = "staging", setting = "KEY", resource_group = "apps" }},
  {{ app = "billing-web", setting = "KEY", resource_group = "apps" }},
]
[[secret]]
name = "storage-key"
requestable = false
[secret.rotation]
issuer = "storage-account"
options = {{ account = "{ACCOUNT}" }}
[[secret]]
name = "partner"
[secret.rotation]
issuer = "app-registration"
options = {{ application = "{APPLICATION}" }}
"""


@pytest.fixture
def policy_file(tmp_path: Path) -> str:
    file = tmp_path / "policy.toml"
    file.write_text(RULES, encoding="utf-8")
    return str(file)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> Mapping[str, Any]:
    """Return the parameters that the script prints as JSON."""
    assert rights.main([*arguments, "--json"], ENVIRONMENT) == 0
    parameters = json.loads(capsys.readouterr().out)["parameters"]
    return {name: given["value"] for name, given in parameters.items()}


def test_each_right_that_the_rules_need_is_there_once(
    policy_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    own = {"vault": "contoso-vault", "resourceGroup": "contoso-secrets"}
    billing = {"vault": "billing-vault", "resourceGroup": "billing", "subscription": OTHER}

    assert printed(capsys, policy_file) == {
        "vaults": [{**own, "roles": [USER, OFFICER]}, {**billing, "roles": [USER]}],
        "rotatedSecrets": [
            {**billing, "secret": "billing-key"},
            {**own, "secret": "storage-key"},
            {**own, "secret": "partner"},
        ],
        "dependentApps": [{"app": "billing-web", "resourceGroup": "apps"}],
        "rotatedStorageAccounts": [
            {"account": "contosodata", "resourceGroup": "data", "subscription": OTHER}
        ],
    }


def test_the_lines_are_for_the_parameter_file(
    policy_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert rights.main([policy_file], ENVIRONMENT) == 0

    lines = capsys.readouterr().out
    assert lines.startswith("// The bot's rights, by `python scripts/dev.py rights ")
    assert re.findall(r"^param (\w+) = \[$", lines, re.MULTILINE) == [
        "vaults",
        "rotatedSecrets",
        "dependentApps",
        "rotatedStorageAccounts",
    ]
    assert f"    roles: [\n      '{USER}'\n      '{OFFICER}'\n    ]\n" in lines


def test_the_parameters_and_their_members_are_those_of_infra(
    policy_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main = bicep.source("main.bicep")

    found = printed(capsys, policy_file)
    assert found.keys() <= bicep.parameters(main).keys()
    members = {member for entries in found.values() for one in entries for member in one}
    assert members == set(re.findall(r"\beach\.\??(\w+)", main))


def test_ownership_is_named_since_no_deployment_gives_it(
    policy_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rights.main([policy_file], ENVIRONMENT)

    assert capsys.readouterr().err == (
        f"The bot has to own the application {APPLICATION}: docs/deploy.md, step 6.\n"
    )


def test_the_rights_of_one_rotation_by_variables_are_those_that_infra_adds_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The two must be equal, so that Bicep's `union` gives each right once."""
    file = tmp_path / "policy.toml"
    file.write_text("", encoding="utf-8")
    rotating = {
        "ROTATION_SECRET_NAME": "app-api-key",
        "DEPENDENT_APP_SERVICE_NAME": "contoso-web/staging",
        "DEPENDENT_APP_SETTING": "KEY",
    }
    assert rights.main([str(file), "--json"], {**ENVIRONMENT, **rotating}) == 0

    given = json.loads(capsys.readouterr().out)["parameters"]
    assert given["rotatedSecrets"]["value"] == [
        {"vault": "contoso-vault", "resourceGroup": "contoso-secrets", "secret": "app-api-key"}
    ]
    assert given["dependentApps"]["value"] == [
        {"app": "contoso-web", "resourceGroup": "contoso-secrets"}
    ]


def test_the_vault_can_be_an_argument(policy_file: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--vault", "other-vault", "--resource-group", "other-group", policy_file]

    assert rights.main(given, {}) == 0
    assert "    vault: 'other-vault'\n    resourceGroup: 'other-group'\n" in (
        capsys.readouterr().out
    )


def test_what_is_missing_or_wrong_is_said(
    policy_file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(policy_file).write_text("[[secret]]\nname = 'a'\nroles = []\n", encoding="utf-8")

    assert rights.main([policy_file], {}) == 1
    said = capsys.readouterr().err
    assert "KEY_VAULT_NAME: is required" in said
    assert "AZURE_RESOURCE_GROUP: is required" in said
    assert "roles" in said


def test_the_example_needs_no_variable_that_says_nothing_about_rights(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It has a secret with `step_up`, which the bot takes only where people can sign in."""
    example = paths.ROOT / "docs" / "policy.example.toml"
    named = ["--vault", "contoso-vault", "--resource-group", "contoso-secrets"]

    assert "\nstep_up = " in example.read_text(encoding="utf-8")
    assert rights.main([str(example), *named], {}) == 0
    assert "    secret: 'payments-api-key'\n" in capsys.readouterr().out


def test_text_in_a_parameter_cannot_end_it() -> None:
    found = {"vaults": [{"vault": "it's ${x} \\"}]}

    assert "vault: 'it\\'s \\${x} \\\\'" in rights.as_bicep(found, "policy.toml")
