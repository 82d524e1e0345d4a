"""The identity endpoint and the Entra authority as seen by azure-identity."""

import jwt
import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError
from azure.identity.aio import ClientSecretCredential, ManagedIdentityCredential

from sandbox.seed import APP_IDENTITY, BOT, DEMO_API_KEY, IDENTITY_HEADER, OPERATOR
from tests.support.sandbox import Sandbox

VAULT_SCOPE = "https://vault.azure.net/.default"


@pytest.fixture
def app_service(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", sandbox.endpoints.identity_url)
    monkeypatch.setenv("IDENTITY_HEADER", IDENTITY_HEADER)


async def claims(sandbox: Sandbox, token: str, audience: str) -> dict[str, object]:
    """Check a token as a service would: with the authority's published keys."""
    authority = f"{sandbox.base_url}/{sandbox.seed.tenant_id}"
    async with sandbox.session.get(
        f"{authority}/v2.0/.well-known/openid-configuration"
    ) as configuration:
        address = (await configuration.json())["jwks_uri"]
    async with sandbox.session.get(address) as published:
        keys = jwt.PyJWKSet.from_dict(await published.json())
    key = keys[jwt.get_unverified_header(token)["kid"]]
    return dict(jwt.decode(token, key.key, algorithms=["RS256"], audience=audience))


async def test_the_default_managed_identity_is_the_bots(
    sandbox: Sandbox, app_service: None
) -> None:
    async with ManagedIdentityCredential() as credential:
        token = await credential.get_token(VAULT_SCOPE)
    seen = await claims(sandbox, token.token, "https://vault.azure.net")

    assert seen["oid"] == BOT.id
    assert seen["appid"] == BOT.client_id
    assert seen["tid"] == sandbox.seed.tenant_id
    assert seen["exp"] == token.expires_on


async def test_a_managed_identity_is_chosen_by_its_client_id(
    sandbox: Sandbox, app_service: None
) -> None:
    async with ManagedIdentityCredential(client_id=APP_IDENTITY.client_id) as credential:
        token = await credential.get_token(VAULT_SCOPE)

    assert (await claims(sandbox, token.token, "https://vault.azure.net"))["oid"] == APP_IDENTITY.id


async def test_an_unknown_managed_identity_gets_no_token(app_service: None) -> None:
    async with ManagedIdentityCredential(client_id="nonesuch", retry_total=0) as credential:
        with pytest.raises((ClientAuthenticationError, CredentialUnavailableError)):
            await credential.get_token(VAULT_SCOPE)


@pytest.mark.parametrize(
    ("header", "query", "status"),
    [
        ("wrong", "resource=https://vault.azure.net&api-version=2019-08-01", 401),
        (IDENTITY_HEADER, "api-version=2019-08-01", 400),
        (IDENTITY_HEADER, "resource=https://vault.azure.net&api-version=2017-09-01", 400),
    ],
)
async def test_the_identity_endpoint_requires_its_header_and_parameters(
    sandbox: Sandbox, header: str, query: str, status: int
) -> None:
    async with sandbox.session.get(
        f"{sandbox.endpoints.identity_url}?{query}", headers={"X-IDENTITY-HEADER": header}
    ) as answer:
        assert answer.status == status


def an_application(sandbox: Sandbox, **changed: str) -> ClientSecretCredential:
    given = {
        "tenant_id": sandbox.seed.tenant_id,
        "client_id": OPERATOR.client_id,
        "client_secret": sandbox.seed.service_principal(OPERATOR.id).client_secret,
        **changed,
    }
    return ClientSecretCredential(
        **given, authority=sandbox.base_url, transport=sandbox.transport(), retry_total=0
    )


async def test_an_application_authenticates_with_its_secret(sandbox: Sandbox) -> None:
    async with an_application(sandbox) as credential:
        token = await credential.get_token(VAULT_SCOPE)
    headers = {"Authorization": f"Bearer {token.token}"}
    address = f"{sandbox.base_url}/secrets/{DEMO_API_KEY}?api-version=7.4"
    async with sandbox.session.get(address, headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"client_secret": "wrong"}, "AADSTS7000215"),
        ({"client_id": "nonesuch"}, "AADSTS700016"),
        ({"client_id": BOT.client_id}, "AADSTS700016"),
        ({"tenant_id": "99999999-0000-4000-8000-000000000009"}, "AADSTS90002"),
    ],
)
async def test_an_application_with_wrong_credentials_gets_no_token(
    sandbox: Sandbox, wrong: dict[str, str], number: str
) -> None:
    async with an_application(sandbox, **wrong) as credential:
        with pytest.raises(ClientAuthenticationError, match=number):
            await credential.get_token(VAULT_SCOPE)


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials", "scope": "openid"}, "invalid_scope"),
    ],
)
async def test_other_grants_and_scopes_are_refused(
    sandbox: Sandbox, form: dict[str, str], error: str
) -> None:
    secret = sandbox.seed.service_principal(OPERATOR.id).client_secret
    address = f"{sandbox.base_url}/{sandbox.seed.tenant_id}/oauth2/v2.0/token"
    given = {"client_id": OPERATOR.client_id, "client_secret": secret, **form}
    async with sandbox.session.post(address, data=given) as answer:
        body = await answer.json()

    assert answer.status == 400
    assert body["error"] == error


async def test_the_authority_can_be_discovered(sandbox: Sandbox) -> None:
    async with sandbox.session.get(f"{sandbox.base_url}/common/discovery/instance") as answer:
        body = await answer.json()

    assert body["tenant_discovery_endpoint"].startswith(
        f"{sandbox.base_url}/{sandbox.seed.tenant_id}/"
    )
