"""The access token for the Teams connector."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol

from services.answer_time import nobody_waiting

_log = logging.getLogger(__name__)

_RENEW_BEFORE = timedelta(minutes=5)
# A failed renewal is retried while the token is still valid, but not on every send.
_BETWEEN_TRIES = timedelta(seconds=30)


class AccessToken(Protocol):
    """An access token from azure-identity; `expires_on` is in Unix seconds."""

    @property
    def token(self) -> str: ...

    @property
    def expires_on(self) -> int: ...


class TokenUnavailable(Exception):
    """Entra returned no token for the connector; a later retry may succeed."""


class ConnectorTokens:
    """Keep one access token, renewed five minutes before it expires, by one caller at a time.

    `fetch` gets a token from Entra for the cloud's connector scope.
    """

    def __init__(
        self, fetch: Callable[[], Awaitable[AccessToken]], clock: Callable[[], datetime]
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._token: AccessToken | None = None
        self._renew_at = 0.0
        self._fetching = asyncio.Lock()

    async def get_token(self) -> str:
        """Return a valid token; raise `TokenUnavailable` if there is none."""
        held = self._held()
        if held and (not self._due() or self._fetching.locked()):
            return held
        async with self._fetching:
            held = self._held()
            if held is None or self._due():
                return await self._renew(held)
            return held

    def _held(self) -> str | None:
        """Return the current token if it has not expired."""
        if self._token is None or self._now() >= self._token.expires_on:
            return None
        return self._token.token

    def _due(self) -> bool:
        return self._now() >= self._renew_at

    def _now(self) -> float:
        return self._clock().timestamp()

    async def _renew(self, held: str | None) -> str:
        try:
            with nobody_waiting():  # the answers of all turns need it, also of this one
                self._token = await self._fetch()
        except Exception as fault:
            if held is None:
                raise TokenUnavailable("no access token for the connector") from fault
            _log.warning("connector token not renewed: %s", type(fault).__name__)
            self._renew_at = self._now() + _BETWEEN_TRIES.total_seconds()
            return held
        self._renew_at = self._token.expires_on - _RENEW_BEFORE.total_seconds()
        return self._token.token
