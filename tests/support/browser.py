"""A person's browser: it follows no redirect by itself, and keeps cookies."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape

import aiohttp

from tests.support.sandbox import Sandbox

_CANCEL = re.compile(r'<a href="([^"]+)">Cancel</a>')


@dataclass(frozen=True, slots=True)
class Page:
    """Hold what came back: `location` is where a redirect leads, empty if it isn't one."""

    status: int
    location: str
    text: str
    headers: dict[str, str]


class Browser:
    """Open addresses, and sign people in at the sandbox's Entra."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def open(self, address: str) -> Page:
        """Fetch an address."""
        return await self._fetch("GET", address)

    async def sign_in(self, address: str, object_id: str, *, strong: bool = True) -> Page:
        """Sign a person in on the page at an address; return the redirect to the app."""
        form = {"person": object_id, "strength": "strong" if strong else "weak"}
        return await self._fetch("POST", address, form)

    async def cancel(self, address: str) -> str:
        """Give up on the page at an address; return where its link leads."""
        page = await self.open(address)
        link = _CANCEL.search(page.text)
        assert link, page.text
        return unescape(link[1])

    async def _fetch(self, method: str, address: str, form: dict[str, str] | None = None) -> Page:
        async with self._session.request(
            method, address, data=form, allow_redirects=False
        ) as answer:
            return Page(
                answer.status,
                answer.headers.get("Location", ""),
                await answer.text(),
                dict(answer.headers),
            )


@asynccontextmanager
async def a_browser(sandbox: Sandbox) -> AsyncIterator[Browser]:
    """Open a browser that trusts the sandbox's certificate; it has no cookies yet."""
    jar = aiohttp.CookieJar(unsafe=True)  # it also keeps those of IP addresses
    async with aiohttp.ClientSession(
        connector=sandbox.session.connector, connector_owner=False, cookie_jar=jar
    ) as session:
        yield Browser(session)
