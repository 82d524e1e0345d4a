"""The sign-in page of the Entra authority, and the sessions that browsers keep."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
import pytest

from sandbox.seed import AVERY, BOT, DANA, SAM, SIGN_IN_APPLICATION
from tests.sandbox.conftest import MovableClock
from tests.sandbox.entra.msal_app import CALLBACK, App, Json, claims_after
from tests.support.browser import Browser, a_browser
from tests.support.sandbox import Sandbox

C1 = '{"id_token": {"acrs": {"essential": true, "value": "c1"}}}'


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
    with pytest.raises(RuntimeError, match=r"auth_time \(\d+\) was requested"):
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
        ({"redirect_uri": "https://latchkey.contoso.com:1/sign-in/callback"}, "AADSTS50011"),
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


def changed(address: str, parameters: Json) -> str:
    """Return an address with other parameters; None removes one, `tenant` is in its path."""
    parts = urlsplit(address)
    tenant = parameters.get("tenant")
    path = re.sub("^/[^/]+", f"/{tenant}", parts.path) if tenant else parts.path
    query = {**dict(parse_qsl(parts.query)), **parameters, "tenant": None}
    given = urlencode({name: text for name, text in query.items() if text is not None})
    return parts._replace(path=path, query=given).geturl()
