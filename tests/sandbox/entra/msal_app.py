"""An app that signs people in with MSAL, as the bot does."""

import asyncio
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from msal import ConfidentialClientApplication

from sandbox.seed import AVERY, BOT, SIGN_IN_APPLICATION, ServicePrincipal
from tests.support.browser import Browser
from tests.support.sandbox import Sandbox

CALLBACK = "http://localhost:3978/sign-in/callback"

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
        with warnings.catch_warnings():
            # MSAL recommends `form_post`: a POST from another site, which carries no cookies.
            warnings.filterwarnings("ignore", "response_mode", UserWarning)
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
