"""What signs people in: Entra, as a port."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from domain.access.sign_in.id_token import Claims


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Where the browser goes to sign in, and what has to be remembered until it comes back.

    ``memory`` is JSON and has secrets of the protocol in it: it is stored, and never logged.
    """

    url: str
    memory: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class IdToken:
    """The claims of an ID token, and the issuer that the tenant's metadata names."""

    claims: Claims
    issuer: str


class SignInProvider(Protocol):
    """Signs people in with an authorization code; raises Unavailable and Rejected.

    No fault says anything about the code, the state, or the token.
    """

    async def begin(
        self, state: str, contexts: Sequence[str], max_age: timedelta, login_hint: str
    ) -> SignInPage:
        """Return where to sign in afresh, with these authentication contexts."""

    async def redeem(self, memory: Mapping[str, Any], answer: Mapping[str, str]) -> IdToken:
        """Exchange the code in Entra's answer; the code can be used once."""

    async def check(self) -> None:
        """Find out whether Entra knows the application and accepts its credentials."""
