"""The form for how much longer access is needed, where a line leaves the duration out."""

import pytest

from tests.outside.scenarios import asked, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Fault, Person, a_channel, a_personal_chat, an_execute

pytestmark = pytest.mark.in_memory

THREAD = a_channel("general", thread="1700000000000")
ASKED_FOR = "Extension requested"


async def opened(bot: Latchkey, typed: str = "") -> Seen:
    """Let Dana type the line that opens the form."""
    request_id = correlation_id(await granted(bot))
    return await bot.say(DANA, f"extend {request_id} {typed}".strip())


def audited(bot: Latchkey, status: str) -> int:
    return [seen.status for seen in bot.audit()].count(status)


@pytest.mark.parametrize("typed", ["", "by", "for"])
async def test_a_line_without_a_duration_opens_a_form_for_it(
    latchkey: Latchkey, typed: str
) -> None:
    form = await opened(latchkey, typed)

    assert form.status == "For how much longer?"
    assert "Access to demo-api-key in demo-vault ends on" in form.words
    assert "at most 2 hours" in form.labels["duration"]
    assert form.inputs == {"duration": "2h"}
    assert "can't read" not in form.words


async def test_the_filled_in_form_asks_the_approvers(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    form = await opened(latchkey)
    card = await latchkey.click(DANA, form, "Extend", duration="1h")
    await latchkey.tick()
    await latchkey.click(ROBIN, latchkey.sent_to(ROBIN)[-1], "Allow")
    await latchkey.tick()
    clock.advance(minutes=150)
    await latchkey.tick()

    assert card.status == "Granted"
    assert "1 hour more" in card.words
    assert len(latchkey.assigned(DANA)) == 1


async def test_a_duration_that_cannot_be_read_opens_the_form_with_it(latchkey: Latchkey) -> None:
    form = await opened(latchkey, "until tomorrow")

    assert "I can't read that duration." in form.words
    assert form.inputs == {"duration": "until tomorrow"}


async def test_a_duration_that_is_too_long_opens_the_form_with_it(latchkey: Latchkey) -> None:
    form = await opened(latchkey, "9h")

    assert "At most 2 hours more can be added." in form.words
    assert form.inputs == {"duration": "9h"}


async def test_a_form_with_errors_stays_open_with_what_was_typed(latchkey: Latchkey) -> None:
    form = await opened(latchkey)
    unreadable = await latchkey.click(DANA, form, "Extend", duration="for ever")
    too_long = await latchkey.click(DANA, unreadable, "Extend", duration="9h")
    card = await latchkey.click(DANA, too_long, "Extend", duration="1h")
    await latchkey.tick()

    assert "I can't read that duration." in unreadable.words
    assert unreadable.inputs == {"duration": "for ever"}
    assert "At most 2 hours more can be added." in too_long.words
    assert too_long.inputs == {"duration": "9h"}
    assert card.status == "Granted"
    assert audited(latchkey, ASKED_FOR) == 1


async def test_a_form_sent_twice_asks_once(latchkey: Latchkey) -> None:
    form = await opened(latchkey)
    await latchkey.click(DANA, form, "Extend", duration="1h")
    again = await latchkey.click(DANA, form, "Extend", duration="1h")
    await latchkey.tick()
    await latchkey.click(ROBIN, latchkey.sent_to(ROBIN)[-1], "Allow")
    await latchkey.tick()
    late = await latchkey.click(DANA, form, "Extend", duration="1h")
    await latchkey.tick()

    assert again.status == late.status == "Granted"
    assert audited(latchkey, ASKED_FOR) == 1
    assert audited(latchkey, "Access extended") == 1


async def test_a_cancelled_form_changes_nothing_and_shows_the_access(latchkey: Latchkey) -> None:
    form = await opened(latchkey)
    closed = await latchkey.click(DANA, form, "Cancel")
    await latchkey.tick()

    assert closed.status == "Granted"
    assert audited(latchkey, ASKED_FOR) == 0


async def test_a_form_cancelled_after_it_was_sent_shows_what_was_asked_for(
    latchkey: Latchkey,
) -> None:
    form = await opened(latchkey)
    await latchkey.click(DANA, form, "Extend", duration="1h")

    closed = await latchkey.click(DANA, form, "Cancel")

    assert "1 hour more" in closed.words


@pytest.mark.parametrize("request_id", ["", "req-aaaaaaaaaa", "rot-aaaaaaaaaa", "../../head"])
async def test_a_click_with_a_forged_id_is_refused(latchkey: Latchkey, request_id: str) -> None:
    await granted(latchkey)
    data = {"request": request_id, "duration": "1h", "until": "x"}

    answer = await latchkey.deliver(an_execute("extension.ask", data, DANA))
    await latchkey.tick()

    assert isinstance(answer.body["value"], str)
    assert audited(latchkey, ASKED_FOR) == 0


@pytest.mark.parametrize("other", [AVERY, MORGAN])
@pytest.mark.parametrize("duration", ["1h", "for ever"])
async def test_no_one_else_can_send_it(latchkey: Latchkey, other: Person, duration: str) -> None:
    request_id = correlation_id(await granted(latchkey))
    data = {"request": request_id, "duration": duration, "until": ""}

    answer = await latchkey.deliver(an_execute("extension.ask", data, other))
    typed = await latchkey.say(other, f"extend {request_id}")
    await latchkey.tick()

    assert isinstance(answer.body["value"], str)
    assert typed.inputs == {}
    assert audited(latchkey, ASKED_FOR) == 0


async def test_after_the_end_there_is_nothing_to_extend(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    form = await opened(latchkey)
    clock.advance(hours=3)
    late = await latchkey.click(DANA, form, "Extend", duration="for ever")
    await latchkey.tick()

    assert late.sentence
    assert audited(latchkey, ASKED_FOR) == 0


async def test_what_waits_for_approval_cannot_be_extended_yet(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))
    refused = await latchkey.say(DANA, f"extend {request_id}")

    assert "There's no access to extend" in refused.words
    assert refused.inputs == {}


async def test_while_an_extension_waits_there_is_no_form_for_another(latchkey: Latchkey) -> None:
    form = await opened(latchkey)
    card = await latchkey.click(DANA, form, "Extend", duration="1h")
    refused = await latchkey.say(DANA, f"extend {correlation_id(card)}")

    assert "You've already asked for 1 hour more" in refused.words


async def test_access_that_lasts_as_long_as_allowed_gets_no_form(latchkey: Latchkey) -> None:
    await latchkey.say(DANA, "request secret demo-api-key for 4h because smoke test")
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    refused = await latchkey.say(DANA, f"extend {correlation_id(latchkey.card_of(DANA))}")

    assert "This access already lasts as long as allowed." in refused.words
    assert refused.inputs == {}


async def test_in_a_channel_the_form_goes_to_the_persons_own_chat(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))
    answer = await latchkey.say(DANA, f"extend {request_id}", THREAD)
    form = latchkey.sent_to(DANA)[-1]
    card = await latchkey.click(DANA, form, "Extend", duration="1h")

    assert "The form is in our own chat." in answer.words
    assert "The outcome will be posted here" not in answer.words
    assert answer.inputs == {}
    assert form.place.id == a_personal_chat(DANA).id
    assert "1 hour more" in card.words


async def test_without_an_own_chat_the_form_opens_where_it_was_asked(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))
    latchkey.teams.refuse(a_personal_chat(DANA).id, Fault(503))
    form = await latchkey.say(DANA, f"extend {request_id}", THREAD)
    await latchkey.click(DANA, form, "Extend", duration="1h")
    await latchkey.tick()

    assert form.inputs == {"duration": "2h"}
    assert audited(latchkey, ASKED_FOR) == 1


async def test_cancel_after_asking_shows_what_was_asked_for(latchkey: Latchkey) -> None:
    form = await opened(latchkey)
    await latchkey.click(DANA, form, "Extend", duration="1h")
    await latchkey.tick()
    shown = await latchkey.click(DANA, form, "Cancel")

    assert "ends as planned" not in shown.words
    assert "Extension requested\n1 hour" in shown.words


async def test_cancel_after_the_end_has_moved_shows_when_it_is(latchkey: Latchkey) -> None:
    form = await opened(latchkey)
    await latchkey.click(DANA, form, "Extend", duration="1h")
    await latchkey.tick()
    await latchkey.click(ROBIN, latchkey.sent_to(ROBIN)[-1], "Allow")
    await latchkey.tick()
    shown = await latchkey.click(DANA, form, "Cancel")

    assert "ends as planned" not in shown.words
    assert "access ends on 2 Mar 2026, 12:00 UTC" in shown.words


async def test_cancel_after_the_end_says_that_it_ended(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    form = await opened(latchkey)
    clock.advance(hours=2)
    await latchkey.tick()
    shown = await latchkey.click(DANA, form, "Cancel")

    assert "ends as planned" not in shown.words
    assert shown.status == "Ended"


async def test_cancel_says_nothing_to_those_who_cannot_see_the_request(latchkey: Latchkey) -> None:
    form = await opened(latchkey)
    shown = await latchkey.click(MORGAN, form, "Cancel")

    assert "can't find a request" in shown.sentence
