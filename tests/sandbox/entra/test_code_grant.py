"""Codes for ID tokens, and what they are bound to."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from msal.exceptions import MsalServiceError

from sandbox.faults import Action, InjectedFault
from sandbox.seed import AVERY, DANA, SIGN_IN_APPLICATION, default_seed
from tests.sandbox.conftest import MovableClock
from tests.sandbox.entra.msal_app import App, Json, an_app, assertion_of, claims_after, number
from tests.support.browser import Browser, a_browser
from tests.support.sandbox import Sandbox, running_sandbox


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


async def alter(sandbox: Sandbox, claims: Json) -> None:
    address = f"{sandbox.base_url}/sandbox/id-token-claims"
    async with sandbox.session.put(address, json=claims) as answer:
        assert answer.status == 204
