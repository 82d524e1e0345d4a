"""JSON Web Tokens: signed with the sandbox's key, and checked."""

import base64
import json
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sandbox.calls import Json

KEY_ID = "sandbox"
_HEADER = {"typ": "JWT", "alg": "RS256", "kid": KEY_ID}


def sign(claims: Json) -> str:
    """Return a token with these claims, signed with the sandbox's key."""
    signed = f"{_encode_json(_HEADER)}.{_encode_json(claims)}"
    signature = _key().sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{encode(signature)}"


def own_claims(token: str) -> Json | None:
    """Return the claims of a token that the sandbox signed, or None if it isn't one."""
    return claims_signed_by(_key().public_key(), token)


def claims_signed_by(key: rsa.RSAPublicKey, token: str) -> Json | None:
    """Return a token's claims, or None unless this key signed it, by RS256 or PS256."""
    signed, _, signature = token.rpartition(".")
    scheme = _padding(header_of(token).get("alg"))
    if scheme is None:
        return None
    try:
        key.verify(_decode(signature), signed.encode(), scheme, hashes.SHA256())
        claims = json.loads(_decode(signed.partition(".")[2]))
    except (InvalidSignature, ValueError):
        return None
    return claims if isinstance(claims, dict) else None


def header_of(token: str) -> Json:
    """Return a token's header, unchecked; it is empty if the token has none."""
    try:
        header = json.loads(_decode(token.partition(".")[0]))
    except ValueError:
        return {}
    return header if isinstance(header, dict) else {}


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
                "n": encode(numbers.n.to_bytes(256, "big")),
                "e": encode(numbers.e.to_bytes(3, "big")),
            }
        ]
    }


def encode(raw: bytes) -> str:
    """Return bytes in URL-safe Base64, without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _padding(algorithm: Any) -> padding.AsymmetricPadding | None:
    if algorithm == "RS256":
        return padding.PKCS1v15()
    if algorithm == "PS256":
        return padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
    return None


@cache
def _key() -> rsa.RSAPrivateKey:
    # One per process: making one takes a tenth of a second.
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _encode_json(document: Json) -> str:
    return encode(json.dumps(document, separators=(",", ":")).encode())


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
