"""The identity that the bot signs in to Azure with."""

from pathlib import Path

import pytest
import trustme
from azure.identity.aio import (
    CertificateCredential,
    ClientSecretCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from domain.secrets import Vault
from sandbox.seed import APP_IDENTITY, BOT, DEMO_API_KEY, IDENTITY_HEADER, OPERATOR, TENANT_ID
from services.azure.calls.credentials import IdentitySettings, make_credential
from services.azure.calls.pipeline import Pipeline
from services.azure.key_vault.secrets import KeyVaultSecrets
from services.faults import NotPermitted, Unavailable
from services.ports import SecretState
from tests.services.azure.conftest import answering, dropping
from tests.support.sandbox import Sandbox


@pytest.fixture
def in_app_service(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", sandbox.endpoints.identity_url)
    monkeypatch.setenv("IDENTITY_HEADER", IDENTITY_HEADER)


def _operator(sandbox: Sandbox, client_secret: str = "") -> IdentitySettings:
    secret = client_secret or sandbox.seed.service_principal(OPERATOR.id).client_secret
    return IdentitySettings(
        client_id=OPERATOR.client_id,
        tenant_id=TENANT_ID,
        client_secret=secret,
        authority_host=sandbox.base_url,
    )


async def _ask(settings: IdentitySettings, pipeline: Pipeline, vault: Vault) -> SecretState:
    async with make_credential(settings, pipeline) as credential:
        return await KeyVaultSecrets(credential, pipeline).state(vault, DEMO_API_KEY)


@pytest.mark.usefixtures("in_app_service")
@pytest.mark.parametrize("client_id", [None, BOT.client_id])
async def test_without_credentials_the_bot_uses_its_managed_identity(
    pipeline: Pipeline, vault: Vault, client_id: str | None
) -> None:
    settings = IdentitySettings(client_id=client_id)

    assert await _ask(settings, pipeline, vault) is SecretState.ENABLED


@pytest.mark.usefixtures("in_app_service")
async def test_the_client_id_selects_the_managed_identity(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    await _ask(IdentitySettings(client_id=APP_IDENTITY.client_id), pipeline, vault)

    assert sandbox.log[-1].principal == APP_IDENTITY.id


@pytest.mark.usefixtures("in_app_service")
async def test_a_managed_identity_that_is_not_assigned_is_not_permitted(
    pipeline: Pipeline, vault: Vault
) -> None:
    settings = IdentitySettings(client_id="00000000-0000-0000-0000-00000000dead")

    with pytest.raises(NotPermitted, match="No User Assigned"):
        await _ask(settings, pipeline, vault)


async def test_a_client_secret_signs_in_at_the_authority(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    assert await _ask(_operator(sandbox), pipeline, vault) is SecretState.ENABLED
    assert f"/{TENANT_ID}/oauth2/v2.0/token" in {one.path for one in sandbox.log}


async def test_a_wrong_client_secret_is_not_permitted_and_not_retried(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    with pytest.raises(NotPermitted, match=r"401: .*AADSTS7000215") as caught:
        await _ask(_operator(sandbox, "the-wrong-one"), pipeline, vault)

    assert "the-wrong-one" not in str(caught.value)


async def test_a_busy_entra_is_unavailable_for_as_long_as_it_asks(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault, waits: list[float]
) -> None:
    sandbox.break_next(answering(503, "ServerBusy", path="oauth2", headers={"Retry-After": "60"}))

    with pytest.raises(Unavailable) as caught:
        await _ask(_operator(sandbox), pipeline, vault)

    assert caught.value.retry_after is not None
    assert caught.value.retry_after.total_seconds() == 60
    assert waits == []


async def test_an_unreachable_entra_is_unavailable_after_three_attempts(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    sandbox.break_next(dropping("oauth2"))

    with pytest.raises(Unavailable):
        await _ask(_operator(sandbox), pipeline, vault)

    assert sum("oauth2" in one.path for one in sandbox.log) == 3


def test_each_kind_of_credential_is_created_from_its_variables(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    certificate = tmp_path / "bot.pem"
    # Entra only accepts signatures of RSA keys.
    authority = trustme.CA(key_type=trustme.KeyType.RSA)
    issued = authority.issue_cert("bot", key_type=trustme.KeyType.RSA)
    issued.private_key_and_cert_chain_pem.write_to_path(str(certificate))
    ids = {"client_id": OPERATOR.client_id, "tenant_id": TENANT_ID}
    kinds = [
        type(make_credential(settings, pipeline))
        for settings in (
            IdentitySettings(**ids, client_secret="s"),
            IdentitySettings(**ids, client_certificate_path=str(certificate)),
            IdentitySettings(**ids, federated_token_file="/var/run/token"),
            IdentitySettings(**ids),
            IdentitySettings(),
        )
    ]

    assert kinds == [
        ClientSecretCredential,
        CertificateCredential,
        WorkloadIdentityCredential,
        ManagedIdentityCredential,
        ManagedIdentityCredential,
    ]


def test_settings_do_not_show_secrets() -> None:
    settings = IdentitySettings(client_secret="hidden-1", client_certificate_password="hidden-2")

    assert "hidden" not in repr(settings)
