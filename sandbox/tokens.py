"""Access tokens, signed so that a forged one is refused."""

import base64
import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.calls import Clock, Json
from sandbox.seed import ServicePrincipal, User

KEY_ID = "sandbox"


@dataclass(frozen=True, slots=True)
class Token:
    """Hold an issued token; `expires_on` counts seconds since the epoch."""

    access_token: str
    expires_on: int


@dataclass(frozen=True, slots=True)
class Caller:
    """Hold the principal of a verified token."""

    principal_id: str
    app_id: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """Issue and read one tenant's tokens.

    `clock` dates them. Clients judge expiry by the machine's clock, so this is the real one even
    if the rest of the sandbox follows a clock that a test advances.
    """

    tenant_id: str
    clock: Clock
    lifetime: timedelta = timedelta(hours=24)

    def issue(self, principal: User | ServicePrincipal, resource: str) -> Token:
        """Issue a token for a principal, valid for one resource."""
        now = int(self.clock().timestamp())
        expires = now + int(self.lifetime.total_seconds())
        claims: Json = {
            "aud": resource.rstrip("/"),
            "iss": f"https://sts.windows.net/{self.tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": expires,
            "oid": principal.id,
            "sub": principal.id,
            "tid": self.tenant_id,
            "ver": "1.0",
        }
        if isinstance(principal, User):
            claims |= {"upn": principal.user_principal_name, "name": principal.display_name}
        else:
            claims |= {"appid": principal.client_id, "idtyp": "app"}
        signed = f"{_encode_json(_HEADER)}.{_encode_json(claims)}"
        signature = _key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return Token(f"{signed}.{_encode(signature)}", expires)

    def read(self, token: str | None, audiences: tuple[str, ...]) -> Caller | None:
        """Return a token's caller, or None unless it is ours, not expired and meant for us."""
        claims = _verified_claims(token or "")
        if claims is None or claims["exp"] <= self.clock().timestamp():
            return None
        if claims["aud"] not in {audience.rstrip("/") for audience in audiences}:
            return None
        return Caller(claims["oid"], claims.get("appid", ""))

    def principal_of(self, token: str | None) -> str | None:
        """Return the object ID in one of our tokens, whatever resource it is for."""
        claims = _verified_claims(token or "")
        return str(claims["oid"]) if claims else None


def signing_keys() -> Json:
    """Return the public key as a JSON Web Key Set."""
    numbers = _key().public_key().public_numbers()
    return {
        "keys": [
            {
                "kty": "RSA",
                "use": "sig",
                "kid": KEY_ID,
                "alg": "RS256",
                "n": _encode(numbers.n.to_bytes(256, "big")),
                "e": _encode(numbers.e.to_bytes(3, "big")),
            }
        ]
    }


_HEADER = {"typ": "JWT", "alg": "RS256", "kid": KEY_ID}


@cache
def _key() -> rsa.RSAPrivateKey:
    # One per process: making one takes a tenth of a second.
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _verified_claims(token: str) -> dict[str, Any] | None:
    signed, _, signature = token.rpartition(".")
    try:
        _key().public_key().verify(
            _decode(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        claims = json.loads(_decode(signed.partition(".")[2]))
    except (InvalidSignature, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def _encode_json(document: Json) -> str:
    return _encode(json.dumps(document, separators=(",", ":")).encode())


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
