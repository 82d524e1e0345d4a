"""What people sign in to."""

from pathlib import Path

import pytest

from composition.kinds import KINDS
from config import ConfigurationError, read_configuration, read_settings
from tests.support.certificates import an_app_certificate
from tests.support.environment import PASSWORD, REQUIRED, faults_of, names_of, without

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


@pytest.mark.parametrize("name", ["MicrosoftAppTenantId", "AZURE_TENANT_ID"])
def test_a_policy_with_step_up_is_not_blamed_for_an_error_in_the_tenant(
    name: str, tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[defaults]\nstep_up = true\n", encoding="utf-8")
    signing_in = {"PUBLIC_URL": "https://latchkey.example", "POLICY_FILE": str(file)}

    with pytest.raises(ConfigurationError) as refused:
        read_configuration(without("MicrosoftAppTenantId") | signing_in | {name: "contoso"}, KINDS)
    assert names_of(refused.value.faults) == [name]
