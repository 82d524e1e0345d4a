"""Everything but a good sign-in decides nothing: attacks through the sandbox's own Entra."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import aiohttp
import pytest

from sandbox.calls import Reply
from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import DEMO_API_KEY, SIGN_IN_APPLICATION
from tests.outside.scenarios import asked, correlation_id
from tests.outside.sign_ins import PUBLIC_URL, Page
from tests.outside.sign_ins import Browser as BrowserAtBot
from tests.support.browser import Browser as BrowserAtEntra
from tests.support.browser import a_browser
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.sandbox import Sandbox
from tests.support.teams import Person

pytestmark = pytest.mark.in_memory

CONFIRMED = "Your approval counts, and you can go back to Teams."
USED = "This sign-in has already been used. Go back to Teams to see what came of it."


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


async def rewrite(bot: Latchkey, policy: Path, rules: str) -> None:
    await asyncio.to_thread(policy.write_text, rules, encoding="utf-8")
    await bot.look_at_policy_file()


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


Alter = Callable[[datetime], dict[str, Any]]


def at(now: datetime, **age: float) -> int:
    return int((now - timedelta(**age)).timestamp())


TOKENS: list[tuple[str, Alter, str]] = [
    ("another person", lambda _: {"oid": ROBIN.object_id}, "another account"),
    ("nobody", lambda _: {"oid": None}, "another account"),
    ("two people", lambda _: {"oid": [AVERY.object_id]}, "another account"),
    ("another tenant", lambda _: {"tid": ROBIN.object_id}, "another organisation"),
    ("no tenant", lambda _: {"tid": None}, "another organisation"),
    ("another app", lambda _: {"aud": ROBIN.object_id}, "another application"),
    ("several apps", lambda _: {"aud": [SIGN_IN_APPLICATION.client_id]}, "another application"),
    ("no app", lambda _: {"aud": None}, "another application"),
    ("another issuer", lambda _: {"iss": "https://login.example/v2.0"}, "wasn't issued by"),
    ("no issuer", lambda _: {"iss": None}, "wasn't issued by"),
    ("another nonce", lambda _: {"nonce": "another"}, "ended the sign-in"),
    ("no nonce", lambda _: {"nonce": None}, "ended the sign-in"),
    ("expired", lambda now: {"exp": at(now, hours=1)}, "no longer valid"),
    ("no expiry", lambda _: {"exp": None}, "no longer valid"),
    ("six minutes old", lambda now: {"auth_time": at(now, minutes=6)}, "more than 5 minutes ago"),
    ("weeks old", lambda now: {"auth_time": at(now, weeks=3)}, "more than 5 minutes ago"),
    ("in the future", lambda now: {"auth_time": at(now, minutes=-6)}, "lies in the future"),
    ("undated", lambda _: {"auth_time": None}, "didn't say when"),
    ("dated in words", lambda _: {"auth_time": "just now"}, "didn't say when"),
    ("dated as true", lambda _: {"auth_time": True}, "didn't say when"),
    ("dated beyond dates", lambda _: {"auth_time": 1e300}, "didn't say when"),
    ("no context", lambda _: {"acrs": None}, "isn't as strong"),
    ("another context", lambda _: {"acrs": ["c2", "c11"]}, "isn't as strong"),
    ("a longer context", lambda _: {"acrs": "c11"}, "isn't as strong"),
    ("the context in an object", lambda _: {"acrs": {"c1": True}}, "isn't as strong"),
]


@pytest.mark.parametrize(
    ("alter", "said"), [each[1:] for each in TOKENS], ids=[t[0] for t in TOKENS]
)
async def test_an_id_token_that_is_not_as_asked_decides_nothing_and_is_used_up(
    bot: Latchkey, browser: Browser, clock: ManualClock, alter: Alter, said: str
) -> None:
    card = await to_confirm(bot)
    location = await browser.sign_in(await browser.start(card), AVERY)
    bot.sandbox.state.sign_ins.altered_claims = alter(clock())
    page = await browser.back(location)
    bot.sandbox.state.sign_ins.altered_claims = {}
    again = await browser.back(location)

    assert page.status == 400
    assert said in sentence(page)
    assert (again.status, sentence(again)) == (400, USED)
    assert not await has_access(bot)
    assert bot.card_of(AVERY).status == "Waiting for approval"
    [refused] = refusals(bot)
    assert said in refused.words
    assert said in bot.sent_to(AVERY)[-1].words


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


async def test_the_requester_cannot_confirm_with_the_link_of_an_approver(
    bot: Latchkey, browser: Browser
) -> None:
    page = await browser.confirm(await to_confirm(bot), DANA)

    assert "another account" in sentence(page)
    assert not await has_access(bot)


async def test_whoever_cancels_at_entra_decides_nothing(bot: Latchkey, browser: Browser) -> None:
    address = await browser.start(await to_confirm(bot))
    page = await browser.back(await browser.at_entra.cancel(address))

    assert "cancelled" in sentence(page)
    assert not await has_access(bot)
    assert len(refusals(bot)) == 1


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (InjectedFault("POST", re.compile("/token"), times=9), 503, "isn't responding"),
        (
            InjectedFault("POST", re.compile("/token"), Action.DROP, times=9),
            503,
            "isn't responding",
        ),
        (
            InjectedFault("POST", re.compile("/token"), Action.DROP, When.AFTER, times=9),
            503,
            "isn't responding",
        ),
        (
            InjectedFault("POST", re.compile("/token"), answer=Reply(200, "<html>")),
            503,
            "isn't responding",
        ),
        (
            InjectedFault("POST", re.compile("/token"), answer=Reply(200, {"id_token": "a.b.c"})),
            400,
            "ended the sign-in",
        ),
        (
            InjectedFault("POST", re.compile("/token"), answer=Reply(200, {})),
            400,
            "ended the sign-in",
        ),
        (
            InjectedFault(
                "POST", re.compile("/token"), answer=Reply(400, {"error": "invalid_grant"})
            ),
            400,
            "invalid_grant",
        ),
        (
            InjectedFault("POST", re.compile("/token"), answer=Reply(400, {"error": "<b>no</b>"})),
            400,
            "the error unknown",
        ),
        (
            InjectedFault("GET", re.compile("openid-configuration"), times=9),
            503,
            "isn't responding",
        ),
    ],
)
async def test_an_outage_or_a_refusal_of_entra_decides_nothing(
    bot: Latchkey, browser: Browser, fault: InjectedFault, status: int, said: str
) -> None:
    card = await to_confirm(bot)
    location = await browser.sign_in(await browser.start(card), AVERY)
    bot.sandbox.break_next(fault)
    page = await browser.back(location)
    bot.sandbox.state.faults.clear()
    refused = not await has_access(bot)
    again = await browser.confirm(await approving(bot), AVERY)

    assert page.status == status
    assert said in sentence(page)
    assert refused
    assert len(refusals(bot)) == 1
    assert sentence(again) == CONFIRMED
    assert await has_access(bot)


async def test_an_outage_at_the_start_says_so_and_the_link_still_works(
    bot: Latchkey, browser: Browser
) -> None:
    card = await to_confirm(bot)
    bot.sandbox.break_next(InjectedFault("GET", re.compile("openid-configuration"), times=9))
    page = await browser.at_bot.start(card)
    bot.sandbox.state.faults.clear()
    again = await browser.confirm(card, AVERY)

    assert (page.status, page.headers.get("Location")) == (503, None)
    assert sentence(again) == CONFIRMED


async def test_a_replayed_answer_decides_nothing_more(bot: Latchkey, browser: Browser) -> None:
    card = await to_confirm(bot)
    location = await browser.sign_in(await browser.start(card), AVERY)
    first, second = await browser.back(location), await browser.back(location)
    async with another_browser(bot) as other:
        third = await other.back(location)
    restarted = await browser.at_bot.start(card)

    assert sentence(first) == CONFIRMED
    assert [sentence(second), sentence(third), sentence(restarted)] == [USED] * 3
    assert await has_access(bot)


async def test_an_answer_in_another_browser_decides_nothing(
    bot: Latchkey, browser: Browser
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    async with another_browser(bot) as other:
        page = await other.back(location)

    assert "another browser" in sentence(page)
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


async def test_of_two_tabs_the_one_that_started_last_counts(
    bot: Latchkey, browser: Browser
) -> None:
    card = await to_confirm(bot)
    first, last = await browser.start(card), await browser.start(card)
    early = await browser.back(await browser.sign_in(first, AVERY))
    decided = await has_access(bot)
    late = await browser.back(await browser.sign_in(last, AVERY))

    assert "another window" in sentence(early)
    assert not decided
    assert sentence(late) == CONFIRMED


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": ""},
        {"state": "invented"},
        {"state": "a.b.c"},
        {"state": "é" * 40},
        {"state": "x" * 5_000},
        {"code": ""},
        {"code": "invented"},
        {"code": "x" * 5_000},
        {"error": "<script>alert(1)</script>", "code": ""},
        {"error": "access_denied"},
    ],
)
async def test_an_invented_answer_decides_nothing_and_is_not_shown(
    bot: Latchkey, browser: Browser, wrong: dict[str, str]
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    page = await browser.back(changed(location, **wrong))

    assert page.status == 400
    assert not any(text and text in page.text for text in wrong.values())
    assert not await has_access(bot)


async def test_parameters_given_twice_decide_nothing(bot: Latchkey, browser: Browser) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    page = await browser.back(f"{location}&code=another")

    assert page.status == 400
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


async def test_a_link_expires_after_five_minutes(
    bot: Latchkey, browser: Browser, clock: ManualClock
) -> None:
    card = await to_confirm(bot)
    clock.advance(minutes=5)
    page = await browser.at_bot.start(card)

    assert "longer than five minutes" in sentence(page)
    assert page.headers.get("Location") is None


async def test_an_answer_after_five_minutes_decides_nothing(
    bot: Latchkey, browser: Browser, clock: ManualClock
) -> None:
    address = await browser.start(await to_confirm(bot))
    clock.advance(minutes=5)
    page = await browser.back(await browser.sign_in(address, AVERY))

    assert "longer than five minutes" in sentence(page)
    assert not await has_access(bot)


async def test_an_answer_after_the_request_was_withdrawn_decides_nothing(
    bot: Latchkey, browser: Browser
) -> None:
    card = await asked(bot)
    confirm = await approving(bot)
    location = await browser.sign_in(await browser.start(confirm), AVERY)
    await bot.say(DANA, f"cancel {correlation_id(card)}")
    page = await browser.back(location)

    assert page.status == 400
    assert "cancelled" in sentence(page)
    assert not await has_access(bot)


async def test_an_answer_after_another_approver_denied_decides_nothing(
    bot: Latchkey, browser: Browser
) -> None:
    confirm = await to_confirm(bot)
    location = await browser.sign_in(await browser.start(confirm), AVERY)
    await bot.click(ROBIN, bot.card_of(ROBIN), "Deny", reason="not today")
    page = await browser.back(location)

    assert page.status == 400
    assert not await has_access(bot)


async def test_whoever_is_no_approver_any_more_cannot_confirm(
    bot: Latchkey, browser: Browser, policy: Path
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    only_robin = f'[defaults]\nstep_up = "c1"\napprovers = ["{ROBIN.object_id}"]\n'
    await rewrite(bot, policy, only_robin)
    page = await browser.back(location)

    assert page.status == 400
    assert not await has_access(bot)


async def test_a_stricter_rule_counts_for_a_sign_in_that_is_under_way(
    bot: Latchkey, browser: Browser, policy: Path
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    await rewrite(bot, policy, '[defaults]\nstep_up = "c2"\n')
    page = await browser.back(location)

    assert "isn't as strong" in sentence(page)
    assert not await has_access(bot)


async def test_two_approvers_at_once_are_both_heard_and_access_is_granted_once(
    bot: Latchkey, browser: Browser
) -> None:
    await asked(bot)
    cards = [await approving(bot, person) for person in (AVERY, ROBIN)]
    async with another_browser(bot) as other:
        first = await browser.sign_in(await browser.start(cards[0]), AVERY)
        second = await other.sign_in(await other.start(cards[1]), ROBIN)
        pages = [await browser.back(first), await other.back(second)]

    assert sentence(pages[0]) == CONFIRMED
    assert pages[1].status == 400
    assert "Avery Approver" in sentence(pages[1])
    assert await has_access(bot)
    assert len(bot.assigned(DANA)) == 1


async def test_the_bot_killed_between_start_and_callback_loses_nothing(
    bot: Latchkey, browser: Browser
) -> None:
    location = await browser.sign_in(await browser.start(await to_confirm(bot)), AVERY)
    await bot.restart()
    page = await browser.back(location)

    assert sentence(page) == CONFIRMED
    assert await has_access(bot)


async def test_neither_the_code_nor_the_tokens_reach_the_log_or_any_message(
    bot: Latchkey, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")  # as in production
    card = await to_confirm(bot)
    refused = await browser.sign_in(await browser.start(card), ROBIN)
    await browser.back(refused)
    accepted = await browser.sign_in(await browser.start(await approving(bot)), AVERY)
    await browser.back(accepted)
    await bot.tick()

    hidden = [
        *(parameter(location, "code") for location in (refused, accepted)),
        *(parameter(location, "state") for location in (refused, accepted)),
        *browser.at_bot.cookies.values(),
        "eyJ",  # how every token begins
    ]
    # The bot's own server keeps no access log, unlike this test's.
    records = [each for each in caplog.records if each.name != "aiohttp.access"]
    logged = "\n".join(record.getMessage() for record in records)
    posted = "\n".join(str(post.card) for post in bot.teams.posted)
    assert [text for text in hidden if text and text in logged] == []
    assert [text for text in hidden if text and text in posted] == []


async def test_no_page_can_be_stored_framed_or_scripted(bot: Latchkey, browser: Browser) -> None:
    card = await to_confirm(bot)
    start = await browser.at_bot.start(card)
    good = await browser.back(await browser.sign_in(start.headers["Location"], AVERY))
    pages = [
        start,
        good,
        await browser.back("/sign-in/callback"),
        await browser.back("/sign-in/start"),
    ]

    for page in pages:
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def parameter(address: str, name: str) -> str:
    return parse_qs(urlsplit(address).query).get(name, [""])[0]


def changed(address: str, **parameters: str) -> str:
    """Return an address with other parameters."""
    parts = urlsplit(address)
    query = {**dict(parse_qsl(parts.query)), **parameters}
    return parts._replace(query=urlencode(query)).geturl()
