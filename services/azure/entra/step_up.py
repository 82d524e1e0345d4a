"""Fresh sign-ins with Entra, in the browser. MSAL does the protocol."""

import asyncio
import json
import re
import warnings
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msal

from services.access.sign_in.sign_in_provider import IdToken, SignInPage
from services.azure.calls.errors import translated
from services.faults import Fault, Rejected, Unavailable

SERVICE = "Microsoft Entra ID"

_PATIENCE_SECONDS = 12
_REQUEST_SECONDS = 5
_NOT_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_CODE = re.compile(r"[a-z_]{1,40}", re.ASCII)

# MSAL recommends form_post. Its answer would be a POST from another site, for which browsers leave
# out the cookie that ties the sign-in to them.
warnings.filterwarnings("ignore", message="response_mode='form_post'", category=UserWarning)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredential:
    """How the application proves itself to Entra: the first of these that is given."""

    secret: str | None = field(default=None, repr=False)
    certificate_path: str | None = None
    """A PEM file with the certificate and its private key."""
    assertion: Callable[[], Awaitable[str]] | None = None
    """Returns a token that the application trusts (a federated credential)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInApp:
    """The application that people sign in to."""

    client_id: str
    tenant_id: str
    authority: str
    redirect_uri: str
    token_scope: str
    """Any scope of the application's own, to try its credential with."""
    credential: AppCredential


class EntraStepUp:
    """Sign-ins, behind ``services.access.sign_in.sign_in_provider.SignInProvider``.

    MSAL blocks, so it runs in a thread; its requests go through the event loop's session, which
    has the bot's certificates, proxies and timeouts. An application of MSAL's is made for each
    call: it keeps tokens in memory, and none is needed once its claims have been read.
    """

    def __init__(self, session: aiohttp.ClientSession, app: SignInApp) -> None:
        self._session = session
        self._app = app

    async def begin(
        self, state: str, contexts: Sequence[str], max_age: timedelta, login_hint: str
    ) -> SignInPage:
        """Return where to sign in afresh, with these authentication contexts."""

        def initiate(http: "_LoopHttp") -> dict[str, Any]:
            found: dict[str, Any] = self._application(http).initiate_auth_code_flow(
                [],
                redirect_uri=self._app.redirect_uri,
                state=state,
                prompt="login",
                login_hint=login_hint or None,
                claims_challenge=_claims(contexts),
                max_age=int(max_age.total_seconds()),
            )
            return found

        flow = await self._in_thread(initiate)
        url = flow.pop("auth_uri")
        # The state stays with the browser. The age is decided by our rules, on the bot's clock:
        # MSAL would compare it with the machine's, and quote the token in its error.
        del flow["state"], flow["max_age"]
        return SignInPage(url, flow)

    async def redeem(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> IdToken:
        """Exchange the code in Entra's answer; the code can be used once."""

        def redeem(http: "_LoopHttp") -> IdToken:
            flow = {**memory, "state": answer["state"]}
            issuer = self._issuer(http)
            app = self._application(http)
            result = _granted(app.acquire_token_by_auth_code_flow(flow, dict(answer)))
            return IdToken(result["id_token_claims"], issuer)

        return await self._in_thread(redeem)

    async def check(self) -> None:
        """Find out whether Entra knows the application and accepts its credentials."""

        def check(http: "_LoopHttp") -> None:
            _granted(self._application(http).acquire_token_for_client([self._app.token_scope]))

        await self._in_thread(check)

    async def _in_thread(self, work: Callable[["_LoopHttp"], T]) -> T:
        http = _LoopHttp(self._session, asyncio.get_running_loop())
        # MSAL's messages quote tokens and nonces, so none of them leaves this block.
        with translated(SERVICE, codes_only=True, known=_fault_of):
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await asyncio.to_thread(work, http)

    def _application(self, http: "_LoopHttp") -> Any:
        return msal.ConfidentialClientApplication(
            self._app.client_id,
            client_credential=self._credential(http),
            authority=self._authority,
            # The settings name the authority, so no other host is asked whether it is one.
            instance_discovery=False,
            # Without a refresh token, nothing outlives the sign-in.
            exclude_scopes=["offline_access"],
            http_client=http,
            token_cache=_NoTokens(),
        )

    def _credential(self, http: "_LoopHttp") -> str | dict[str, Any]:
        given = self._app.credential
        if given.secret:
            return given.secret
        if given.certificate_path:
            pem = Path(given.certificate_path).read_text(encoding="ascii")
            return {
                "private_key": _block(pem, "PRIVATE KEY"),
                "public_certificate": _block(pem, "CERTIFICATE"),
            }
        assertion = given.assertion
        if assertion is None:
            raise ValueError("the application has no credential")
        return {"client_assertion": lambda: http.wait_for(assertion())}

    def _issuer(self, http: "_LoopHttp") -> str:
        url = f"{self._authority}/v2.0/.well-known/openid-configuration"
        answer = http.get(url)
        answer.raise_for_status()
        return str(json.loads(answer.text)["issuer"])

    @property
    def _authority(self) -> str:
        return f"{self._app.authority}/{self._app.tenant_id}"


class _NoTokens(msal.TokenCache):  # type: ignore[misc]  # MSAL ships no types
    """A cache that keeps nothing: MSAL's own also logs the code and the verifier."""

    def add(self, event: object, **_: object) -> None:
        """Leave it."""


class _NoAnswer(Exception):
    """Entra didn't answer, or with an error of its own."""


class _Refused(Exception):
    """Entra refused; ``code`` is its error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class _HttpAnswer:
    """An answer as MSAL reads it."""

    status_code: int
    text: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        if self.status_code >= HTTPStatus.BAD_REQUEST:
            raise _NoAnswer(str(self.status_code))


class _LoopHttp:
    """The HTTP client of MSAL's thread: it sends on the event loop and waits for it."""

    def __init__(self, session: aiohttp.ClientSession, loop: asyncio.AbstractEventLoop) -> None:
        self._session = session
        self._loop = loop

    def get(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _HttpAnswer:
        return self.wait_for(self._send("GET", url, params, None, headers))

    def post(
        self,
        url: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str | bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        **_: object,
    ) -> _HttpAnswer:
        return self.wait_for(self._send("POST", url, params, data, headers))

    def close(self) -> None:
        """Leave the session open: it is the bot's."""

    def wait_for(self, awaited: Awaitable[T]) -> T:
        """Let the event loop do this, and wait for it in this thread."""

        async def run() -> T:
            return await awaited

        return asyncio.run_coroutine_threadsafe(run(), self._loop).result(_PATIENCE_SECONDS)

    async def _send(
        self,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        data: Mapping[str, str | bytes] | None,
        headers: Mapping[str, str] | None,
    ) -> _HttpAnswer:
        async with self._session.request(
            method,
            url,
            params=params,
            data=_as_text(data) if data else None,
            headers=dict(headers or {}),
            timeout=aiohttp.ClientTimeout(total=_REQUEST_SECONDS),
            allow_redirects=False,
        ) as response:
            text = await response.text()
        if response.status in _NOT_NOW or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _NoAnswer(str(response.status))
        if not _is_object(text):
            raise _NoAnswer("not JSON")  # MSAL would log it
        return _HttpAnswer(response.status, text, dict(response.headers))


def _as_text(form: Mapping[str, str | bytes]) -> dict[str, str]:
    """Return a form with texts alone: MSAL's own assertions are bytes, which would be files."""
    return {
        name: value.decode() if isinstance(value, bytes) else value for name, value in form.items()
    }


def _block(pem: str, kind: str) -> str:
    """Return the first block of a kind; raises ValueError if the file has none."""
    found = re.search(rf"-----BEGIN [A-Z ]*{kind}-----.*?-----END [A-Z ]*{kind}-----", pem, re.S)
    if found is None:
        raise ValueError(f"the file has no {kind}")
    return found[0]


def _claims(contexts: Sequence[str]) -> str:
    """Ask for the time of the sign-in, and for the contexts.

    Source: "Developer guide to Conditional Access authentication context", Microsoft Learn. With
    several values Entra may satisfy only one of them, which is then found to be too weak.
    """
    wanted: dict[str, Any] = {"auth_time": {"essential": True}}
    if len(contexts) == 1:
        wanted["acrs"] = {"essential": True, "value": contexts[0]}
    elif contexts:
        wanted["acrs"] = {"essential": True, "values": list(contexts)}
    return json.dumps({"id_token": wanted})


def _granted(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return MSAL's result unless Entra refused."""
    if "error" in result:
        error = str(result["error"])
        raise _Refused(error if _CODE.fullmatch(error) else "unknown")
    return result


def _fault_of(error: Exception) -> Fault | None:
    """Return the fault for what MSAL and its requests raise, without a word of their messages."""
    match error:
        case _Refused():
            return Rejected(SERVICE, error.code, code=error.code)
        case _NoAnswer() | aiohttp.ClientError() | TimeoutError() | OSError():
            return Unavailable(SERVICE, type(error).__name__, outcome_unknown=False)
        case Fault():
            return error
        case _:
            # MSAL raises ValueError and RuntimeError if the answer doesn't belong to the flow.
            return Rejected(SERVICE, f"unusable answer ({type(error).__name__})")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False
