"""The Bot Framework's signing keys, and tokens signed with them."""

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

from tests.support.teams.activities import APP_ID, Json

ISSUER = "https://api.botframework.com"


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


@cache
def private_key(number: int) -> rsa.RSAPrivateKey:
    """Return the n-th key; all tests share them, as making one takes a while."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class TokenMint:
    """Sign tokens and publish the keys that verify them.

    `roll()` replaces the current key; `endorsements` apply to every published key.
    """

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self.service_url = ""
        self.endorsements: list[str] | None = ["msteams", "skype"]
        self.reachable = True
        self.fetches = 0
        self._clock = clock
        self._generation = 0

    @property
    def kid(self) -> str:
        """Return the current key's ID."""
        return f"key-{self._generation}"

    def roll(self) -> None:
        """Switch to a new key and withdraw the old one."""
        self._generation += 1

    def key_set(self) -> Json:
        """Return the published keys as a JSON Web Key Set."""
        public = RSAAlgorithm.to_jwk(private_key(self._generation).public_key(), as_dict=True)
        key = {**public, "kid": self.kid, "use": "sig", "key_ops": ["verify"]}
        if self.endorsements is not None:
            key["endorsements"] = self.endorsements
        return {"keys": [key]}

    def token(
        self,
        *,
        algorithm: str | None = "RS256",
        key: Any = None,
        kid: str | None = None,
        **claims: object,
    ) -> str:
        """Return a token like one from Teams; given claims replace its own, None leaves one out."""
        issued_at = int(self._clock().timestamp())
        payload = {
            "iss": ISSUER,
            "aud": APP_ID,
            "serviceurl": self.service_url,
            "nbf": issued_at,
            "exp": issued_at + 3600,
        } | claims
        return jwt.encode(
            {name: value for name, value in payload.items() if value is not None},
            private_key(self._generation) if key is None else key,
            algorithm=algorithm,
            headers={"kid": kid or self.kid},
        )

    def unsigned(self) -> str:
        """Return a token with the algorithm "none"."""
        return f"{self._head('none')}."

    def signed_with_the_public_key(self) -> str:
        """Return a token that uses the public key as an HMAC secret."""
        secret = private_key(self._generation).public_key()
        pem = secret.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        head = self._head("HS256")
        return f"{head}.{_base64(hmac.digest(pem, head.encode(), 'sha256'))}"

    def signed_with_another_key(self) -> str:
        """Return a token that names the current key but is signed with another."""
        return self.token(key=private_key(-1))

    def _head(self, algorithm: str) -> str:
        header = json.dumps({"alg": algorithm, "typ": "JWT", "kid": self.kid})
        return f"{_base64(header.encode())}.{self.token().split('.')[1]}"


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
