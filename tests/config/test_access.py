"""What can be requested, and by whom it is decided."""

import pytest

from config import read_settings
from tests.support.environment import REQUIRED, SUBSCRIPTION, fault_of, faults_of


@pytest.mark.parametrize(
    "name", ["bad name", "../keys", "", "x" * 128, "demo.api.key", "demo_api_key"]
)
def test_a_listed_secret_must_have_a_valid_name(name: str) -> None:
    [fault] = faults_of(REQUIRED | {"ALLOWED_SECRETS": f'["demo-api-key", "{name}"]'})

    assert fault.startswith("ALLOWED_SECRETS: must be names of secrets,")


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


def test_a_role_can_be_given_by_its_full_id() -> None:
    guid = "00482A5A-887F-4FB3-B363-3B7FE8E74483"
    full = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{guid}"

    settings = read_settings(REQUIRED | {"KEY_VAULT_ROLE_DEFINITION_ID": full})

    assert settings.role == guid.lower()
