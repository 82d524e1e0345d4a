"""A browser that signs in, and an Entra that answers with whatever token a test wants."""

import base64
import json
import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp

from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import buttons
from tests.support.teams import APP_ID, TENANT, Person

PUBLIC_URL = "https://latchkey.contoso.com"


@dataclass(frozen=True)
class Page:
    """What a browser shows."""

    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """Return the page's one sentence."""
        found = re.search(r"<p>(.*)</p>", self.text)
        return unescape(found[1]) if found else ""


class Browser:
    """One browser with its cookies, in front of one bot."""

    def __init__(self, bot: Latchkey, language: str = "") -> None:
        """``language``: what it asks for, such as ``de-DE,de;q=0.9``."""
        self._bot = bot
        self._language = language
        self.cookies: dict[str, str] = {}
        self.asked: dict[str, str] = {}
        """The parameters of the last request to Entra."""

    def use(self, bot: Latchkey) -> None:
        """Reach another replica from now on."""
        self._bot = bot

    async def start(self, seen: Seen) -> Page:
        """Follow the card's link, as far as Entra's page."""
        return await self.open(link_of(seen))

    async def open(self, link: str) -> Page:
        page = await self.get(link.removeprefix(PUBLIC_URL))
        if location := page.headers.get("Location"):
            asked = parse_qs(urlsplit(location).query)
            self.asked = {name: values[0] for name, values in asked.items()}
        return page

    async def finish(self, person: Person, **claims: Any) -> Page:
        """Sign in at Entra and come back; a claim of None is missing from the token."""
        self.issue(person, **claims)
        return await self.come_back(code="a-code")

    async def sign_in(self, seen: Seen, person: Person, **claims: Any) -> Page:
        """Do all of it."""
        await self.start(seen)
        return await self.finish(person, **claims)

    def issue(self, person: Person, **claims: Any) -> None:
        """Let Entra answer the next code with a token about this person."""
        token = self.token(person, **claims)
        answer = {
            "token_type": "Bearer",
            "expires_in": 3600,
            "access_token": "t",
            "id_token": token,
        }
        self.answer_code_with(Reply(200, answer))

    def answer_code_with(self, reply: Reply) -> None:
        fault = InjectedFault("POST", re.compile("/oauth2/v2.0/token"), answer=reply)
        self._bot.sandbox.break_next(fault)

    def token(self, person: Person, **claims: Any) -> str:
        """Return an ID token as Entra makes it for what was asked, except for these claims."""
        now = int(self._bot.sandbox.clock().timestamp())
        usual = {
            "iss": f"{self._bot.sandbox.base_url}/{TENANT}/v2.0",
            "aud": APP_ID,
            "tid": TENANT,
            "oid": person.object_id,
            "sub": "pairwise",
            "nonce": self.asked.get("nonce"),
            "iat": now,
            "exp": now + 3600,
            "auth_time": now,
            **claims,
        }
        return ".".join(
            base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
            for part in (
                {"alg": "none"},
                {name: value for name, value in usual.items() if value is not None},
                {},
            )
        )

    async def come_back(self, **parameters: str) -> Page:
        """Follow Entra's redirect to the bot."""
        query = urlencode({"state": self.asked.get("state", ""), **parameters})
        return await self.get(f"/sign-in/callback?{query}")

    async def get(self, path: str) -> Page:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        asked = {"Cookie": cookie, "Accept-Language": self._language}
        headers = {name: value for name, value in asked.items() if value}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(
                f"{self._bot.url}{path}", headers=headers, allow_redirects=False
            ) as response,
        ):
            for name, morsel in response.cookies.items():
                self.cookies[name] = morsel.value
            return Page(response.status, await response.text(), dict(response.headers))


def link_of(seen: Seen) -> str:
    """Return the address behind the button of a card that asks to confirm something."""
    return str(buttons(seen.card)["Sign in"]["url"])
