"""Fetch the keys that the Bot Framework signs its requests with."""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from bot.transport.inbound.rejections import KeysUnavailable

_log = logging.getLogger(__name__)

_FRESH = timedelta(hours=24)
# An unknown key id may mean a key rollover, so it is worth one fetch, but made-up ids get no more.
_BETWEEN_FETCHES = timedelta(minutes=1)
_BETWEEN_FETCHES_WITHOUT_KEYS = timedelta(seconds=5)
_TIMEOUT = aiohttp.ClientTimeout(total=5)
_MIN_BITS = 2048


@dataclass(frozen=True)
class SigningKey:
    """One RSA key and the channels it is endorsed for; compared by id, key and channels."""

    kid: str
    modulus: str
    endorsements: frozenset[str]
    public_key: RSAPublicKey = field(compare=False, repr=False)


class SigningKeys:
    """Fetch and keep the signing keys that an OpenID metadata document points to.

    They are used for a day. An unknown key id triggers a fetch at once, but at most once a
    minute; if the fetch fails, the current keys stay in use.
    """

    def __init__(
        self, session: aiohttp.ClientSession, metadata_url: str, clock: Callable[[], datetime]
    ) -> None:
        self._session = session
        self._metadata_url = metadata_url
        self._clock = clock
        self._keys: dict[str, SigningKey] = {}
        self._fetched_at: datetime | None = None
        self._tried_at: datetime | None = None
        self._fetching = asyncio.Lock()

    async def find(self, kid: str) -> SigningKey | None:
        """Return the key with this id, or None if the Bot Framework has none.

        Raises `KeysUnavailable` until keys have been fetched once.
        """
        if kid in self._keys and (self._fresh() or self._fetching.locked()):
            return self._keys[kid]
        async with self._fetching:
            wanted = kid not in self._keys or not self._fresh()
            if wanted and self._may_fetch():
                await self._refresh()
        if not self._keys:
            raise KeysUnavailable("the signing keys are unavailable, try again")
        return self._keys.get(kid)

    def _fresh(self) -> bool:
        return self._fetched_at is not None and self._clock() - self._fetched_at < _FRESH

    def _may_fetch(self) -> bool:
        pause = _BETWEEN_FETCHES if self._keys else _BETWEEN_FETCHES_WITHOUT_KEYS
        return self._tried_at is None or self._clock() - self._tried_at >= pause

    async def _refresh(self) -> None:
        self._tried_at = self._clock()
        try:
            metadata = await self._get(self._metadata_url)
            document = await self._get(metadata["jwks_uri"])
            keys = {key.kid: key for key in _usable(document["keys"])}
        except (aiohttp.ClientError, TimeoutError, ValueError, TypeError, KeyError) as fault:
            _log.warning("signing keys not fetched: %s", type(fault).__name__)
            return
        if keys:
            self._keys, self._fetched_at = keys, self._clock()

    async def _get(self, url: str) -> Any:
        async with self._session.get(url, timeout=_TIMEOUT, raise_for_status=True) as response:
            # Bot Framework metadata is sometimes served with a content type other than JSON.
            return await response.json(content_type=None)


def _usable(documents: Iterable[dict[str, Any]]) -> Iterable[SigningKey]:
    for document in documents:
        try:
            public_key = jwt.PyJWK(document, algorithm="RS256").key
            endorsements = frozenset(document.get("endorsements") or ())
            key = SigningKey(document["kid"], document["n"], endorsements, public_key)
        except (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError):
            continue  # one unreadable key must not cost us the others
        if isinstance(public_key, RSAPublicKey) and public_key.key_size >= _MIN_BITS:
            yield key
