"""What has to be confirmed with a fresh sign-in, as people experience it."""

import json
from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import APP_API_KEY, DEMO_API_KEY
from tests.outside.scenarios import ASKED, asked, correlation_id, granted
from tests.outside.sign_ins import PUBLIC_URL, Browser, link_of
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import buttons
from tests.support.teams import APP_ID, a_channel

pytestmark = pytest.mark.in_memory

BREAK = f"break glass {DEMO_API_KEY} because the shop is down"
FOR_ALL = f"""[defaults]
step_up = "c1"
step_up_for = ["approve", "request", "break_glass"]
break_glass = ["{seed.DANA.mail}"]
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "policy.toml"
    write(file, "[defaults]\nstep_up = true\n")
    return file


def write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


@pytest.fixture
async def bot(latchkey: Latchkey, file: Path) -> Latchkey:
    """The bot, with a policy that has approvals confirmed."""
    await latchkey.restart(
        POLICY_FILE=str(file), PUBLIC_URL=PUBLIC_URL, ADMIN_USERS=seed.MORGAN.mail
    )
    return latchkey


@pytest.fixture
async def strict(bot: Latchkey, file: Path) -> Latchkey:
    """The same, with a context, and with everything confirmed."""
    write(file, FOR_ALL)
    await bot.restart()
    return bot


async def approve(bot: Latchkey, **limits: str) -> Seen:
    """Let Avery click Approve on Dana's request; return the card that asks to confirm it."""
    title = "Approve with limits" if limits else "Approve"
    return await bot.click(AVERY, bot.card_of(AVERY), title, **limits)


async def test_an_approval_counts_once_the_approver_has_signed_in(bot: Latchkey) -> None:
    await asked(bot)
    card = await approve(bot)
    await bot.tick()
    before = await bot.read(DANA, DEMO_API_KEY)
    page = await Browser(bot).sign_in(card, AVERY)
    await bot.tick()

    assert card.status == "Confirm it's you"
    assert before is None
    assert page.status == 200
    assert page.sentence == (
        "Your approval of Dana Developer's request for demo-api-key counts, "
        "and you can go back to Teams."
    )
    assert await bot.read(DANA, DEMO_API_KEY) is not None
    assert bot.card_of(AVERY).status == "Granted"


async def test_the_browser_shows_the_outcome_in_its_own_language(bot: Latchkey) -> None:
    await asked(bot)
    browser = Browser(bot, "de-AT,de;q=0.9,en;q=0.8")
    page = await browser.sign_in(await approve(bot), AVERY)

    assert '<html lang="de">' in page.text
    assert page.sentence == (
        "Ihre Genehmigung der Anfrage von Dana Developer für demo-api-key zählt. "
        "Sie können zu Teams zurückkehren."
    )


async def test_an_approval_by_text_is_confirmed_and_kept_like_a_click(bot: Latchkey) -> None:
    request_id = correlation_id(await asked(bot))
    card = await bot.say(AVERY, f"approve {request_id} because it's the demo")
    await bot.tick()
    before = await bot.read(DANA, DEMO_API_KEY)
    await Browser(bot).sign_in(card, AVERY)
    await bot.tick()

    [now] = [seen for seen in bot.sent_to(AVERY) if seen.id == card.id]
    [approved] = [post for post in bot.audit() if post.status == "Approved"]
    assert card.status == "Confirm it's you"
    assert before is None
    assert await bot.read(DANA, DEMO_API_KEY) is not None
    assert now.status == "Granted"
    assert "Note\nit's the demo\n" in approved.words


async def test_an_approver_can_deny_without_a_sign_in(bot: Latchkey) -> None:
    await asked(bot)
    card = await approve(bot)
    denied = await bot.click(AVERY, card, "Deny", reason="use staging")

    assert set(buttons(card.card)) == {"Sign in", "Deny"}
    assert denied.status == "Denied"


async def test_the_limits_of_the_click_are_kept(bot: Latchkey) -> None:
    await asked(bot)
    card = await approve(bot, window="30m", narrow="true")
    await Browser(bot).sign_in(card, AVERY)
    await bot.tick()

    [assignment] = bot.assigned(DANA)
    assert "for 30 minutes, without the rest of the vault" in card.words
    assert assignment["scope"].endswith(f"/secrets/{DEMO_API_KEY}")
    assert "for 30 minutes" in bot.sent_to(DANA)[-1].words


async def test_what_the_click_left_out_stays_left_out(bot: Latchkey) -> None:
    await bot.say(
        DANA, f"request secret {DEMO_API_KEY} and {APP_API_KEY} for 1h because smoke test"
    )
    await bot.tick()
    card = await approve(bot, **{f"choose:{APP_API_KEY}": "false", "narrow": "false"})
    await Browser(bot).sign_in(card, AVERY)
    await bot.tick()

    readable = [await bot.read(DANA, name) is not None for name in (DEMO_API_KEY, APP_API_KEY)]
    assert "Left out\napp-api-key, by Avery Approver" in card.words
    assert readable == [True, False]


async def test_the_sign_in_is_in_the_audit_channel_in_history_and_in_the_export(
    bot: Latchkey, clock: ManualClock
) -> None:
    request = correlation_id(await asked(bot))
    card = await approve(bot)
    browser = Browser(bot)
    await browser.start(card)
    await browser.finish(AVERY, amr=["pwd", "fido"], acrs=["c1"])
    await bot.tick()
    [approved] = [post for post in bot.audit() if post.status == "Approved"]
    timeline = await bot.say(MORGAN, f"history {request}")
    [stored] = [
        json.loads(row["event"]) for row in await bot.stored() if row.get("kind") == "approved"
    ]

    said = "2 Mar 2026, 09:00 UTC, pwd, fido, context c1"
    assert said in approved.words
    assert f"confirmed by sign-in: {said}" in timeline.words
    assert stored["facts"]["signed_in_at"] == clock().isoformat()
    assert stored["facts"]["signed_in_by"] == "pwd, fido"
    assert stored["facts"]["signed_in_for"] == "c1"


async def test_entra_is_asked_for_a_fresh_sign_in_of_this_person(
    strict: Latchkey,
) -> None:
    card = await strict.say(DANA, ASKED)
    browser = Browser(strict)
    page = await browser.start(card)

    claims = json.loads(browser.asked["claims"])["id_token"]
    assert page.status == 302
    assert "/oauth2/v2.0/authorize?" in page.headers["Location"]
    assert browser.asked["client_id"] == APP_ID
    assert browser.asked["redirect_uri"] == f"{PUBLIC_URL}/sign-in/callback"
    assert browser.asked["response_type"] == "code"
    assert browser.asked["code_challenge_method"] == "S256"
    assert browser.asked["prompt"] == "login"
    assert browser.asked["max_age"] == "300"
    assert browser.asked["login_hint"] == seed.DANA.mail
    assert sorted(browser.asked["scope"].split()) == ["openid", "profile"]
    assert claims == {
        "auth_time": {"essential": True},
        "acrs": {"essential": True, "value": "c1"},
    }


async def test_the_pages_load_nothing_and_are_stored_and_framed_nowhere(bot: Latchkey) -> None:
    await asked(bot)
    card = await approve(bot)
    browser = Browser(bot)
    pages = [
        await browser.start(card),
        await browser.finish(AVERY),
        await browser.get("/sign-in/start"),
    ]

    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "<script" not in page.text
        assert "http" not in page.text


async def test_the_browsers_cookie_is_for_this_host_alone_and_out_of_reach(bot: Latchkey) -> None:
    await asked(bot)
    page = await Browser(bot).start(await approve(bot))

    name, *attributes = page.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-latchkey-sign-in-")
    assert set(attributes) == {"HttpOnly", "Secure", "SameSite=Lax", "Path=/", "Max-Age=300"}


async def test_a_request_is_sent_once_the_requester_has_signed_in(strict: Latchkey) -> None:
    card = await strict.say(DANA, ASKED)
    await strict.tick()
    before = strict.sent_to(AVERY)
    page = await Browser(strict).sign_in(card, DANA, acrs=["c1"])
    await strict.tick()
    shown = strict.sent_to(DANA)[-1]

    assert card.status == "Confirm it's you"
    assert before == []
    assert page.sentence == "Your request for demo-api-key is sent, and you can go back to Teams."
    assert strict.card_of(AVERY).buttons >= {"Approve", "Deny"}
    assert (shown.id, shown.status) == (card.id, "Sent for approval")


async def test_a_form_is_sent_once_the_requester_has_signed_in(strict: Latchkey) -> None:
    form = await strict.say(DANA, f"request secret {DEMO_API_KEY}")
    card = await strict.click(
        DANA, form, "Send for approval", justification="smoke test", duration="2h"
    )
    await Browser(strict).sign_in(card, DANA, acrs=["c1"])
    await strict.tick()
    shown = strict.sent_to(DANA)[-1]

    assert card.status == "Confirm it's you"
    assert (shown.id, shown.status) == (form.id, "Sent for approval")
    assert "smoke test" in strict.card_of(AVERY).words


async def test_break_glass_access_is_taken_once_the_person_has_signed_in(
    strict: Latchkey,
) -> None:
    card = await strict.say(DANA, BREAK)
    await strict.tick()
    before = await strict.read(DANA, DEMO_API_KEY)
    page = await Browser(strict).sign_in(card, DANA, acrs=["c1"])
    await strict.tick()
    reviewed = await strict.click(AVERY, strict.sent_to(AVERY)[0], "Reviewed", note="fine")

    assert before is None
    assert page.sentence == ("You're getting access to demo-api-key, and you can go back to Teams.")
    assert await strict.read(DANA, DEMO_API_KEY) is not None
    assert "reviewed by Avery Approver" in reviewed.words  # a review is not confirmed
    assert "Confirmed by sign-in" in strict.audit()[0].words


async def test_break_glass_access_from_the_form_is_confirmed_too(strict: Latchkey) -> None:
    form = await strict.say(DANA, f"break glass {DEMO_API_KEY}")
    card = await strict.click(DANA, form, "Get access now", justification="the shop is down")
    await strict.tick()
    before = await strict.read(DANA, DEMO_API_KEY)
    await Browser(strict).sign_in(card, DANA, acrs=["c1"])
    await strict.tick()

    assert card.status == "Confirm it's you"
    assert before is None
    assert await strict.read(DANA, DEMO_API_KEY) is not None
    assert "Dana Developer starts break-glass access" in strict.sent_to(AVERY)[0].words


async def test_more_time_is_allowed_once_the_approver_has_signed_in(
    bot: Latchkey, clock: ManualClock
) -> None:
    request = correlation_id(await asked(bot))
    await Browser(bot).sign_in(await approve(bot), AVERY)
    await bot.tick()
    clock.advance(hours=1)
    await bot.say(DANA, f"extend {request} 1h")
    await bot.tick()
    card = await bot.click(AVERY, bot.sent_to(AVERY)[-1], "Allow")
    await bot.tick()
    before = [post.status for post in bot.audit()][-1]
    page = await Browser(bot).sign_in(card, AVERY)
    await bot.tick()

    assert card.status == "Confirm it's you"
    assert set(buttons(card.card)) == {"Sign in", "Deny"}
    assert before == "Extension requested"
    assert page.status == 200
    assert "Confirmed by sign-in" in bot.audit()[-1].words


async def test_two_approvals_need_two_sign_ins(bot: Latchkey, file: Path) -> None:
    write(file, "[defaults]\nstep_up = true\nmin_approvals = 2\n")
    await bot.restart()
    await asked(bot)
    avery = await approve(bot)
    robin = await bot.click(ROBIN, bot.card_of(ROBIN), "Approve")
    one, other = Browser(bot), Browser(bot)
    await one.start(avery)
    await other.start(robin)
    first = await one.finish(AVERY)
    await bot.tick()
    between = bot.card_of(ROBIN).status
    second = await other.finish(ROBIN)
    await bot.tick()

    assert (first.status, second.status) == (200, 200)
    assert between == "Waiting for approval: 1 of 2"
    assert bot.card_of(AVERY).status == "Granted"


async def test_a_policy_that_asks_for_nothing_leaves_clicks_alone(
    bot: Latchkey, file: Path
) -> None:
    write(file, "[defaults]\nstep_up = false\n")
    await bot.restart()
    await granted(bot)

    assert await bot.read(DANA, DEMO_API_KEY) is not None


async def test_an_open_request_follows_a_rule_that_got_stricter(bot: Latchkey, file: Path) -> None:
    write(file, "[defaults]\n")
    await bot.restart()
    await asked(bot)
    write(file, '[defaults]\nstep_up = "c1"\n')
    await bot.look_at_policy_file()
    card = await approve(bot)
    weak = await Browser(bot).sign_in(card, AVERY)
    strong = await Browser(bot).sign_in(await approve(bot), AVERY, acrs=["c1"])

    assert "isn't as strong as the policy asks for" in weak.sentence
    assert strong.status == 200


async def test_a_rule_that_got_looser_is_for_new_requests_only(bot: Latchkey, file: Path) -> None:
    await asked(bot)
    card = await approve(bot)
    browser = Browser(bot)
    await browser.start(card)
    write(file, "[defaults]\n")
    await bot.look_at_policy_file()
    again = await approve(bot)
    page = await browser.finish(AVERY)

    assert again.status == "Confirm it's you"
    assert page.status == 200


async def test_a_bot_that_was_restarted_meanwhile_finishes_the_sign_in(bot: Latchkey) -> None:
    await asked(bot)
    browser = Browser(bot)
    await browser.start(await approve(bot))
    await bot.restart()
    page = await browser.finish(AVERY)
    await bot.tick()

    assert page.status == 200
    assert await bot.read(DANA, DEMO_API_KEY) is not None


async def test_another_replica_finishes_the_sign_in(bot: Latchkey) -> None:
    await asked(bot)
    browser = Browser(bot)
    await browser.start(await approve(bot))
    other = bot.another_replica()
    await other.start()
    browser.use(other)
    page = await browser.finish(AVERY)
    await other.tick()
    await other.stop()

    assert page.status == 200
    assert await bot.read(DANA, DEMO_API_KEY) is not None


async def test_a_request_in_a_channel_is_confirmed_too(strict: Latchkey) -> None:
    place = a_channel("payments")
    card = await strict.say(DANA, ASKED, place)
    await Browser(strict).sign_in(card, DANA, acrs=["c1"])
    await strict.tick()

    assert link_of(card).startswith(f"{PUBLIC_URL}/sign-in/start?id=")
    assert strict.card_of(AVERY).buttons >= {"Approve", "Deny"}


async def test_doctor_checks_the_address_the_app_and_the_contexts(strict: Latchkey) -> None:
    unreachable = await strict.say(MORGAN, "doctor")
    other = strict.another_replica()
    await other.start()
    await strict.restart(PUBLIC_URL=other.url, LATCHKEY_LOCAL="1")
    card = await strict.say(MORGAN, "doctor")
    await other.stop()

    assert "the bot doesn't answer itself at" in line_of(unreachable, "Public address")
    assert line_of(card, "Public address").startswith("✓ ")
    assert "Entra accepts its credentials" in line_of(card, "Sign-in app")
    assert "c1: " in line_of(card, "Authentication contexts")


async def test_doctor_names_a_secret_that_entra_does_not_accept(strict: Latchkey) -> None:
    await strict.restart(SIGN_IN_CLIENT_SECRET="an old one")
    card = await strict.say(MORGAN, "doctor")

    assert "invalid_client" in line_of(card, "Sign-in app")


def line_of(card: Seen, subject: str) -> str:
    """Return the card's line for one check, with its mark."""
    [line] = [line for line in card.words.split("\n") if subject in line]
    return line
