"""Confirming through the sandbox's Entra, with real codes and tokens, and attacks on the way."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import aiohttp
import pytest

from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import DEMO_API_KEY, SIGN_IN_APPLICATION
from tests.outside.scenarios import asked
from tests.outside.sign_ins import PUBLIC_URL, Page
from tests.outside.sign_ins import Browser as BrowserAtBot
from tests.support.browser import Browser as BrowserAtEntra
from tests.support.browser import a_browser
from tests.support.certificates import an_app_certificate
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.sandbox import Sandbox
from tests.support.teams import Person

pytestmark = pytest.mark.in_memory

CONFIRMED = (
    "Your approval of Dana Developer's request for demo-api-key counts, "
    "and you can go back to Teams."
)


class Browser:
    """One browser with its cookies: at the bot, and at Entra."""

    def __init__(self, bot: Latchkey, entra: BrowserAtEntra) -> None:
        self.at_bot = BrowserAtBot(bot)
        self.at_entra = entra

    async def start(self, seen: Seen) -> str:
        """Follow the card's link; return the address of Entra's page."""
        return (await self.at_bot.start(seen)).headers["Location"]

    async def sign_in(self, address: str, person: Person, *, strong: bool = True) -> str:
        """Sign in on Entra's page; return the bot's address that Entra sends the browser to."""
        page = await self.at_entra.sign_in(address, person.object_id, strong=strong)
        assert page.location.startswith(f"{PUBLIC_URL}/sign-in/callback?"), page.text
        return page.location

    async def back(self, address: str) -> Page:
        """Follow an address back to the bot."""
        return await self.at_bot.get(address.removeprefix(PUBLIC_URL))

    async def confirm(self, seen: Seen, person: Person, *, strong: bool = True) -> Page:
        """Do all of it."""
        return await self.back(await self.sign_in(await self.start(seen), person, strong=strong))


@asynccontextmanager
async def another_browser(bot: Latchkey) -> AsyncIterator[Browser]:
    async with a_browser(bot.sandbox) as entra:
        yield Browser(bot, entra)


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    file.write_text('[defaults]\nstep_up = "c1"\n', encoding="utf-8")
    return file


@pytest.fixture
def variables(variables: Mapping[str, str], policy: Path) -> Mapping[str, str]:
    """The bot's environment, with an app registration for sign-ins that trusts its identity."""
    return {
        **variables,
        "POLICY_FILE": str(policy),
        "PUBLIC_URL": PUBLIC_URL,
        "SIGN_IN_CLIENT_ID": SIGN_IN_APPLICATION.client_id,
    }


@pytest.fixture
def bot(latchkey: Latchkey, sandbox: Sandbox) -> Latchkey:
    """The bot, whose address is registered with the app."""
    callback = f"{PUBLIC_URL}/sign-in/callback"
    sandbox.state.applications[SIGN_IN_APPLICATION.id].redirect_uris = (callback,)
    return latchkey


@pytest.fixture
async def browser(bot: Latchkey) -> AsyncIterator[Browser]:
    async with another_browser(bot) as browser:
        yield browser


def sentence(page: Page) -> str:
    """Return a page's one sentence, as a person reads it."""
    return unescape(page.sentence)


async def approving(bot: Latchkey, person: Person = AVERY) -> Seen:
    """Let someone press Approve; return the card that asks them to confirm it."""
    return await bot.click(person, bot.card_of(person), "Approve")


async def to_confirm(bot: Latchkey) -> Seen:
    """Let Dana ask and Avery press Approve; return the card that asks Avery to confirm it."""
    await asked(bot)
    return await approving(bot)


async def has_access(bot: Latchkey) -> bool:
    await bot.tick()
    return await bot.read(DANA, DEMO_API_KEY) is not None


def refusals(bot: Latchkey) -> list[Seen]:
    """Return the messages of the audit channel about sign-ins that didn't count."""
    return [seen for seen in bot.audit() if seen.status == "Sign-in didn't count"]


async def test_a_sign_in_at_entra_confirms_the_approval(bot: Latchkey, browser: Browser) -> None:
    page = await browser.confirm(await to_confirm(bot), AVERY)

    assert (page.status, sentence(page)) == (200, CONFIRMED)
    assert await has_access(bot)
    assert refusals(bot) == []


@pytest.mark.parametrize(
    ("altered", "said"),
    [
        ({"oid": ROBIN.object_id}, "another account"),
        ({"tid": ROBIN.object_id}, "another organisation"),
        ({"aud": ROBIN.object_id}, "another application"),
        ({"iss": "https://login.example/v2.0"}, "wasn't issued by"),
        ({"nonce": "another"}, "ended the sign-in"),
        ({"auth_time": 1_700_000_000}, "more than 5 minutes ago"),
        ({"auth_time": None}, "didn't say when"),
        ({"acrs": ["c2", "c11"]}, "isn't as strong"),
    ],
)
async def test_a_signed_token_that_is_not_as_asked_decides_nothing_and_is_used_up(
    bot: Latchkey, browser: Browser, altered: dict[str, Any], said: str
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    bot.sandbox.state.sign_ins.altered_claims = altered
    page = await browser.back(location)
    bot.sandbox.state.sign_ins.altered_claims = {}
    again = await browser.back(location)

    assert said in sentence(page)
    assert "already been used" in sentence(again)
    assert not await has_access(bot)
    assert len(refusals(bot)) == 1


async def test_a_password_alone_does_not_satisfy_the_context(
    bot: Latchkey, browser: Browser
) -> None:
    page = await browser.confirm(await to_confirm(bot), AVERY, strong=False)

    assert "isn't as strong" in sentence(page)
    assert not await has_access(bot)


async def test_another_approver_cannot_confirm_with_the_link_of_the_first(
    bot: Latchkey, browser: Browser
) -> None:
    page = await browser.confirm(await to_confirm(bot), ROBIN)

    assert "another account" in sentence(page)
    assert not await has_access(bot)
    assert len(refusals(bot)) == 1


async def test_whoever_cancels_at_entra_decides_nothing(bot: Latchkey, browser: Browser) -> None:
    address = await browser.start(await to_confirm(bot))
    page = await browser.back(await browser.at_entra.cancel(address))

    assert "cancelled" in sentence(page)
    assert not await has_access(bot)
    assert len(refusals(bot)) == 1


async def test_a_victim_who_follows_an_attackers_answer_confirms_nothing(
    bot: Latchkey, browser: Browser
) -> None:
    """Robin asks Avery's browser to bring back an answer to a sign-in that Robin started."""
    await asked(bot)
    theirs = await approving(bot, ROBIN)
    own = await approving(bot, AVERY)
    await browser.start(own)
    async with another_browser(bot) as attacker:
        location = await attacker.sign_in(await attacker.start(theirs), AVERY)
    page = await browser.back(location)

    assert "another browser" in sentence(page)
    assert not await has_access(bot)


async def test_a_code_from_another_sign_in_is_refused_by_entra(
    bot: Latchkey, browser: Browser
) -> None:
    """The state and cookie are Avery's own, the code is from another flow of Avery's."""
    card = await to_confirm(bot)
    stolen = await browser.sign_in(await browser.start(card), AVERY)
    own = await browser.sign_in(await browser.start(card), AVERY)
    page = await browser.back(changed(own, code=parameter(stolen, "code")))

    assert "invalid_grant" in sentence(page)
    assert not await has_access(bot)


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "OPTIONS"])
async def test_other_methods_neither_decide_nor_use_up_the_sign_in(
    bot: Latchkey, browser: Browser, method: str
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    address = f"{bot.url}{location.removeprefix(PUBLIC_URL)}"
    async with aiohttp.ClientSession() as session, session.request(method, address) as answer:
        status = answer.status
    page = await browser.back(location)

    assert status == 405
    assert sentence(page) == CONFIRMED


async def test_a_stricter_rule_counts_for_a_sign_in_that_is_under_way(
    bot: Latchkey, browser: Browser, policy: Path
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    await asyncio.to_thread(policy.write_text, '[defaults]\nstep_up = "c2"\n', encoding="utf-8")
    await bot.look_at_policy_file()
    page = await browser.back(location)

    assert "isn't as strong" in sentence(page)
    assert not await has_access(bot)


async def test_a_code_whose_answer_was_lost_decides_nothing_and_another_sign_in_counts(
    bot: Latchkey, browser: Browser
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    lost = InjectedFault("POST", re.compile("/token"), Action.DROP, When.AFTER, times=9)
    bot.sandbox.break_next(lost)
    page = await browser.back(location)
    bot.sandbox.state.faults.clear()
    decided = await has_access(bot)
    again = await browser.confirm(await approving(bot), AVERY)

    assert page.status == 503
    assert "isn't responding" in sentence(page)
    assert not decided
    assert sentence(again) == CONFIRMED


async def test_an_identity_that_the_app_does_not_trust_decides_nothing(
    bot: Latchkey, browser: Browser
) -> None:
    bot.sandbox.state.applications[SIGN_IN_APPLICATION.id].federated = ()
    page = await browser.confirm(await to_confirm(bot), AVERY)

    assert "the error invalid_client" in sentence(page)
    assert not await has_access(bot)


async def test_an_app_can_have_a_client_secret(bot: Latchkey, browser: Browser) -> None:
    application = bot.sandbox.state.applications[SIGN_IN_APPLICATION.id]
    application.federated = ()
    now = bot.sandbox.clock()
    password = application.add_password("ours", now, now + timedelta(days=1))
    await bot.restart(SIGN_IN_CLIENT_SECRET=password.value)
    page = await browser.confirm(await to_confirm(bot), AVERY)

    assert sentence(page) == CONFIRMED


async def test_an_app_can_have_a_certificate(
    bot: Latchkey, browser: Browser, tmp_path: Path
) -> None:
    own, file = an_app_certificate(), tmp_path / "sign-in.pem"
    await asyncio.to_thread(file.write_text, own.key + own.certificate, encoding="ascii")
    application = bot.sandbox.state.applications[SIGN_IN_APPLICATION.id]
    application.federated, application.certificates = (), (own.certificate,)
    await bot.restart(SIGN_IN_CERTIFICATE_PATH=str(file))
    page = await browser.confirm(await to_confirm(bot), AVERY)

    assert sentence(page) == CONFIRMED


def parameter(address: str, name: str) -> str:
    return parse_qs(urlsplit(address).query).get(name, [""])[0]


def changed(address: str, **parameters: str) -> str:
    """Return an address with other parameters."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **parameters}
    return parts._replace(query=urlencode(query)).geturl()
