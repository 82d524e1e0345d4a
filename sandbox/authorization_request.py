"""What an app asks for when it sends a browser to Entra."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from sandbox.calls import Json

_LOOPBACK = ("localhost", "127.0.0.1")
_CONTEXT = re.compile(r"c([1-9]\d?)")


class RequestError(ValueError):
    """Raised for an invalid request, with the error that its app is told and its AADSTS number."""

    def __init__(self, error: str, description: str, number: int) -> None:
        super().__init__(description)
        self.error = error
        self.number = number


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """Hold an authorization request with a registered redirect URI.

    `contexts` are the authentication contexts in its claims; `id_token_claims` names the claims
    that it requests for the ID token.
    """

    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None
    nonce: str | None
    challenge: str | None
    prompt: str | None
    login_hint: str | None
    max_age: timedelta | None
    id_token_claims: frozenset[str]
    contexts: tuple[str, ...]

    def answer(self, **parameters: str) -> str:
        """Return the redirect URI with Entra's answer, and with the app's state."""
        return answer(self.redirect_uri, self.state, **parameters)


def answer(redirect_uri: str, state: str | None, **parameters: str) -> str:
    """Return a redirect URI with Entra's answer, and with the app's state if it sent one."""
    given = parameters if state is None else {**parameters, "state": state}
    separator = "&" if urlsplit(redirect_uri).query else "?"
    return f"{redirect_uri}{separator}{urlencode(given)}"


def is_registered(redirect_uri: str, registered: tuple[str, ...]) -> bool:
    """Tell whether a redirect URI is registered; on the loopback interface, any port matches."""
    return any(
        redirect_uri == one or _without_port(redirect_uri) == _without_port(one) != ""
        for one in registered
    )


def read_request(given: Mapping[str, str], client_id: str) -> AuthorizationRequest:
    """Read the parameters; raise RequestError if one is invalid."""
    if given.get("response_type") != "code":
        raise RequestError(
            "unsupported_response_type", "The response type isn't supported by this app.", 700054
        )
    if given.get("response_mode", "query") != "query":
        raise _malformed("The response mode isn't supported.")
    scopes = tuple(given.get("scope", "").split())
    if "openid" not in scopes:
        raise RequestError("invalid_scope", "The scope 'openid' is missing.", 70011)
    claims = _claims(given.get("claims"))
    return AuthorizationRequest(
        client_id,
        given["redirect_uri"],
        scopes,
        given.get("state"),
        given.get("nonce"),
        _challenge(given),
        given.get("prompt"),
        given.get("login_hint"),
        _max_age(given.get("max_age")),
        frozenset(claims),
        _contexts(claims.get("acrs")),
    )


def _without_port(uri: str) -> str:
    """Return a loopback URI without its port, or an empty text for any other URI."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    if parts.scheme != "http" or parts.hostname not in _LOOPBACK:
        return ""
    return parts._replace(netloc=parts.hostname).geturl()


def _challenge(given: Mapping[str, str]) -> str | None:
    challenge = given.get("code_challenge")
    if challenge and given.get("code_challenge_method") != "S256":
        raise _malformed("The code challenge's method isn't S256.")
    return challenge or None


def _max_age(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if not text.isdecimal():
        raise _malformed("max_age isn't a number of seconds.")
    return timedelta(seconds=int(text))


def _claims(text: str | None) -> Json:
    """Return the claims requested for the ID token."""
    if not text:
        return {}
    try:
        requested = json.loads(text)
        claims = requested.get("id_token") or {}
        return dict(claims)
    except (ValueError, TypeError, AttributeError):
        raise _malformed("The claims parameter isn't valid JSON.") from None


def _contexts(acrs: Any) -> tuple[str, ...]:
    wanted = acrs if isinstance(acrs, dict) else {}
    values = wanted.get("values") or [wanted.get("value")]
    return tuple(one for one in values if isinstance(one, str) and _CONTEXT.fullmatch(one))


def _malformed(what: str) -> RequestError:
    return RequestError("invalid_request", f"Request is malformed or invalid. {what}", 9002313)
