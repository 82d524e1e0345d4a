"""The requester's own card, from the request to its end."""

import pytest

from tests.outside.scenarios import ASKED, asked, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import buttons
from tests.support.teams import Fault, a_channel, an_execute

pytestmark = pytest.mark.in_memory


def now(bot: Latchkey, seen: Seen) -> Seen:
    """Return a message as it is now."""
    [posted] = [post for post in bot.teams.posted if post.id == seen.id]
    return Seen.of(posted)


def reminders(bot: Latchkey) -> int:
    return sum(seen.status == "Still waiting for approval" for seen in bot.sent_to(AVERY))


def puts(bot: Latchkey, seen: Seen) -> int:
    """Count the updates of a message."""
    requests = bot.teams.requests
    return sum(one.method == "PUT" and one.path.endswith(seen.id) for one in requests)


async def test_one_message_shows_the_request_from_waiting_to_its_end(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    card = await asked(latchkey)
    waiting = now(latchkey, card)
    clock.advance(minutes=10)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    active = await latchkey.look(DANA, card)
    clock.advance(minutes=20)
    await latchkey.click(DANA, active, "I'm done")
    await latchkey.tick()
    over = now(latchkey, card)

    assert "Sent at 09:00 UTC for Avery Approver and Robin" in waiting.words
    assert "Not decided as of 09:00 UTC" in waiting.words
    assert "Request expires if it isn't decided" in waiting.words
    assert "2 hours left as of 09:10 UTC" in active.words
    assert "09:10 UTC  Approved by Avery Approver" in active.words
    assert "az keyvault secret show --vault-name demo-vault --name demo-api-key" in active.words
    assert over.status == "Ended"
    assert "09:30 UTC  Ended early by Dana Developer" in over.words
    assert "az keyvault" not in over.words
    assert over.buttons == set()


async def test_refresh_brings_the_remaining_time_up_to_date(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    card = await granted(latchkey)
    clock.advance(minutes=50)

    shown = await latchkey.click(DANA, card, "Refresh")

    assert "1 hour 10 minutes left as of 09:50 UTC" in shown.words


async def test_remind_sends_the_approvers_a_reminder_now(latchkey: Latchkey) -> None:
    card = await asked(latchkey)

    shown = await latchkey.click(DANA, card, "Remind")
    await latchkey.tick()

    assert "Approvers reminded" in shown.words
    assert reminders(latchkey) == 1
    assert "Dana Developer asked for this reminder." in latchkey.sent_to(AVERY)[-1].words


async def test_the_same_click_delivered_again_reminds_no_one(latchkey: Latchkey) -> None:
    card = await asked(latchkey)
    await latchkey.click(DANA, card, "Remind")
    await latchkey.tick()

    again = await latchkey.click(DANA, card, "Remind")
    await latchkey.tick()

    assert again.sentence == ""
    assert "Approvers reminded" in again.words
    assert reminders(latchkey) == 1


async def test_a_second_reminder_has_to_wait(latchkey: Latchkey, clock: ManualClock) -> None:
    card = await asked(latchkey)
    shown = await latchkey.click(DANA, card, "Remind")
    clock.advance(minutes=5)

    answer = await latchkey.click(DANA, shown, "Remind")
    clock.advance(minutes=25)
    await latchkey.click(DANA, shown, "Remind")
    await latchkey.tick()

    assert "You can remind them again after 09:30 UTC." in answer.sentence
    assert reminders(latchkey) == 2


async def test_an_outcome_is_a_message_of_its_own_and_leaves_the_card_as_it_was(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    card = await asked(latchkey)
    before = now(latchkey, card)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    clock.advance(hours=2)
    await latchkey.tick()

    told = [seen.status for seen in latchkey.sent_to(DANA)[1:]]
    seen = await latchkey.look(DANA, card)
    assert told == ["Access granted", "Access ended"]
    assert (now(latchkey, card), puts(latchkey, card)) == (before, 0)
    assert (before.status, seen.status, seen.buttons) == ("Sent for approval", "Ended", set())
    assert "11:00 UTC  Access ended" in seen.words


async def test_an_approvers_card_is_updated_at_the_decision_and_not_at_the_end_it_names(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    card = latchkey.card_of(ROBIN)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    clock.advance(hours=2)
    await latchkey.tick()

    stays, seen = now(latchkey, card), await latchkey.look(ROBIN, card)
    assert (stays.status, stays.buttons, puts(latchkey, card)) == ("Granted", set(), 1)
    assert "Until\n2 Mar 2026, 11:00 UTC" in stays.words
    assert (seen.status, seen.buttons) == ("Ended", set())


async def test_a_card_that_does_not_refresh_is_updated_at_each_step(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    card = await latchkey.say(DANA, ASKED, a_channel("general", thread="1"))
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    active = now(latchkey, card).status
    clock.advance(hours=2)
    await latchkey.tick()

    assert (active, now(latchkey, card).status) == ("Granted", "Ended")


async def test_a_requester_who_cannot_be_told_still_sees_the_outcome_on_the_card(
    latchkey: Latchkey,
) -> None:
    card = await asked(latchkey)
    refused = Fault(400, "BadArgument")
    latchkey.teams.fail(refused, times=2, method="POST", about=card.place.id)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert [seen.status for seen in latchkey.sent_to(DANA)] == ["Granted"]


APPROVED, DENIED, LAPSED, ENDED = "approved", "denied", "lapsed", "ended"


async def _after(latchkey: Latchkey, clock: ManualClock, outcome: str) -> Seen:
    """Return the requester's card as it stays after an outcome."""
    card = await asked(latchkey)
    if outcome == LAPSED:
        clock.advance(hours=8)
    else:
        title = "Deny" if outcome == DENIED else "Approve"
        await latchkey.click(AVERY, latchkey.card_of(AVERY), title)
    await latchkey.tick()
    if outcome == ENDED:
        clock.advance(hours=2)
        await latchkey.tick()
    return now(latchkey, card)


@pytest.mark.parametrize("title", ["Cancel request", "Remind"])
@pytest.mark.parametrize(
    ("outcome", "status"),
    [(APPROVED, "Granted"), (DENIED, "Denied"), (LAPSED, "Expired"), (ENDED, "Ended")],
)
async def test_a_button_that_stayed_is_answered_and_gives_way_to_the_present_card(
    latchkey: Latchkey, clock: ManualClock, title: str, outcome: str, status: str
) -> None:
    card = await _after(latchkey, clock, outcome)

    answer = await latchkey.click(DANA, card, title)

    present = now(latchkey, card)
    assert card.status == "Sent for approval"
    assert answer.sentence
    assert present.status.startswith(status)
    assert not {"Cancel request", "Remind"} & present.buttons
    assert present.card["refresh"] == card.card["refresh"]


async def test_refresh_on_a_card_that_stayed_shows_the_present_one(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    card = await _after(latchkey, clock, ENDED)

    assert (await latchkey.click(DANA, card, "Refresh")).status == "Ended"


@pytest.mark.parametrize(("title", "typed"), [("I'm done", {}), ("Extend", {"duration": "30m"})])
async def test_a_button_of_access_that_has_ended_gives_way_to_the_present_card(
    latchkey: Latchkey, clock: ManualClock, title: str, typed: dict[str, str]
) -> None:
    card = await granted(latchkey)
    active = await latchkey.look(DANA, card)
    clock.advance(hours=2)
    await latchkey.tick()

    answer = await latchkey.click(DANA, active, title, **typed)

    assert answer.sentence
    assert now(latchkey, card).status == "Ended"


@pytest.mark.parametrize("title", ["Remind", "Cancel request"])
async def test_nobody_else_can_use_the_buttons(latchkey: Latchkey, title: str) -> None:
    card = await asked(latchkey)

    for other in (MORGAN, AVERY):
        answer = await latchkey.click(other, card, title)

        assert answer.sentence
    await latchkey.tick()
    assert reminders(latchkey) == 0
    assert now(latchkey, card).status == "Sent for approval"


@pytest.mark.parametrize("data", [{}, {"request": "rot-aaaaaaaaaa"}, {"request": ["x"]}])
async def test_a_forged_click_reminds_no_one(latchkey: Latchkey, data: dict[str, object]) -> None:
    card = await asked(latchkey)

    for verb in ("request.remind", "request.withdraw"):
        click = an_execute(verb, data, DANA, card.place, card=card.id)
        answer = (await latchkey.deliver(click)).body["value"]

        assert "can't find" in answer
    assert now(latchkey, card).status == "Sent for approval"


async def test_cancel_request_ends_it(latchkey: Latchkey) -> None:
    card = await asked(latchkey)

    shown = await latchkey.click(DANA, card, "Cancel request")
    await latchkey.tick()

    assert shown.status == "Cancelled"
    assert now(latchkey, card).buttons == set()
    assert latchkey.card_of(AVERY).status == "Cancelled"


async def test_more_time_can_be_asked_for_on_it(latchkey: Latchkey) -> None:
    card = await latchkey.look(DANA, await granted(latchkey))

    shown = await latchkey.click(DANA, card, "Extend", duration="30m")

    assert "Extension requested\n30 minutes" in shown.words


async def test_status_shows_requesters_the_same_card(latchkey: Latchkey) -> None:
    card = await asked(latchkey)
    request_id = card.words.rpartition("Correlation ID ")[2].split()[0]

    again = await latchkey.say(DANA, f"status {request_id}")

    assert again.buttons == {"Remind", "Cancel request", "Refresh"}
    assert again.words == card.words


async def test_a_channel_does_not_see_what_is_only_for_the_requester(latchkey: Latchkey) -> None:
    latchkey.teams.uninstalled_for.add(DANA)
    place = a_channel("general", thread="1")
    card = await latchkey.say(DANA, "request secret demo-api-key for 2h because test", place)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert buttons(now(latchkey, card).card) == {}
    assert "az keyvault" not in now(latchkey, card).words


async def test_an_approver_sees_earlier_requests_and_other_access(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    clock.advance(minutes=30)
    await asked(latchkey)

    words = latchkey.card_of(ROBIN).words

    assert "Requests for this by or for Dana Developer in the last 30 days: 1, granted: 1" in words
    assert "Dana Developer already has access to the whole vault demo-vault" in words


async def test_the_requester_does_not_see_what_approvers_see_about_them(
    latchkey: Latchkey,
) -> None:
    await granted(latchkey)

    card = await asked(latchkey)

    assert "already has access" not in now(latchkey, card).words
