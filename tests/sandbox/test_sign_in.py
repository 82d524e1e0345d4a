"""People's sign-ins at the Entra authority, through MSAL as the bot uses it."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest
import requests
from azure.identity.aio import ManagedIdentityCredential
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from msal import ConfidentialClientApplication
from msal.exceptions import MsalServiceError

from sandbox.faults import Action, InjectedFault
from sandbox.seed import (
    APP_IDENTITY,
    AVERY,
    BOT,
    DANA,
    IDENTITY_HEADER,
    SAM,
    SIGN_IN_APPLICATION,
    ServicePrincipal,
    default_seed,
)
from sandbox.tokens import EXCHANGE
from tests.sandbox.conftest import MovableClock
from tests.support.browser import Browser, a_browser
from tests.support.sandbox import Sandbox, running_sandbox

# MSAL recommends `form_post`, which a page of ours could only receive by POST from another site.
pytestmark = pytest.mark.filterwarnings("ignore:response_mode:UserWarning")

CALLBACK = "http://localhost:3978/sign-in/callback"
C1 = '{"id_token": {"acrs": {"essential": true, "value": "c1"}}}'

Json = dict[str, Any]


class App:
    """An app that signs people in with MSAL, which blocks: it runs in threads."""

    def __init__(
        self, sandbox: Sandbox, session: requests.Session, credential: Any, client_id: str
    ) -> None:
        self._msal = ConfidentialClientApplication(
            client_id,
            client_credential=credential,
            authority=f"{sandbox.base_url}/{sandbox.seed.tenant_id}",
            instance_discovery=False,
            http_client=session,
        )

    def start(self, **options: Any) -> Json:
        """Return a flow with its `auth_uri`."""
        given = {"redirect_uri": CALLBACK, "prompt": "login", **options}
        return dict(self._msal.initiate_auth_code_flow([], **given))

    async def finish(self, flow: Json, location: str) -> Json:
        """Return MSAL's result for the address that the browser was sent to."""
        answer = dict(parse_qsl(urlsplit(location).query))
        return dict(
            await asyncio.to_thread(self._msal.acquire_token_by_auth_code_flow, dict(flow), answer)
        )


@asynccontextmanager
async def an_app(
    sandbox: Sandbox, credential: Any, client_id: str = SIGN_IN_APPLICATION.client_id
) -> AsyncIterator[App]:
    with requests.Session() as session:
        session.verify = str(sandbox.endpoints.ca_file)
        session.trust_env = False  # REQUESTS_CA_BUNDLE would override it
        yield await asyncio.to_thread(App, sandbox, session, credential, client_id)


def assertion_of(sandbox: Sandbox, identity: ServicePrincipal = BOT) -> Json:
    """Return a credential: a managed identity's token, for a federated credential."""
    token = sandbox.state.tokens.issue_assertion(identity, sandbox.state.issuer)
    return {"client_assertion": lambda: token.access_token}


@pytest.fixture
async def app(sandbox: Sandbox) -> AsyncIterator[App]:
    async with an_app(sandbox, assertion_of(sandbox)) as app:
        yield app


@pytest.fixture
async def browser(sandbox: Sandbox) -> AsyncIterator[Browser]:
    async with a_browser(sandbox) as browser:
        yield browser


async def claims_after(app: App, browser: Browser, *, strong: bool = True, **options: Any) -> Json:
    """Sign Avery in and return the claims of the ID token."""
    flow = app.start(**options)
    page = await browser.sign_in(flow["auth_uri"], AVERY.id, strong=strong)
    result = await app.finish(flow, page.location)
    assert "error" not in result, result
    return dict(result["id_token_claims"])


def number(result: Json) -> int:
    """Return the AADSTS number of an error from the token endpoint."""
    return int(result["error_codes"][0])


async def test_a_person_signs_in_and_the_app_gets_their_id_token(
    sandbox: Sandbox, app: App, browser: Browser, clock: MovableClock
) -> None:
    flow = app.start(login_hint=AVERY.user_principal_name)
    page = await browser.open(flow["auth_uri"])
    back = await browser.sign_in(flow["auth_uri"], AVERY.id)
    result = await app.finish(flow, back.location)
    claims = result["id_token_claims"]

    assert page.status == 200
    assert f'value="{AVERY.id}" required checked' in page.text
    assert back.status == 302
    assert back.location.startswith(f"{CALLBACK}?code=")
    assert claims["iss"] == f"{sandbox.base_url}/{sandbox.seed.tenant_id}/v2.0"
    assert claims["aud"] == SIGN_IN_APPLICATION.client_id
    assert claims["tid"] == sandbox.seed.tenant_id
    assert claims["oid"] == AVERY.id
    assert claims["sub"] != AVERY.id
    assert claims["name"] == AVERY.display_name
    assert claims["preferred_username"] == AVERY.user_principal_name
    assert claims["auth_time"] == claims["iat"] == int(clock.now.timestamp())
    assert "acrs" not in claims


async def test_the_id_token_is_signed_with_the_published_key(
    sandbox: Sandbox, app: App, browser: Browser
) -> None:
    flow = app.start()
    page = await browser.sign_in(flow["auth_uri"], AVERY.id)
    token = (await app.finish(flow, page.location))["id_token"]
    address = f"{sandbox.base_url}/{sandbox.seed.tenant_id}/discovery/v2.0/keys"
    async with sandbox.session.get(address) as answer:
        keys = jwt.PyJWKSet.from_dict(await answer.json())
    header = jwt.get_unverified_header(token)
    read = jwt.decode(
        token,
        keys[header["kid"]].key,
        algorithms=["RS256"],
        audience=SIGN_IN_APPLICATION.client_id,
        options={"verify_exp": False},  # it is dated by the sandbox's clock
    )

    assert read["oid"] == AVERY.id


@pytest.mark.parametrize(("strong", "acrs"), [(True, ["c1"]), (False, None)])
async def test_only_a_second_factor_satisfies_an_authentication_context(
    app: App, browser: Browser, strong: bool, acrs: list[str] | None
) -> None:
    claims = await claims_after(app, browser, strong=strong, claims_challenge=C1)

    assert claims.get("acrs") == acrs


async def test_the_page_names_the_authentication_context_that_was_asked_for(
    app: App, browser: Browser
) -> None:
    page = await browser.open(app.start(claims_challenge=C1)["auth_uri"])

    assert "authentication context c1" in page.text


async def test_auth_time_needs_an_optional_claim_or_a_request(
    sandbox: Sandbox, app: App, browser: Browser
) -> None:
    application = sandbox.state.applications[SIGN_IN_APPLICATION.id]
    application.optional_claims = ()
    asking = '{"id_token": {"auth_time": {"essential": true}}}'

    assert "auth_time" not in await claims_after(app, browser)
    assert "auth_time" in await claims_after(app, browser, claims_challenge=asking)
    # MSAL judges it by the machine's clock, which is later than the sandbox's.
    with pytest.raises(RuntimeError, match="auth_time"):
        await claims_after(app, browser, max_age=300)


async def test_a_session_is_reused_unless_the_app_asks_for_a_sign_in(
    app: App, browser: Browser, clock: MovableClock
) -> None:
    signed_in = clock.now
    await claims_after(app, browser)
    clock.advance(hours=3)
    reusing, asking = app.start(prompt=None), app.start(prompt="login")
    back = await browser.open(reusing["auth_uri"])
    claims = (await app.finish(reusing, back.location))["id_token_claims"]

    assert claims["auth_time"] == int(signed_in.timestamp())
    assert claims["iat"] == int(clock.now.timestamp())
    assert (await browser.open(asking["auth_uri"])).status == 200


@pytest.mark.parametrize(
    "options",
    [
        {"max_age": 60},
        {"claims_challenge": C1},
        {"login_hint": DANA.user_principal_name},
    ],
)
async def test_a_session_that_is_not_good_enough_is_not_reused(
    app: App, browser: Browser, clock: MovableClock, options: Json
) -> None:
    await claims_after(app, browser, strong=False)
    clock.advance(minutes=2)
    page = await browser.open(app.start(prompt=None, **options)["auth_uri"])

    assert page.status == 200


async def test_without_a_session_prompt_none_is_refused(app: App, browser: Browser) -> None:
    flow = app.start(prompt="none")
    page = await browser.open(flow["auth_uri"])
    result = await app.finish(flow, page.location)

    assert result["error"] == "login_required"


async def test_another_browser_has_no_session(sandbox: Sandbox, app: App, browser: Browser) -> None:
    await claims_after(app, browser)
    async with a_browser(sandbox) as other:
        page = await other.open(app.start(prompt=None)["auth_uri"])

    assert page.status == 200


async def test_whoever_cancels_goes_back_to_the_app_without_a_code(
    app: App, browser: Browser
) -> None:
    flow = app.start()
    result = await app.finish(flow, await browser.cancel(flow["auth_uri"]))

    assert result["error"] == "access_denied"


@pytest.mark.parametrize(("person", "said"), [("", "Choose who"), (SAM.id, "AADSTS50057")])
async def test_nobody_and_disabled_accounts_stay_on_the_page(
    app: App, browser: Browser, person: str, said: str
) -> None:
    page = await browser.sign_in(app.start()["auth_uri"], person)

    assert page.status == 200
    assert said in page.text


@pytest.mark.parametrize(
    ("wrong", "number"),
    [
        ({"redirect_uri": "https://evil.example/sign-in/callback"}, "AADSTS50011"),
        ({"redirect_uri": "http://localhost:3978/other"}, "AADSTS50011"),
        ({"redirect_uri": "http://localhost@evil.example/sign-in/callback"}, "AADSTS50011"),
        ({"redirect_uri": "https://localhost:3978/sign-in/callback"}, "AADSTS50011"),
        ({"redirect_uri": "http://["}, "AADSTS50011"),
        ({"redirect_uri": None}, "AADSTS50011"),
        ({"client_id": "nonesuch"}, "AADSTS700016"),
        ({"client_id": BOT.client_id}, "AADSTS700016"),
        ({"tenant": "99999999-0000-4000-8000-000000000009"}, "AADSTS90002"),
    ],
)
async def test_an_error_stays_at_entra_unless_the_app_and_its_address_are_known(
    sandbox: Sandbox, app: App, browser: Browser, wrong: Json, number: str
) -> None:
    address = changed(app.start()["auth_uri"], wrong)
    pages = [await browser.open(address), await browser.sign_in(address, AVERY.id)]

    assert [page.status for page in pages] == [400, 400]
    assert [page.location for page in pages] == ["", ""]
    assert all(number in page.text for page in pages)


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"id_token": 1}'}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
async def test_other_errors_go_to_the_app_with_its_state(
    app: App, browser: Browser, wrong: Json, error: str
) -> None:
    flow = app.start()
    page = await browser.open(changed(flow["auth_uri"], wrong))
    answer = dict(parse_qsl(urlsplit(page.location).query))

    assert page.status == 302
    assert page.location.startswith(f"{CALLBACK}?")
    assert (answer["error"], answer["state"]) == (error, flow["state"])


async def test_text_from_the_address_is_escaped_on_the_pages(app: App, browser: Browser) -> None:
    hostile = '"><script>alert(1)</script>'
    pages = [
        await browser.open(changed(app.start()["auth_uri"], wrong))
        for wrong in ({"redirect_uri": hostile}, {"client_id": hostile}, {"state": hostile})
    ]

    assert not any("<script>" in page.text for page in pages)


async def test_a_code_can_be_redeemed_once(app: App, browser: Browser) -> None:
    flow = app.start()
    page = await browser.sign_in(flow["auth_uri"], AVERY.id)
    await app.finish(flow, page.location)

    assert number(await app.finish(flow, page.location)) == 54005


async def test_a_code_expires_after_ten_minutes(
    app: App, browser: Browser, clock: MovableClock
) -> None:
    flow = app.start()
    page = await browser.sign_in(flow["auth_uri"], AVERY.id)
    clock.advance(minutes=10)

    assert number(await app.finish(flow, page.location)) == 70008


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"code_verifier": "x" * 43}, 501481),
        ({"redirect_uri": "http://localhost:3979/sign-in/callback"}, 500112),
    ],
)
async def test_a_code_is_bound_to_the_flow_that_it_was_issued_in(
    app: App, browser: Browser, changes: Json, expected: int
) -> None:
    flow = app.start()
    page = await browser.sign_in(flow["auth_uri"], AVERY.id)

    assert number(await app.finish({**flow, **changes}, page.location)) == expected
    assert "id_token" in await app.finish(flow, page.location)


async def test_an_invented_code_is_refused(app: App) -> None:
    flow = app.start()

    assert number(await app.finish(flow, f"?code=x&state={flow['state']}")) == 70000


async def test_a_code_is_bound_to_its_app(tls_dir: Path, clock: MovableClock) -> None:
    other = replace(
        SIGN_IN_APPLICATION,
        id="60000000-0000-4000-8000-000000000003",
        client_id="other",
        passwords=("one",),
    )
    seed = default_seed()
    seed = replace(seed, applications=(*seed.applications, other))
    async with running_sandbox(tls_dir, seed=seed, clock=clock) as sandbox:
        secret = sandbox.state.applications[other.id].passwords[0].value
        async with (
            an_app(sandbox, assertion_of(sandbox)) as app,
            an_app(sandbox, secret, other.client_id) as thief,
            a_browser(sandbox) as browser,
        ):
            flow = app.start()
            page = await browser.sign_in(flow["auth_uri"], AVERY.id)

            assert number(await thief.finish(flow, page.location)) == 70000


async def test_a_nonce_that_was_altered_is_noticed_by_msal(
    sandbox: Sandbox, app: App, browser: Browser
) -> None:
    await alter(sandbox, {"nonce": "another"})

    with pytest.raises(RuntimeError, match="nonce"):
        await claims_after(app, browser)


async def test_claims_can_be_altered_removed_and_restored(
    sandbox: Sandbox, app: App, browser: Browser
) -> None:
    await alter(sandbox, {"oid": DANA.id, "auth_time": None, "tid": "another"})
    altered = await claims_after(app, browser)
    await alter(sandbox, {})
    restored = await claims_after(app, browser)

    assert (altered["oid"], altered["tid"]) == (DANA.id, "another")
    assert "auth_time" not in altered
    assert (restored["oid"], restored["tid"]) == (AVERY.id, sandbox.seed.tenant_id)


async def test_an_outage_of_the_token_endpoint_reaches_the_app(
    sandbox: Sandbox, app: App, browser: Browser
) -> None:
    flow = app.start()
    page = await browser.sign_in(flow["auth_uri"], AVERY.id)
    fault = InjectedFault("POST", re.compile("/oauth2/v2.0/token"), Action.ANSWER)
    sandbox.break_next(fault)

    with pytest.raises(MsalServiceError, match="503"):
        await app.finish(flow, page.location)


# How the app proves itself


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


def changed(address: str, parameters: Json) -> str:
    """Return an address with other parameters; None removes one, `tenant` is in its path."""
    parts = urlsplit(address)
    tenant = parameters.get("tenant")
    path = re.sub("^/[^/]+", f"/{tenant}", parts.path) if tenant else parts.path
    query = {**dict(parse_qsl(parts.query)), **parameters, "tenant": None}
    given = urlencode({name: text for name, text in query.items() if text is not None})
    return parts._replace(path=path, query=given).geturl()


async def alter(sandbox: Sandbox, claims: Json) -> None:
    address = f"{sandbox.base_url}/sandbox/id-token-claims"
    async with sandbox.session.put(address, json=claims) as answer:
        assert answer.status == 204


async def change(sandbox: Sandbox, lists: Json) -> None:
    address = f"{sandbox.base_url}/sandbox/applications/{SIGN_IN_APPLICATION.id}"
    async with sandbox.session.patch(address, json=lists) as answer:
        assert answer.status == 204
