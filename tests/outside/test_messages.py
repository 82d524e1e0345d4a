"""Messages that are refused, lost, too large, or for someone who can't be reached."""

import asyncio
import re

import pytest

from tests.outside.scenarios import asked, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AUDIT, AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.tables.memory_table import MemoryTable
from tests.support.teams import (
    Fault,
    Json,
    a_channel,
    a_personal_chat,
    an_execute,
    an_installation,
)

pytestmark = pytest.mark.in_memory

GONE = Fault(403, "ForbiddenOperationException")
CHANNEL = a_channel("general", thread="1")


def threads(bot: Latchkey) -> list[str]:
    """Return the threads of the audit channel's messages, oldest first."""
    return [seen.place.id for seen in bot.audit()]


# Refused permanently


async def test_the_audit_trail_continues_in_a_new_thread_if_its_own_is_gone(
    latchkey: Latchkey,
) -> None:
    await asked(latchkey)
    latchkey.teams.refuse(threads(latchkey)[0], GONE)

    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    first, second, third = threads(latchkey)
    assert first != second
    assert second == third
    assert [post.status for post in latchkey.audit()][1:] == ["Approved", "Access granted"]


async def test_a_bot_removed_from_the_team_still_messages_people_and_reports_it(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    for about in (AUDIT.id, threads(latchkey)[0]):
        latchkey.teams.refuse(about, GONE)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    clock.advance(minutes=5)
    await latchkey.tick()

    status, page = await latchkey.get("/readyz")
    stuck = await latchkey.say(AVERY, "stuck")
    _, metrics = await latchkey.get("/metrics")

    assert "Access granted" in [seen.status for seen in latchkey.sent_to(DANA)]
    assert status == 503
    assert "2 announcements have been waiting since 2 Mar 2026" in page
    assert "is the bot still in the audit team?" in page
    assert stuck.status == "2 announcements can't be delivered"
    assert "Nothing is stuck" not in stuck.words
    assert re.search(r"^latchkey_outbox_age_seconds\{.*\} 300\.0$", metrics, re.MULTILINE)


async def test_once_back_in_the_team_the_trail_is_complete_and_the_bot_is_ready(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    for about in (AUDIT.id, threads(latchkey)[0]):
        latchkey.teams.refuse(about, GONE)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    latchkey.teams.refusals.clear()
    clock.advance(minutes=10)
    await latchkey.tick()

    assert [post.status for post in latchkey.audit()] == [
        "Access requested",
        "Approved",
        "Access granted",
    ]
    assert (await latchkey.get("/readyz"))[0] == 200


async def test_a_message_that_is_too_large_is_replaced_by_a_summary_and_fingerprint(
    latchkey: Latchkey,
) -> None:
    latchkey.teams.largest = 2_000
    request_id = correlation_id(await _asked_briefly(latchkey))
    latchkey.teams.largest = None

    [short] = latchkey.audit()
    verdict = await latchkey.say(AVERY, f"verify {request_id}")
    fingerprint = short.words.rpartition("fingerprint ")[2].strip()

    assert short.status == "Shortened message"
    assert "Access requested: Dana Developer asks to read demo-api-key" in short.words
    assert f"Correlation ID {request_id} · event 1 · fingerprint" in short.words
    assert fingerprint
    assert fingerprint in verdict.words


async def _asked_briefly(bot: Latchkey) -> Seen:
    """Let Dana request access while Teams only accepts short messages; return the full answer."""
    largest, bot.teams.largest = bot.teams.largest, None
    card = await bot.say(DANA, "request secret demo-api-key for 2h because smoke test")
    bot.teams.largest = largest
    await bot.tick()
    return card


# Viewed


async def test_a_card_whose_update_was_lost_is_refreshed_when_its_approver_views_it(
    latchkey: Latchkey,
) -> None:
    await asked(latchkey)
    card = latchkey.card_of(ROBIN)
    latchkey.teams.refuse(card.id, Fault(404, "ActivityNotFoundInConversation"))
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    stale = latchkey.card_of(ROBIN)
    shown = await latchkey.look(ROBIN, stale)

    assert stale.status == "Waiting for approval"
    assert shown.status == "Granted"
    assert shown.buttons == set()
    assert shown.card["refresh"]["action"] == stale.card["refresh"]["action"]


async def test_the_requesters_own_card_is_refreshed_when_they_view_it(
    latchkey: Latchkey,
) -> None:
    card = await asked(latchkey)
    latchkey.teams.refuse(card.id, Fault(404, "ActivityNotFoundInConversation"))
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    shown = await latchkey.look(DANA, card)

    assert card.status == "Sent for approval"
    assert shown.status == "Granted"


async def test_a_stranger_sending_an_approvers_refresh_is_shown_nothing(
    latchkey: Latchkey,
) -> None:
    await asked(latchkey)
    card = latchkey.card_of(AVERY)

    for stranger in (MORGAN, DANA, ROBIN):
        answer = await latchkey.look(stranger, card)

        assert (
            answer.sentence == "I can't find a request or rotation with that ID that you can see."
        )


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"workflow": "req-aaaaaaaaaa", "card": "requester-card"},
        {"workflow": "../x", "card": "requester-card"},
        {"workflow": ["req-aaaaaaaaaa"], "card": {"a": 1}},
    ],
)
async def test_a_refresh_of_an_unknown_request_shows_nothing(
    latchkey: Latchkey, data: Json
) -> None:
    click = an_execute("card.refresh", data, DANA, a_personal_chat(DANA), trigger="automatic")

    answer = await latchkey.deliver(click)

    assert (
        answer.body["value"] == "I can't find a request or rotation with that ID that you can see."
    )


async def test_viewing_a_card_changes_nothing(latchkey: Latchkey, table: MemoryTable) -> None:
    await asked(latchkey)
    before = table.rows()

    for _ in range(20):
        await latchkey.look(AVERY, latchkey.card_of(AVERY))

    assert before
    assert table.rows() == before


async def test_refresh_user_ids_are_teams_ids(
    latchkey: Latchkey,
) -> None:
    await latchkey.deliver(an_installation(AVERY))
    await asked(latchkey)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert latchkey.card_of(AVERY).card["refresh"]["userIds"] == [AVERY.id]
    assert latchkey.card_of(DANA).card["refresh"]["userIds"] == [DANA.id]


async def test_cards_that_others_see_too_are_never_refreshed(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, "request secret demo-api-key for 2h because test", CHANNEL)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    posted = latchkey.teams.posted_in(CHANNEL.id)
    assert [post for post in posted if post.card and "refresh" in post.card] == []
    assert [seen for seen in latchkey.audit() if "refresh" in seen.card] == []


# Mentioned


async def test_an_unreachable_approver_is_mentioned_in_the_channel_until_the_decision(
    latchkey: Latchkey,
) -> None:
    latchkey.teams.uninstalled_for.add(ROBIN)
    await asked(latchkey)
    await latchkey.tick()
    [card] = [seen for seen in latchkey.audit() if seen.title == "Access request"]
    await latchkey.click(AVERY, card, "Approve")
    await latchkey.tick()
    [after] = [seen for seen in latchkey.audit() if seen.title == "Access request"]

    mention = f"<at>{ROBIN.name}</at>"
    assert mention in card.words
    assert card.card["msteams"]["entities"] == [
        {
            "type": "mention",
            "text": mention,
            "mentioned": {"id": ROBIN.object_id, "name": ROBIN.name},
        }
    ]
    assert "<at>" not in after.words


async def test_an_unreachable_requester_is_mentioned_where_they_asked(latchkey: Latchkey) -> None:
    latchkey.teams.uninstalled_for.add(DANA)
    await latchkey.say(DANA, "request secret demo-api-key for 2h because test", CHANNEL)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    told = Seen.of(latchkey.teams.posted_in(CHANNEL.id)[-1])
    assert told.status == "Access granted"
    assert f"<at>{DANA.name}</at> " in told.words
    assert told.card["msteams"]["entities"][0]["mentioned"]["id"] == DANA.object_id


# Confirmed


def _now(bot: Latchkey, seen: Seen) -> Seen:
    [posted] = [post for post in bot.teams.posted if post.id == seen.id]
    return Seen.of(posted)


async def test_the_question_whether_to_end_access_shows_the_outcome(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await granted(latchkey))
    card = await latchkey.say(AVERY, f"revoke {request_id}")

    await latchkey.click(AVERY, card, "End access")
    await latchkey.tick()

    assert _now(latchkey, card).status == "Ended"
    assert "Ended early by Avery Approver" in _now(latchkey, card).words
    assert _now(latchkey, card).buttons == set()


async def test_a_question_answered_with_keep_loses_its_buttons(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await granted(latchkey))
    card = await latchkey.say(AVERY, f"revoke {request_id}")

    await latchkey.click(AVERY, card, "Keep it")

    assert "I left it as it was." in _now(latchkey, card).words
    assert _now(latchkey, card).buttons == set()


@pytest.mark.parametrize("button", ["End access", "Keep it"])
async def test_a_click_on_an_outdated_question_shows_who_ended_it_and_when(
    latchkey: Latchkey, button: str
) -> None:
    request_id = correlation_id(await granted(latchkey))
    card = await latchkey.say(AVERY, f"revoke {request_id}")
    await latchkey.click(DANA, _granted_message(latchkey), "I'm done")
    await latchkey.tick()

    answer = await latchkey.click(AVERY, card, button)

    assert (
        answer.sentence
        == "This access was already ended by Dana Developer on 2 Mar 2026, 09:00 UTC."
    )
    assert _now(latchkey, card).status == "Ended"
    assert _now(latchkey, card).buttons == set()


async def test_a_second_click_on_end_access_shows_the_current_state(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))
    card = await latchkey.say(AVERY, f"revoke {request_id}")
    await latchkey.click(AVERY, card, "End access")
    await latchkey.tick()

    again = await latchkey.click(AVERY, card, "End access")

    assert again.sentence == ""
    assert again.status == "Ended"
    assert "Ended early by Avery Approver" in again.words


async def test_a_click_after_the_window_shows_when_it_ended(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    card = await latchkey.say(AVERY, f"revoke {request_id}")
    clock.advance(hours=2)
    await latchkey.tick()

    answer = await latchkey.click(AVERY, card, "End access")

    assert (
        answer.sentence
        == "This access has already ended: its window closed on 2 Mar 2026, 11:00 UTC."
    )


async def test_others_clicking_keep_change_nothing_and_see_nothing(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await granted(latchkey))
    card = await latchkey.say(AVERY, f"revoke {request_id}", CHANNEL)

    answer = await latchkey.click(MORGAN, card, "Keep it")

    assert answer.sentence == "I can't find a request or rotation with that ID that you can see."
    assert _now(latchkey, card).buttons == {"End access", "Keep it"}


def _granted_message(bot: Latchkey) -> Seen:
    return next(seen for seen in bot.sent_to(DANA) if seen.status == "Access granted")


# Slow, or busy for a moment


@pytest.mark.parametrize("status", [412, 429, 502, 503])
async def test_an_update_that_teams_is_too_busy_for_is_retried_later(
    latchkey: Latchkey, clock: ManualClock, status: int
) -> None:
    await asked(latchkey)
    card = latchkey.card_of(ROBIN)
    latchkey.teams.refuse(card.id, Fault(status))
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    before = latchkey.card_of(ROBIN).status

    latchkey.teams.refusals.clear()
    clock.advance(minutes=1)
    await latchkey.tick()

    assert before == "Waiting for approval"
    assert latchkey.card_of(ROBIN).status == "Granted"


async def test_a_slow_card_update_ends_with_the_current_state(latchkey: Latchkey) -> None:
    await asked(latchkey)
    card = latchkey.card_of(ROBIN)
    go_on = latchkey.teams.hold(card.id)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    announcing = asyncio.create_task(latchkey.tick())
    await latchkey.teams.wait_for(lambda: latchkey.card_of(AVERY).status == "Granted")

    go_on()
    await announcing

    assert latchkey.card_of(ROBIN).status == "Granted"
