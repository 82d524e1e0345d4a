"""Verify the bearer token that proves the Bot Framework sent a request to this bot."""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import jwt

from bot.transport.inbound.keys import SigningKey, SigningKeys
from bot.transport.inbound.rejections import TokenRefused

_ALGORITHMS = ["RS256"]  # never taken from the token's header
_SKEW_SECONDS = 5 * 60
_MAX_TOKEN_LENGTH = 16 * 1024
_REMEMBERED = 256


@dataclass(frozen=True)
class Bearer:
    """A token that is valid for this bot: its claims, and the key that signed them."""

    claims: Mapping[str, Any]
    key: SigningKey


class BearerTokens:
    """Verify the tokens of inbound requests.

    Signature, issuer, audience, `exp` (required) and `nbf` are checked, with five minutes of
    clock skew. Teams sends the same token many times, so a valid token is remembered by its hash
    until it expires or its key is withdrawn.
    """

    def __init__(
        self, keys: SigningKeys, app_id: str, issuer: str, clock: Callable[[], datetime]
    ) -> None:
        self._keys = keys
        self._app_id = app_id
        self._issuer = issuer
        self._clock = clock
        self._known: OrderedDict[bytes, Bearer] = OrderedDict()

    async def verify(self, authorization: str | None) -> Bearer:
        """Verify an `Authorization` header; raise `TokenRefused` or `KeysUnavailable`."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenRefused("a bearer token is required")
        if len(token) > _MAX_TOKEN_LENGTH:
            raise TokenRefused("the token is too long")
        digest = sha256(token.encode("utf-8", "surrogateescape")).digest()
        bearer = await self._recall(digest) or await self._decode(token)
        _check_times(bearer.claims, self._clock().timestamp())
        self._remember(digest, bearer)
        return bearer

    async def _recall(self, digest: bytes) -> Bearer | None:
        known = self._known.pop(digest, None)
        if known is None or await self._keys.find(known.key.kid) != known.key:
            return None
        return known

    def _remember(self, digest: bytes, bearer: Bearer) -> None:
        self._known[digest] = bearer
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)

    async def _decode(self, token: str) -> Bearer:
        key = await self._keys.find(_key_id(token))
        if key is None:
            raise TokenRefused("the token is signed with an unknown key")
        try:
            claims = jwt.decode(
                token,
                key.public_key,
                algorithms=_ALGORITHMS,
                audience=self._app_id,
                issuer=self._issuer,
                # PyJWT uses the system clock; ours is passed in, so times are checked below.
                options={
                    "require": ["exp", "iss", "aud"],
                    "strict_aud": True,
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except (jwt.InvalidTokenError, ValueError, TypeError) as fault:
            raise TokenRefused(_reason(fault)) from fault
        return Bearer(claims, key)


def _key_id(token: str) -> str:
    try:
        kid = jwt.get_unverified_header(token).get("kid")
    except (jwt.InvalidTokenError, ValueError, TypeError) as fault:
        raise TokenRefused("the token cannot be read") from fault
    if not isinstance(kid, str) or not kid:
        raise TokenRefused("the token names no key")
    return kid


def _check_times(claims: Mapping[str, Any], now: float) -> None:
    if now >= _seconds(claims["exp"]) + _SKEW_SECONDS:
        raise TokenRefused("the token has expired")
    if "nbf" in claims and now < _seconds(claims["nbf"]) - _SKEW_SECONDS:
        raise TokenRefused("the token is not valid yet")


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused("the token's times are not numbers")
    return float(value)


def _reason(fault: Exception) -> str:
    match fault:
        case jwt.MissingRequiredClaimError():
            return f"the token has no {fault.claim} claim"
        case jwt.InvalidAudienceError():
            return "the token is for another audience"
        case jwt.InvalidIssuerError():
            return "the token is from another issuer"
        case jwt.InvalidAlgorithmError():
            return "the token's algorithm is not accepted"
        case _:
            return "the token is not valid"
