"""Sign-ins that must confirm nothing: each decides nothing, says why, and is on record."""

import json
import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.calls import Reply
from tests.outside.scenarios import ASKED, asked, correlation_id, refusing
from tests.outside.sign_ins import PUBLIC_URL, Browser, Page
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen

pytestmark = pytest.mark.in_memory

OTHER_ID = "99999999-0000-4000-8000-000000000009"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.toml"


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


@pytest.fixture
async def bot(latchkey: Latchkey, file: Path) -> Latchkey:
    """The bot, with a policy that has approvals confirmed in the context c1."""
    write(file, '[defaults]\nstep_up = "c1"\n')
    await latchkey.restart(POLICY_FILE=str(file), PUBLIC_URL=PUBLIC_URL)
    return latchkey


@pytest.fixture
async def card(bot: Latchkey) -> Seen:
    """The card that asks Avery to confirm the approval of Dana's request."""
    await asked(bot)
    return await approve(bot)


async def approve(bot: Latchkey) -> Seen:
    return await bot.click(AVERY, bot.card_of(AVERY), "Approve")


async def finish(browser: Browser, **claims: Any) -> Page:
    """Sign in as Avery with everything right, except for these claims."""
    return await browser.finish(AVERY, **{"acrs": ["c1"], **claims})


ABOUT_AVERY = {
    "another account than the one you use in Teams": "Avery Approver signed in with another",
    "didn't say when you signed in": "didn't say when Avery Approver signed in",
    "more than 5 minutes ago": "Avery Approver signed in more than 5 minutes before",
}
"""What the audit channel reads in place of what Avery does."""


async def require_nothing_decided(bot: Latchkey, page: Page, why: str) -> None:
    """Require that nothing was approved, and that Avery and the audit channel were told why."""
    await bot.tick()
    told, audited = bot.sent_to(AVERY)[-1], bot.audit()[-1]

    assert page.status in {400, 503}
    assert why in page.sentence
    assert bot.card_of(AVERY).status == "Waiting for approval"
    assert bot.assigned(DANA) == []
    assert (told.status, audited.status) == ("Not confirmed", "Sign-in didn't count")
    assert why in told.words
    assert ABOUT_AVERY.get(why, why) in audited.words


async def require_nothing_recorded(bot: Latchkey, page: Page, why: str) -> None:
    """Require that nothing was approved and no one was told anything but the browser."""
    await bot.tick()

    assert page.status == 400
    assert why in page.sentence
    assert bot.card_of(AVERY).status == "Waiting for approval"
    assert [post.status for post in bot.audit()] == ["Access requested"]


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"tid": OTHER_ID}, "another organisation"),
        ({"tid": None}, "another organisation"),
        ({"aud": OTHER_ID}, "for another application"),
        ({"aud": ["0b9f3ab1-6f5e-4a59-9a4b-1", OTHER_ID]}, "for another application"),
        ({"iss": "https://login.evil.example/v2.0"}, "wasn't issued by this organisation's"),
        ({"oid": DANA.object_id}, "another account than the one you use in Teams"),
        ({"oid": None}, "another account than the one you use in Teams"),
        ({"auth_time": None}, "didn't say when you signed in"),
        ({"auth_time": "now"}, "didn't say when you signed in"),
        ({"exp": 1}, "no longer valid"),
        ({"acrs": None}, "authentication context c1"),
        ({"acrs": ["c2", "c11"]}, "authentication context c1"),
        ({"nonce": "of another sign-in"}, "ended the sign-in with the error unknown"),
        ({"nonce": None}, "ended the sign-in with the error unknown"),
    ],
)
async def test_a_token_that_is_not_the_one_asked_for_confirms_nothing(
    bot: Latchkey, card: Seen, claims: dict[str, Any], why: str
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    page = await finish(browser, **claims)

    await require_nothing_decided(bot, page, why)


@pytest.mark.parametrize(
    ("age", "why"),
    [
        (timedelta(minutes=5, seconds=1), "more than 5 minutes ago"),
        (timedelta(minutes=-2), "lies in the future"),
    ],
)
async def test_a_sign_in_that_is_not_fresh_confirms_nothing(
    bot: Latchkey, card: Seen, clock: ManualClock, age: timedelta, why: str
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    page = await finish(browser, auth_time=int((clock() - age).timestamp()))

    await require_nothing_decided(bot, page, why)


async def test_a_sign_in_of_just_now_counts_until_the_last_second(
    bot: Latchkey, card: Seen, clock: ManualClock
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    page = await finish(browser, auth_time=int((clock() - timedelta(minutes=5)).timestamp()))

    assert page.status == 200


@pytest.mark.parametrize(
    ("error", "why"),
    [
        ("access_denied", "was cancelled or not allowed"),
        ("server_error", "with the error server_error"),
        ("<script>alert(1)</script>", "with the error unknown"),
    ],
)
async def test_a_sign_in_that_entra_ends_confirms_nothing(
    bot: Latchkey, card: Seen, error: str, why: str
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    page = await browser.come_back(error=error, error_description="AADSTS: <b>no</b>")

    await require_nothing_decided(bot, page, why)
    assert "<b>" not in page.text
    assert "<script>" not in page.text


async def test_an_answer_without_a_code_confirms_nothing(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    await browser.start(card)
    page = await browser.come_back()

    await require_nothing_decided(bot, page, "with the error unknown")


@pytest.mark.parametrize("state", ["", "x", "000000000000~" + "0" * 64 + "." + "a" * 43, "\ud7ff"])
async def test_an_unknown_state_confirms_nothing(bot: Latchkey, card: Seen, state: str) -> None:
    browser = Browser(bot)
    await browser.start(card)
    browser.asked["state"] = state
    page = await finish(browser)

    await require_nothing_recorded(bot, page, "isn't known here")


async def test_the_name_of_a_sign_in_is_no_state(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    await browser.start(card)
    right = browser.asked["state"]
    browser.asked["state"] = right.partition(".")[0] + "." + "a" * 43
    wrong = await browser.come_back(code="a-code")
    browser.asked["state"] = right

    await require_nothing_recorded(bot, wrong, "started again in another window")
    assert (await finish(browser)).status == 200


async def test_the_state_given_twice_confirms_nothing(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    await browser.start(card)
    state = browser.asked["state"]
    browser.issue(AVERY, acrs=["c1"])
    page = await browser.get(f"/sign-in/callback?state={state}&state={state}&code=a-code")

    await require_nothing_recorded(bot, page, "isn't known here")


async def test_a_link_that_is_unknown_or_changed_starts_nothing(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    pages = [
        await browser.get(f"/sign-in/start{query}")
        for query in ("", "?id=", "?id=x", "?id=001772442300-" + "a" * 43, "?id=%00")
    ]

    assert {page.status for page in pages} == {400}
    assert {page.sentence for page in pages} == {
        "This sign-in isn't known here, or it's over. Go back to Teams and try again."
    }


async def test_a_link_older_than_five_minutes_starts_nothing(
    bot: Latchkey, card: Seen, clock: ManualClock
) -> None:
    clock.advance(minutes=5)
    page = await Browser(bot).start(card)

    await require_nothing_recorded(bot, page, "took longer than five minutes")


async def test_an_answer_after_more_than_five_minutes_confirms_nothing(
    bot: Latchkey, card: Seen, clock: ManualClock
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    clock.advance(minutes=5)
    page = await finish(browser)

    await require_nothing_decided(bot, page, "took longer than five minutes")


async def test_the_same_answer_again_decides_nothing_and_says_so(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    await browser.start(card)
    cookies = dict(browser.cookies)
    first = await finish(browser)
    await bot.tick()
    before = [post.status for post in bot.audit()]
    browser.cookies = cookies
    again = await finish(browser)
    await bot.tick()

    assert first.status == 200
    assert (again.status, again.sentence) == (
        400,
        "This sign-in has already been used. Go back to Teams to see what came of it.",
    )
    assert [post.status for post in bot.audit()] == before
    assert before.count("Approved") == 1


async def test_a_failed_sign_in_can_not_be_tried_again_with_the_same_answer(
    bot: Latchkey, card: Seen
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    cookies = dict(browser.cookies)
    await finish(browser, acrs=[])
    browser.cookies = cookies
    again = await finish(browser)

    await require_nothing_decided(bot, await finish(browser), "")
    assert "already been used" in again.sentence


async def test_of_two_tabs_only_the_last_one_counts(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    await browser.start(card)
    first = browser.asked
    await browser.start(card)
    second, browser.asked = browser.asked, first
    old = await browser.come_back(code="a-code")
    browser.asked = second
    new = await finish(browser)

    assert "Only the last one counts" in old.sentence
    assert new.status == 200


async def test_an_answer_in_another_browser_confirms_nothing(bot: Latchkey, card: Seen) -> None:
    browser, other = Browser(bot), Browser(bot)
    await browser.start(card)
    other.asked = browser.asked
    page = await finish(other)

    await require_nothing_decided(bot, page, "started in another browser")


async def test_the_cookie_of_another_sign_in_does_not_count(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    await browser.start(card)
    [name] = browser.cookies
    browser.cookies[name] = "a" * 43
    page = await finish(browser)

    await require_nothing_decided(bot, page, "started in another browser")


async def test_a_colleague_who_opens_the_link_confirms_nothing(bot: Latchkey, card: Seen) -> None:
    page = await Browser(bot).sign_in(card, ROBIN, acrs=["c1"])

    await require_nothing_decided(bot, page, "another account than the one you use in Teams")


async def test_the_requester_cannot_confirm_for_the_approver(bot: Latchkey, card: Seen) -> None:
    page = await Browser(bot).sign_in(card, DANA, acrs=["c1"])

    await require_nothing_decided(bot, page, "another account than the one you use in Teams")


async def test_a_request_that_expired_meanwhile_is_not_approved(
    bot: Latchkey, clock: ManualClock
) -> None:
    await asked(bot)
    clock.advance(hours=7, minutes=58)
    browser = Browser(bot)
    await browser.start(await approve(bot))
    clock.advance(minutes=2)
    page = await finish(browser)
    await bot.tick()

    assert "no longer pending: it is expired" in page.sentence
    assert bot.card_of(AVERY).status == "Expired: not decided in time"
    assert "no longer pending" in bot.sent_to(AVERY)[-1].words


async def test_a_request_that_was_denied_meanwhile_stays_denied(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    await browser.start(card)
    await bot.click(ROBIN, bot.card_of(ROBIN), "Deny", reason="no")
    page = await finish(browser)
    await bot.tick()

    assert "already denied by Robin" in page.sentence
    assert bot.card_of(AVERY).status == "Denied"
    assert "already denied by Robin" in bot.sent_to(AVERY)[-1].words


async def test_of_two_approvers_at_once_one_approves_and_the_other_is_told_who(
    bot: Latchkey, card: Seen
) -> None:
    other = await bot.click(ROBIN, bot.card_of(ROBIN), "Approve")
    one, two = Browser(bot), Browser(bot)
    await one.start(card)
    await two.start(other)
    first = await finish(one)
    second = await two.finish(ROBIN, acrs=["c1"])
    await bot.tick()

    assert first.status == 200
    assert "already approved by Avery" in second.sentence
    assert len(bot.assigned(DANA)) == 1
    told = bot.sent_to(ROBIN)[-1]
    assert "already approved by Avery" in told.words
    assert "Your approval of Dana Developer's request" in " ".join(told.words.split())
    for seen in (told, next(one for one in bot.audit() if one.status == told.status)):
        assert seen.status == "Refused after the sign-in"
        assert "didn't count" in seen.words
        assert "Nothing was decided" not in seen.words


async def test_someone_who_is_no_approver_any_more_approves_nothing(
    bot: Latchkey, card: Seen, file: Path
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    write(file, f'[defaults]\nstep_up = "c1"\napprovers = ["{ROBIN.object_id}"]\n')
    await bot.look_at_policy_file()
    page = await finish(browser)
    await bot.tick()

    assert "Only its approvers can decide this request" in page.sentence
    assert bot.assigned(DANA) == []
    # What is said about the file, at the same time, may come before or after it.
    assert "Refused after the sign-in" in [post.status for post in bot.audit()]


async def test_while_entra_is_down_nothing_is_decided_and_it_works_again_later(
    bot: Latchkey, card: Seen
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    browser.answer_code_with(Reply(503))
    page = await browser.come_back(code="a-code")

    await require_nothing_decided(bot, page, "Microsoft Entra isn't responding right now")
    assert page.status == 503
    assert (await Browser(bot).sign_in(await approve(bot), AVERY, acrs=["c1"])).status == 200


async def test_while_entra_is_down_a_sign_in_can_be_started_again(
    bot: Latchkey, card: Seen
) -> None:
    bot.sandbox.break_next(refusing("GET", "openid-configuration", status=503, times=1))
    browser = Browser(bot)
    page = await browser.start(card)
    again = await browser.start(card)

    assert (page.status, again.status) == (503, 302)
    assert "Microsoft Entra isn't responding right now" in page.sentence


async def test_a_secret_that_entra_refuses_is_an_error_of_its_own(
    bot: Latchkey, card: Seen
) -> None:
    browser = Browser(bot)
    await browser.start(card)
    browser.answer_code_with(Reply(401, {"error": "invalid_client", "error_description": "no"}))
    page = await browser.come_back(code="a-code")

    await require_nothing_decided(bot, page, "with the error invalid_client")


async def test_an_answer_of_entra_that_is_not_json_is_an_outage(bot: Latchkey, card: Seen) -> None:
    browser = Browser(bot)
    await browser.start(card)
    browser.answer_code_with(Reply(200, "<html>a proxy</html>", content_type="text/html"))
    page = await browser.come_back(code="a-code")

    await require_nothing_decided(bot, page, "Microsoft Entra isn't responding right now")


async def test_a_request_that_was_not_confirmed_is_on_record_and_can_be_sent_again(
    bot: Latchkey, file: Path
) -> None:
    write(file, '[defaults]\nstep_up = true\nstep_up_for = ["request"]\n')
    await bot.restart()
    card = await bot.say(DANA, ASKED)
    page = await Browser(bot).sign_in(card, AVERY)
    await bot.tick()
    told, audited = bot.sent_to(DANA)[-1], bot.audit()[-1]
    record = await bot.say(DANA, f"status {correlation_id(told)}")
    again = await bot.say(DANA, ASKED)
    await Browser(bot).sign_in(again, DANA)
    await bot.tick()

    assert "another account than the one you use in Teams" in page.sentence
    assert (told.status, audited.status) == ("Not confirmed", "Sign-in didn't count")
    assert "Your request for demo-api-key in demo-vault didn't count" in told.words
    assert record.status == "Failed, nothing granted"
    assert bot.card_of(AVERY).status == "Waiting for approval"
    assert bot.sent_to(DANA)[-1].status == "Sent for approval"


async def test_a_request_that_is_blocked_when_it_is_confirmed_is_recorded_once(
    bot: Latchkey, file: Path
) -> None:
    write(file, '[defaults]\nstep_up = true\nstep_up_for = ["request"]\n')
    await bot.restart()
    card = await bot.say(DANA, ASKED)
    browser = Browser(bot)
    await browser.start(card)
    write(file, f'[defaults]\nrequesters = ["{ROBIN.object_id}"]\n')
    await bot.look_at_policy_file()
    page = await browser.finish(DANA)
    await bot.tick()

    assert "You're not one of the people who can request demo-api-key" in page.sentence
    statuses = [post.status for post in bot.audit()]
    assert statuses.count("Request blocked by policy") == 1
    assert "Sign-in didn't count" not in statuses
    assert bot.sent_to(DANA)[-1].status == "Blocked by policy"


async def test_nothing_of_the_protocol_is_logged_or_stored_in_the_clear(
    bot: Latchkey, card: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = Browser(bot)
    await browser.start(card)
    stored = [row for row in await bot.stored() if "memory" in row]
    [held] = stored
    memory = json.loads(str(held["memory"]))
    [cookie] = browser.cookies.values()
    await finish(browser, nonce="wrong")
    await bot.tick()
    after = json.dumps([dict(row) for row in await bot.stored()], default=str)
    known = [browser.asked["state"], cookie, memory["code_verifier"], memory["nonce"], "a-code"]
    logged = "\n".join(
        one.getMessage() + str(one.exc_info)
        for one in caplog.records
        if not one.name.startswith("aiohttp")  # the servers of this test
    )
    row = json.dumps(held, default=str)

    assert not [one for one in (browser.asked["state"], cookie) if one in row]
    assert not [one for one in known if one in after]
    assert not [one for one in known if one in logged]


async def test_old_sign_ins_are_removed_when_another_one_begins(
    bot: Latchkey, card: Seen, clock: ManualClock
) -> None:
    clock.advance(minutes=6)
    await approve(bot)

    assert len([row for row in await bot.stored() if "max_age_seconds" in row]) == 1


async def test_without_step_up_in_any_policy_there_is_no_sign_in(latchkey: Latchkey) -> None:
    page = await Browser(latchkey).get("/sign-in/start?id=x")

    assert page.status == 404
