"""A small client for the part of the Teams connector that the bot uses."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.transport.inbound.shape import Json
from bot.transport.outbound.connector_errors import (
    ConnectorError,
    ConnectorUnavailable,
    ConversationUnreachable,
    error_of,
)
from bot.transport.outbound.pacing import Pacing
from bot.transport.outbound.tokens import TokenUnavailable
from bot.transport.outbound.wire import to_bytes
from bot.transport.service_urls import ServiceUrls
from services.retry_after import retry_after
from services.workflow.ownership import is_owned

PATIENCE = timedelta(seconds=10)
"""How long to wait for an answer during a turn, which Teams gives up after 15 seconds."""
PATIENCE_WITHOUT_TURN = timedelta(seconds=15)
"""How long to wait otherwise: a post that isn't waited for is posted again, and read twice."""
_CONNECT = 3
_ATTEMPTS = 3
_MAX_PAUSE = timedelta(seconds=5)
_PAGE = 500


class TokenSource(Protocol):
    """Provides the access token."""

    async def get_token(self) -> str: ...


@dataclass(frozen=True)
class _Call:
    method: str
    service_url: str
    path: tuple[str, ...]
    body: object = None
    query: tuple[tuple[str, str], ...] = ()
    conversation_id: str | None = None
    root: str = "v3/conversations"

    def url(self) -> URL:
        if any(part.strip(".") == "" for part in self.path):
            raise ValueError("an id is empty")  # it would address something else
        parts = (self.service_url.rstrip("/"), self.root)
        path = "/".join((*parts, *map(self._quoted, self.path)))
        url = URL(path, encoded=True)
        return url.update_query(self.query) if self.query else url

    def _quoted(self, part: str) -> str:
        # Any other id is hardly asked for twice, so remembering it would only take memory.
        return _conversation(part) if part == self.conversation_id else _quoted(part)

    def may_repeat(self, fault: ConnectorUnavailable) -> bool:
        """Return whether a retry can't do the same thing twice."""
        return self.method != "POST" or not fault.ambiguous


def _quoted(part: str) -> str:
    return quote(part, safe="")


_conversation = lru_cache(1_000)(_quoted)


class Connector:
    """Send, update and look up, over one pooled session.

    Requests stay within Teams' rate limits. Failed requests are retried up to three times, unless
    a retry might do the same thing twice. The access token goes to allowed hosts only. `tokens`
    is None in local mode. Every method raises `ConnectorError`s; `ConnectorUnavailable` means
    that a later retry may succeed.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        tokens: TokenSource | None,
        service_urls: ServiceUrls,
        pacing: Pacing,
        sleep: Callable[[float], Awaitable[None]],
        patience: timedelta = PATIENCE,
    ) -> None:
        self._timeout = aiohttp.ClientTimeout(total=patience.total_seconds(), connect=_CONNECT)
        self._session = session
        self._tokens = tokens
        self._service_urls = service_urls
        self._pacing = pacing
        self._sleep = sleep

    async def send(
        self, service_url: str, conversation_id: str, activity: object, reply_to: str | None = None
    ) -> str:
        """Post an activity, as a reply if `reply_to` is given; return its id.

        An activity is a dict in wire format, or one of the SDK's models.
        """
        path = (conversation_id, "activities") + ((reply_to,) if reply_to else ())
        call = _Call("POST", service_url, path, activity, conversation_id=conversation_id)
        answer = await self._perform(call)
        return str(answer.get("id") or "")

    async def update(
        self, service_url: str, conversation_id: str, activity_id: str, activity: object
    ) -> bool:
        """Replace an activity; raise `Gone` if it no longer exists.

        Returns whether each attempt was answered. One that wasn't may be carried out later, over
        what replaces the activity meanwhile.
        """
        path = (conversation_id, "activities", activity_id)
        call = _Call("PUT", service_url, path, activity, conversation_id=conversation_id)
        _, is_sure = await self._perform_surely(call)
        return is_sure

    async def delete(self, service_url: str, conversation_id: str, activity_id: str) -> None:
        """Delete an activity; raise `Gone` if it no longer exists."""
        path = (conversation_id, "activities", activity_id)
        await self._perform(_Call("DELETE", service_url, path, conversation_id=conversation_id))

    async def create_conversation(self, service_url: str, parameters: object) -> tuple[str, str]:
        """Open a conversation; return its id and its first activity's id ("" if none)."""
        answer = await self._perform(_Call("POST", service_url, (), parameters))
        if not answer.get("id"):
            raise ConnectorUnavailable("Teams named no conversation", ambiguous=True)
        return str(answer["id"]), str(answer.get("activityId") or "")

    async def member(self, service_url: str, conversation_id: str, member_id: str) -> Json | None:
        """Return a member by Teams id, Entra object id or user principal name; None if absent."""
        path = (conversation_id, "members", member_id)
        try:
            return await self._perform(
                _Call("GET", service_url, path, conversation_id=conversation_id)
            )
        except ConversationUnreachable as fault:
            if fault.code in ("MemberNotFoundInConversation", "status 404"):
                return None
            raise

    async def members(self, service_url: str, conversation_id: str) -> list[Json]:
        """Return every member of a conversation."""
        members: list[Json] = []
        token: str | None = None
        while True:
            query = (("pageSize", str(_PAGE)), *((("continuationToken", token),) if token else ()))
            path = (conversation_id, "pagedmembers")
            call = _Call("GET", service_url, path, query=query, conversation_id=conversation_id)
            page = await self._perform(call)
            members += page.get("members") or []
            token = page.get("continuationToken")
            if not token:
                return members

    async def team(self, service_url: str, team_id: str) -> Json:
        """Return Teams' data on a team: its ``name``, and its Entra id as ``aadGroupId``."""
        return await self._perform(_Call("GET", service_url, (team_id,), root="v3/teams"))

    async def _perform(self, call: _Call) -> Json:
        """Make a call, and retry it after a pause if that is safe."""
        answer, _ = await self._perform_surely(call)
        return answer

    async def _perform_surely(self, call: _Call) -> tuple[Json, bool]:
        """Do the same, and also say whether each attempt was answered."""
        if not self._service_urls.allow(call.service_url):
            raise ConversationUnreachable("the serviceUrl is not a Teams endpoint")
        is_sure = True
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._attempt(call), is_sure
            except ConnectorUnavailable as fault:
                is_sure = is_sure and not fault.ambiguous
                fault.ambiguous = not is_sure
                pause = fault.retry_after
                if pause is None:
                    pause = timedelta(seconds=2.0 ** (attempt - 2))
                if attempt == _ATTEMPTS or not call.may_repeat(fault) or pause > _MAX_PAUSE:
                    raise
                await self._sleep(pause.total_seconds())
        raise AssertionError("the last attempt returns or raises")

    async def _attempt(self, call: _Call) -> Json:
        await self._pacing.wait(call.conversation_id)
        headers = await self._headers()
        if not is_owned():
            # Repeating it now would be as late.
            raise ConnectorUnavailable(
                "the claim on this message ran out", retry_after=2 * _MAX_PAUSE
            )
        data = None if call.body is None else to_bytes(call.body)
        try:
            async with self._session.request(
                call.method,
                call.url(),
                data=data,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
            ) as response:
                return await _read(response, on_activity=call.method in ("PUT", "DELETE"))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
            raise ConnectorUnavailable("Teams cannot be reached") from fault
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise ConnectorUnavailable("Teams did not answer", ambiguous=True) from fault

    async def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self._tokens is not None:
            try:
                headers["Authorization"] = f"Bearer {await self._tokens.get_token()}"
            except TokenUnavailable as fault:
                raise ConnectorUnavailable("no access token") from fault
        return headers


async def _read(response: aiohttp.ClientResponse, *, on_activity: bool) -> Json:
    try:
        # Not by its own `json`, which looks for the encoding in the headers: bytes of JSON show it.
        body = json.loads((await response.read()).strip() or b"null")
    except ValueError as fault:
        if response.status < 300:
            # Not from Teams, which answers in JSON or with nothing: a proxy's page, for example.
            raise ConnectorUnavailable("Teams' answer can't be read", ambiguous=True) from fault
        body = None
    answer: Json = body if isinstance(body, dict) else {}
    if response.status >= 300:
        raise _error(response, answer, on_activity=on_activity)
    return answer


def _error(response: aiohttp.ClientResponse, answer: Json, *, on_activity: bool) -> ConnectorError:
    error = answer.get("error")
    code = error.get("code") if isinstance(error, dict) else answer.get("errorCode")
    return error_of(
        response.status,
        str(code or ""),
        retry_after(response.headers),
        on_activity=on_activity,
    )
