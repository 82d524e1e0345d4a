"""How an app proves itself at the token endpoint."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from azure.identity.aio import ManagedIdentityCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandbox.seed import APP_IDENTITY, AVERY, BOT, IDENTITY_HEADER, SIGN_IN_APPLICATION
from sandbox.tokens import EXCHANGE
from tests.sandbox.msal_app import App, Json, an_app, number
from tests.support.browser import Browser, a_browser
from tests.support.sandbox import Sandbox


async def result_with(sandbox: Sandbox, credential: Any) -> Json:
    """Sign Avery in to an app with this credential, and return MSAL's result."""
    async with an_app(sandbox, credential) as app, a_browser(sandbox) as browser:
        flow = app.start()
        page = await browser.sign_in(flow["auth_uri"], AVERY.id)
        return await app.finish(flow, page.location)


async def test_the_managed_identity_of_a_federated_credential_is_trusted(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IDENTITY_ENDPOINT", sandbox.endpoints.identity_url)
    monkeypatch.setenv("IDENTITY_HEADER", IDENTITY_HEADER)
    async with ManagedIdentityCredential() as credential:
        token = await credential.get_token(f"{EXCHANGE}/.default")
    result = await result_with(sandbox, {"client_assertion": lambda: token.token})

    assert result["id_token_claims"]["oid"] == AVERY.id


async def test_an_app_can_use_a_client_secret(sandbox: Sandbox) -> None:
    application = sandbox.state.applications[SIGN_IN_APPLICATION.id]
    now = sandbox.clock()
    password = application.add_password("ours", now, now + timedelta(days=1))

    assert "id_token" in await result_with(sandbox, password.value)
    assert number(await result_with(sandbox, "wrong")) == 7000215


def a_certificate(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "latchkey")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def credential_of(key: rsa.RSAPrivateKey, certificate: str) -> Json:
    written = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return {"private_key": written.decode(), "public_certificate": certificate}


async def test_an_app_can_use_the_key_of_its_certificate(sandbox: Sandbox) -> None:
    keys = [rsa.generate_private_key(65537, 2048) for _ in range(2)]
    certificates = [a_certificate(key) for key in keys]
    await change(sandbox, {"certificates": certificates[:1]})

    assert "id_token" in await result_with(sandbox, credential_of(keys[0], certificates[0]))
    assert number(await result_with(sandbox, credential_of(keys[1], certificates[1]))) == 700027
    assert number(await result_with(sandbox, credential_of(keys[1], certificates[0]))) == 700027


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({}, None),
        ({"aud": "https://login.example/token"}, 700023),
        ({"iss": "another"}, 700021),
        ({"sub": "another"}, 700021),
        ({"exp": 0}, 700024),
    ],
)
async def test_an_assertion_of_the_app_itself_has_to_be_about_this_app_and_endpoint(
    sandbox: Sandbox, wrong: Json, expected: int | None
) -> None:
    key = rsa.generate_private_key(65537, 2048)
    certificate = a_certificate(key)
    await change(sandbox, {"certificates": [certificate]})
    claims = {
        "iss": SIGN_IN_APPLICATION.client_id,
        "sub": SIGN_IN_APPLICATION.client_id,
        "aud": f"{sandbox.base_url}/{sandbox.seed.tenant_id}/oauth2/v2.0/token",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        **wrong,
    }
    thumbprint = x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256())
    named = {"x5t#S256": urlsafe_b64encode(thumbprint).decode()}
    assertion = jwt.encode(claims, key, "PS256", named)
    result = await result_with(sandbox, {"client_assertion": lambda: assertion})

    assert (number(result) if "error" in result else None) == expected


Assertion = Callable[[Sandbox], str]


@pytest.mark.parametrize(
    ("assertion", "expected"),
    [
        (lambda _: "not a token", 700211),
        (lambda one: one.state.tokens.issue(BOT, EXCHANGE).access_token, 700211),
        (lambda one: one.state.tokens.issue_assertion(BOT, "https://x").access_token, 700211),
        (
            lambda one: (
                one.state.tokens.issue_assertion(APP_IDENTITY, one.state.issuer).access_token
            ),
            700213,
        ),
    ],
)
async def test_other_assertions_are_refused(
    sandbox: Sandbox, assertion: Assertion, expected: int
) -> None:
    credential = {"client_assertion": lambda: assertion(sandbox)}

    assert number(await result_with(sandbox, credential)) == expected


async def test_an_id_token_proves_no_app(sandbox: Sandbox, app: App, browser: Browser) -> None:
    flow = app.start()
    page = await browser.sign_in(flow["auth_uri"], AVERY.id)
    token = (await app.finish(flow, page.location))["id_token"]

    assert number(await result_with(sandbox, {"client_assertion": lambda: token})) == 700212


async def test_an_app_that_proves_nothing_is_refused(sandbox: Sandbox) -> None:
    address = f"{sandbox.base_url}/{sandbox.seed.tenant_id}/oauth2/v2.0/token"
    form = {
        "grant_type": "authorization_code",
        "client_id": SIGN_IN_APPLICATION.client_id,
        "code": "x",
    }
    async with sandbox.session.post(address, data=form) as answer:
        body = json.loads(await answer.read())

    assert (answer.status, number(body)) == (401, 7000218)


async def change(sandbox: Sandbox, lists: Json) -> None:
    address = f"{sandbox.base_url}/sandbox/applications/{SIGN_IN_APPLICATION.id}"
    async with sandbox.session.patch(address, json=lists) as answer:
        assert answer.status == 204
