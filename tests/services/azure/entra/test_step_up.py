"""Fresh sign-ins over MSAL, on the sandbox's Entra with its real sign-in page."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.calls import Reply
from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import AVERY, BOT, SIGN_IN_APPLICATION, default_seed
from services.azure.entra.step_up import AppCredential, EntraStepUp, SignInApp
from services.faults import Fault, Rejected, Unavailable
from tests.services.azure.conftest import answering
from tests.support.browser import Browser, a_browser
from tests.support.sandbox import Sandbox, running_sandbox

CALLBACK = "https://latchkey.contoso.com/sign-in/callback"
MAX_AGE = timedelta(minutes=5)


def a_certificate() -> tuple[str, str]:
    """Return a certificate, and a file's text with it and its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "latchkey")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    certificate = made.public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    return certificate, certificate + private


CERTIFICATE, PEM = a_certificate()


@pytest.fixture
async def sandbox(tls_dir: Path) -> AsyncIterator[Sandbox]:
    seed = default_seed()
    application = replace(
        SIGN_IN_APPLICATION, passwords=("for the tests",), certificates=(CERTIFICATE,)
    )
    others = tuple(one for one in seed.applications if one.id != application.id)
    async with running_sandbox(
        tls_dir, seed=replace(seed, applications=(*others, application))
    ) as running:
        yield running


@pytest.fixture
async def browser(sandbox: Sandbox) -> AsyncIterator[Browser]:
    async with a_browser(sandbox) as opened:
        yield opened


@pytest.fixture
def secret(sandbox: Sandbox) -> AppCredential:
    application = sandbox.state.applications[SIGN_IN_APPLICATION.id]
    return AppCredential(secret=application.passwords[0].value)


@pytest.fixture
def certificate(tmp_path: Path) -> AppCredential:
    file = tmp_path / "app.pem"
    file.write_text(PEM, encoding="ascii")
    return AppCredential(certificate_path=str(file))


@pytest.fixture
def federated(sandbox: Sandbox) -> AppCredential:
    async def assertion() -> str:
        principal = sandbox.state.directory.service_principals[BOT.id.lower()]
        return sandbox.state.tokens.issue_assertion(principal, sandbox.state.issuer).access_token

    return AppCredential(assertion=assertion)


def over(sandbox: Sandbox, credential: AppCredential) -> EntraStepUp:
    app = SignInApp(
        client_id=SIGN_IN_APPLICATION.client_id,
        tenant_id=sandbox.seed.tenant_id,
        authority=sandbox.base_url,
        redirect_uri=CALLBACK,
        token_scope="https://graph.microsoft.com/.default",
        credential=credential,
    )
    return EntraStepUp(sandbox.session, app)


@pytest.mark.parametrize("kind", ["secret", "certificate", "federated"])
async def test_a_person_signs_in_and_the_app_reads_their_token(
    sandbox: Sandbox, browser: Browser, kind: str, request: pytest.FixtureRequest
) -> None:
    entra = over(sandbox, request.getfixturevalue(kind))
    page = await entra.begin("state", ["c1"], MAX_AGE, AVERY.user_principal_name)
    back = await browser.sign_in(page.url, AVERY.id)
    answer = dict(parse_qsl(urlsplit(back.location).query))
    # As it comes out of the table.
    token = await entra.redeem(json.loads(json.dumps(dict(page.memory))), answer)

    assert answer["state"] == "state"
    assert token.claims["oid"] == AVERY.id
    assert token.claims["aud"] == SIGN_IN_APPLICATION.client_id
    assert token.claims["iss"] == token.issuer
    assert token.claims["acrs"] == ["c1"]
    assert "auth_time" in token.claims


async def test_what_is_remembered_has_no_state_and_no_address(
    sandbox: Sandbox, secret: AppCredential
) -> None:
    page = await over(sandbox, secret).begin("the-state", [], MAX_AGE, "")

    assert "the-state" not in json.dumps(dict(page.memory))
    assert {"code_verifier", "nonce"} <= page.memory.keys()
    assert "max_age" not in page.memory


@pytest.mark.parametrize("kind", ["secret", "certificate", "federated"])
async def test_a_good_credential_passes_the_check(
    sandbox: Sandbox, kind: str, request: pytest.FixtureRequest
) -> None:
    await over(sandbox, request.getfixturevalue(kind)).check()


async def test_a_wrong_secret_is_named_by_its_code_alone(sandbox: Sandbox) -> None:
    with pytest.raises(Rejected) as refused:
        await over(sandbox, AppCredential(secret="wrong-secret")).check()

    assert refused.value.code == "invalid_client"
    assert "wrong-secret" not in str(refused.value)


async def test_without_a_credential_nothing_is_tried(sandbox: Sandbox) -> None:
    with pytest.raises(Rejected):
        await over(sandbox, AppCredential()).check()


async def test_a_certificate_that_is_not_there_is_a_fault(sandbox: Sandbox) -> None:
    with pytest.raises(Fault):
        await over(sandbox, AppCredential(certificate_path="/nowhere.pem")).check()


@pytest.mark.parametrize(
    "fault",
    [
        answering(503, "down", path="token"),
        answering(429, "TooManyRequests", path="token"),
        answering(503, "down", path="openid-configuration"),
        InjectedFault("POST", answering(503, "").path, Action.DROP, When.BEFORE, times=1_000),
    ],
)
async def test_an_outage_is_a_fault_that_passes(
    sandbox: Sandbox, secret: AppCredential, fault: InjectedFault
) -> None:
    sandbox.break_next(fault)

    with pytest.raises(Unavailable):
        await over(sandbox, secret).check()


async def test_a_verifier_of_another_flow_is_refused(
    sandbox: Sandbox, browser: Browser, secret: AppCredential
) -> None:
    entra = over(sandbox, secret)
    page = await entra.begin("state", [], MAX_AGE, "")
    other = await entra.begin("state", [], MAX_AGE, "")
    back = await browser.sign_in(page.url, AVERY.id)
    answer = dict(parse_qsl(urlsplit(back.location).query))

    with pytest.raises(Rejected) as refused:
        await entra.redeem(other.memory, answer)
    assert answer["code"] not in str(refused.value)
    assert str(other.memory["code_verifier"]) not in str(refused.value)


async def test_a_code_works_once(sandbox: Sandbox, browser: Browser, secret: AppCredential) -> None:
    entra = over(sandbox, secret)
    page = await entra.begin("state", [], MAX_AGE, "")
    back = await browser.sign_in(page.url, AVERY.id)
    answer = dict(parse_qsl(urlsplit(back.location).query))
    await entra.redeem(page.memory, answer)

    with pytest.raises(Rejected) as refused:
        await entra.redeem(page.memory, answer)
    assert refused.value.code == "invalid_grant"


async def test_an_answer_without_a_token_is_refused(
    sandbox: Sandbox, secret: AppCredential
) -> None:
    entra = over(sandbox, secret)
    page = await entra.begin("state", [], MAX_AGE, "")
    sandbox.break_next(
        InjectedFault("POST", answering(200, "").path, answer=Reply(200, {"token_type": "Bearer"}))
    )

    with pytest.raises(Rejected):
        await entra.redeem(page.memory, {"state": "state", "code": "a-code"})
