"""Reads the claims of an ID token from Entra, and decides whether they are meant for us.

The token comes over TLS straight from Entra's token endpoint, so its signature needs no check
(OpenID Connect Core 3.1.3.7). MSAL checks the nonce and nothing else.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from domain.access.fresh_sign_in import FreshSignIn
from domain.access.rules.policy import ALLOWED, Decision
from domain.access.sign_in.step_up import SKEW
from domain.refusals.sign_ins import (
    SignedInAsSomeoneElse,
    SignInByAnotherIssuer,
    SignInForAnotherApp,
    SignInOfAnotherTenant,
    SignInTokenExpired,
    SignInUndated,
)

Claims = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedToken:
    """Who must have issued an ID token, for which application, and about whom."""

    issuer: str
    tenant_id: str
    client_id: str
    person_id: str


def decide_id_token(claims: Claims, expected: ExpectedToken, now: datetime) -> Decision:
    """Decide whether an ID token is what we asked for; its age and contexts are decided later."""
    if claims.get("iss") != expected.issuer:
        return Decision(SignInByAnotherIssuer())
    if not _is(claims.get("tid"), expected.tenant_id):
        return Decision(SignInOfAnotherTenant())
    if not _is(claims.get("aud"), expected.client_id):
        return Decision(SignInForAnotherApp())
    expires_at = _moment(claims.get("exp"))
    if expires_at is None or now >= expires_at + SKEW:
        return Decision(SignInTokenExpired())
    if not _is(claims.get("oid"), expected.person_id):
        return Decision(SignedInAsSomeoneElse())
    if _moment(claims.get("auth_time")) is None:
        return Decision(SignInUndated())
    return ALLOWED


def sign_in_of(claims: Claims) -> FreshSignIn:
    """Read the sign-in from claims that were decided to be good; ValueError if it has no time."""
    at = _moment(claims.get("auth_time"))
    if at is None:
        raise ValueError("auth_time is missing")
    return FreshSignIn(
        person_id=str(claims.get("oid")).lower(),
        at=at,
        contexts=_names(claims.get("acrs")),
        methods=_names(claims.get("amr")),
    )


def _is(claim: object, guid: str) -> bool:
    """Compare GUIDs; a claim of several audiences or of another type is never the one expected."""
    return isinstance(claim, str) and bool(guid) and claim.lower() == guid.lower()


def _moment(claim: object) -> datetime | None:
    """Read Unix seconds; None for anything else."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _names(claim: object) -> tuple[str, ...]:
    if isinstance(claim, str):
        return (claim,)
    return tuple(map(str, claim)) if isinstance(claim, list) else ()
