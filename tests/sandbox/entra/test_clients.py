"""How an app proves itself at the token endpoint."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from azure.identity.aio import ManagedIdentityCredential

from sandbox.seed import APP_IDENTITY, AVERY, BOT, IDENTITY_HEADER, SIGN_IN_APPLICATION
from sandbox.tokens import EXCHANGE
from tests.sandbox.entra.msal_app import App, Json, an_app, number
from tests.support.browser import Browser, a_browser
from tests.support.certificates import an_app_certificate
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


def credential_of(key: str, certificate: str) -> Json:
    return {"private_key": key, "public_certificate": certificate}


async def test_an_app_can_use_the_key_of_its_certificate(sandbox: Sandbox) -> None:
    own, other = an_app_certificate(), an_app_certificate()
    await change(sandbox, {"certificates": [own.certificate]})
    good = await result_with(sandbox, credential_of(own.key, own.certificate))
    unknown = await result_with(sandbox, credential_of(other.key, other.certificate))
    forged = await result_with(sandbox, credential_of(other.key, own.certificate))

    assert "id_token" in good
    assert [number(unknown), number(forged)] == [700027, 700027]


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
    own = an_app_certificate()
    await change(sandbox, {"certificates": [own.certificate]})
    claims = {
        "iss": SIGN_IN_APPLICATION.client_id,
        "sub": SIGN_IN_APPLICATION.client_id,
        "aud": f"{sandbox.base_url}/{sandbox.seed.tenant_id}/oauth2/v2.0/token",
        "exp": datetime.now(UTC) + timedelta(minutes=5),
        **wrong,
    }
    named = {"x5t#S256": urlsafe_b64encode(own.thumbprint).decode()}
    assertion = jwt.encode(claims, own.key, "PS256", named)
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
