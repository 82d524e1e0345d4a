"""Requests made in a channel or a group: the form in one's own chat, the outcome in the thread."""

import pytest

from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Fault, Place, a_channel, a_personal_chat

pytestmark = pytest.mark.in_memory

SEND = "Send for approval"
REASON = "Reproduce ticket 4711 against the real service"
THREAD = a_channel("general", thread="1700000000000")
GROUP = Place("19:group@thread.v2", "groupChat")
WHOLE = "request secret demo-api-key for 2h because test"


def posted_in(bot: Latchkey, place: Place) -> list[Seen]:
    return [Seen.of(one) for one in bot.teams.posted_in(place.id)]


async def filed_from(bot: Latchkey, place: Place) -> Seen:
    """Let Dana ask in a channel or group and send the form; return the form's message."""
    await bot.say(DANA, "request secret demo-api-key", place)
    form = bot.sent_to(DANA)[-1]
    await bot.click(DANA, form, SEND, justification=REASON)
    await bot.tick()
    return form


@pytest.mark.parametrize("place", [THREAD, GROUP], ids=["thread", "group"])
async def test_the_form_goes_to_the_persons_own_chat(latchkey: Latchkey, place: Place) -> None:
    answer = await latchkey.say(DANA, "request secret demo-api-key for 2h", place)
    form = latchkey.sent_to(DANA)[-1]

    assert "The form is in our own chat." in answer.words
    assert f"<at>{DANA.name}</at> I've sent it to you there." in answer.words
    assert answer.card["msteams"]["entities"][0]["mentioned"]["id"] == DANA.object_id
    assert answer.inputs == {}
    assert form.place.id == a_personal_chat(DANA).id
    assert form.inputs == {"justification": "", "duration": "2h", "start": ""}


async def test_the_form_becomes_the_requesters_own_card(latchkey: Latchkey) -> None:
    form = await filed_from(latchkey, THREAD)

    card = latchkey.card_of(DANA)
    assert card.id == form.id
    assert card.buttons == {"Remind", "Cancel request", "Refresh"}
    assert latchkey.card_of(AVERY).status == "Waiting for approval"


async def test_a_form_with_errors_keeps_what_was_typed_and_where_it_was_asked_for(
    latchkey: Latchkey,
) -> None:
    await latchkey.say(DANA, "request secret demo-api-key", THREAD)
    form = latchkey.sent_to(DANA)[-1]
    again = await latchkey.click(DANA, form, SEND, justification=REASON, duration="9d")
    await latchkey.restart()
    await latchkey.click(DANA, again, SEND, duration="1h")
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert again.inputs["justification"] == REASON
    assert posted_in(latchkey, THREAD)[-1].status == "Access granted"


@pytest.mark.parametrize("place", [THREAD, GROUP], ids=["thread", "group"])
async def test_the_outcome_is_posted_where_it_was_asked_with_a_mention(
    latchkey: Latchkey, place: Place
) -> None:
    await filed_from(latchkey, place)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    await latchkey.tick()

    outcomes = [seen for seen in posted_in(latchkey, place) if seen.status == "Access granted"]
    [outcome] = outcomes
    assert f"<at>{DANA.name}</at>" in outcome.words
    assert outcome.card["msteams"]["entities"][0]["mentioned"]["id"] == DANA.object_id
    assert "Dana Developer can read demo-api-key in demo-vault." in outcome.words
    assert outcome.buttons == set()


async def test_the_outcome_does_not_repeat_what_was_written_to_the_requester(
    latchkey: Latchkey,
) -> None:
    await filed_from(latchkey, THREAD)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Deny", reason="Not before the audit")
    await latchkey.tick()

    outcome = posted_in(latchkey, THREAD)[-1]
    assert outcome.status == "Denied"
    assert "Not before the audit" not in outcome.words
    assert any("Not before the audit" in seen.words for seen in latchkey.sent_to(DANA))


async def test_a_request_that_no_one_decides_is_answered_in_the_thread(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await filed_from(latchkey, THREAD)
    clock.advance(hours=9)
    await latchkey.tick()
    await latchkey.tick()

    assert posted_in(latchkey, THREAD)[-1].status == "Request expired"


async def test_whoever_asks_in_their_own_chat_causes_no_post_elsewhere(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, WHOLE)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    assert [seen.status for seen in latchkey.sent_to(DANA)] == [
        "Sent for approval",
        "Access granted",
    ]


async def test_without_the_app_the_form_opens_where_it_was_asked(latchkey: Latchkey) -> None:
    latchkey.teams.uninstalled_for.add(DANA)

    form = await latchkey.say(DANA, "request secret demo-api-key", THREAD)
    card = await latchkey.click(DANA, form, SEND, justification=REASON)

    assert "duration" in form.inputs
    assert card.status == "Waiting for approval"


async def test_a_chat_that_refuses_the_form_gets_none_and_the_channel_does(
    latchkey: Latchkey,
) -> None:
    await latchkey.say(DANA, "help")
    latchkey.teams.refuse(a_personal_chat(DANA).id, Fault(503))

    form = await latchkey.say(DANA, "request secret demo-api-key", THREAD)
    card = await latchkey.click(DANA, form, SEND, justification=REASON)

    assert card.status == "Waiting for approval"


async def test_without_the_app_the_outcome_is_posted_once(latchkey: Latchkey) -> None:
    latchkey.teams.uninstalled_for.add(DANA)
    await latchkey.say(DANA, WHOLE, THREAD)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    await latchkey.tick()

    told = [seen for seen in posted_in(latchkey, THREAD) if seen.status == "Access granted"]
    [outcome] = told
    assert "az keyvault" in outcome.words


async def test_an_approver_whom_only_the_channel_reaches_is_reminded_there(
    latchkey: Latchkey,
) -> None:
    latchkey.teams.uninstalled_for.add(ROBIN)
    await latchkey.say(DANA, WHOLE)
    await latchkey.tick()
    await latchkey.click(DANA, latchkey.card_of(DANA), "Remind")
    await latchkey.tick()

    [reminder] = [seen for seen in latchkey.audit() if seen.status == "Still waiting for approval"]
    assert f"<at>{ROBIN.name}</at>" in reminder.words
    assert f"<at>{AVERY.name}</at>" not in reminder.words


async def test_a_message_delivered_twice_sends_one_request(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, "request secret demo-api-key", THREAD)
    form = latchkey.sent_to(DANA)[-1]
    first = await latchkey.click(DANA, form, SEND, justification=REASON)
    second = await latchkey.click(DANA, form, SEND, justification=REASON)
    await latchkey.tick()

    assert first.words == second.words
    assert len(latchkey.teams.posted_to(AVERY)) == 1
