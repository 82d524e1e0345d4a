"""The form for the missing parts of a request."""

import re

from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from tests.outside.scenarios import ASKED
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.teams import a_channel

SEND = "Send for approval"
REASON = "Reproduce ticket 4711 against the real service"
THREAD = a_channel("general", thread="1700000000000")


def key_vault_away() -> InjectedFault:
    """Make Key Vault unavailable for longer than its SDK would wait."""
    answer = Reply(503, headers={"Retry-After": "30"})
    return InjectedFault("GET", re.compile("/secrets/"), answer=answer, times=1_000)


async def test_the_form_shows_the_approvers_and_the_allowed_durations(
    latchkey: Latchkey,
) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")

    assert "Approvers\nAvery Approver and Robin Reviewer" in form.words
    assert "5 minutes to 4 hours" in form.labels["duration"]
    assert form.inputs == {"justification": "", "duration": "1h", "start": ""}


async def test_a_completed_form_is_replaced_by_the_request(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    card = await latchkey.click(DANA, form, SEND, justification=REASON, duration="90m")
    await latchkey.tick()

    assert card.status == "Sent for approval"
    assert REASON in card.words
    assert "for 1 hour 30 minutes." in latchkey.card_of(AVERY).words
    assert (
        latchkey.card_of(DANA).id,
        latchkey.card_of(DANA).status,
    ) == (form.id, "Sent for approval")


async def test_a_form_with_errors_keeps_what_was_typed(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")

    too_long = await latchkey.click(DANA, form, SEND, justification=REASON, duration="9d")
    unreadable = await latchkey.click(DANA, too_long, SEND, duration="for ever")
    unjustified = await latchkey.click(DANA, unreadable, SEND, justification=" \n", duration="90m")
    filed = await latchkey.click(DANA, unjustified, SEND, justification=REASON)

    assert "Access can last from 5 minutes to 4 hours." in too_long.words
    assert too_long.inputs == {"justification": REASON, "duration": "9d", "start": ""}
    assert "I can't read that duration." in unreadable.words
    assert unreadable.inputs == {"justification": REASON, "duration": "for ever", "start": ""}
    assert "Say why you need it" in unjustified.words
    assert unjustified.inputs["duration"] == "90m"
    assert "for 1 hour 30 minutes." in filed.words


async def test_text_from_the_command_is_filled_into_the_form(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, f"request secret demo-api-key for 9h because {REASON}")

    assert "Access can last from 5 minutes to 4 hours." in form.words
    assert form.inputs == {"justification": REASON, "duration": "9h", "start": ""}


async def test_an_incomplete_command_shows_no_errors_yet(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key for 2h")

    assert form.inputs == {"justification": "", "duration": "2h", "start": ""}
    assert "Say why" not in form.words


async def test_a_form_survives_restarts(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    await latchkey.restart()
    form = await latchkey.click(DANA, form, SEND, justification=REASON, duration="9d")
    await latchkey.restart()
    card = await latchkey.click(DANA, form, SEND, duration="2h")

    assert card.status == "Sent for approval"


async def test_nothing_is_lost_during_a_short_outage_of_key_vault(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    latchkey.sandbox.break_next(key_vault_away())
    refused = await latchkey.click(DANA, form, SEND, justification=REASON, duration="2h")
    latchkey.sandbox.state.faults.clear()
    filed = await latchkey.click(DANA, refused, SEND)

    assert "Key Vault isn't responding right now, so nothing was done." in refused.words
    assert refused.inputs == {"justification": REASON, "duration": "2h", "start": ""}
    assert filed.status == "Sent for approval"


async def test_a_form_sent_twice_is_one_request(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    first = await latchkey.click(DANA, form, SEND, justification=REASON)
    second = await latchkey.click(DANA, form, SEND, justification="Another reason")
    await latchkey.tick()

    assert first.card == second.card
    assert len(latchkey.teams.posted_to(AVERY)) == 1


async def test_a_cancelled_form_makes_no_request_and_stays_closed(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    closed = await latchkey.click(DANA, form, "Cancel")
    late = await latchkey.click(DANA, form, SEND, justification=REASON)
    await latchkey.tick()

    assert "Cancelled. This form is closed." in closed.words
    assert closed.buttons == set()
    assert "This form is no longer open." in late.sentence
    assert latchkey.audit() == []


async def test_cancelling_a_form_that_was_already_sent_shows_the_request(
    latchkey: Latchkey,
) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    await latchkey.click(DANA, form, SEND, justification=REASON)

    card = await latchkey.click(DANA, form, "Cancel")

    assert card.status == "Sent for approval"


async def test_a_new_form_closes_the_previous_one(latchkey: Latchkey) -> None:
    old = await latchkey.say(DANA, "request secret demo-api-key")
    new = await latchkey.say(DANA, "request secret app-api-key")
    late = await latchkey.click(DANA, old, SEND, justification=REASON)
    card = await latchkey.click(DANA, new, SEND, justification=REASON)

    assert "This form is no longer open." in late.words
    assert "asked to read app-api-key" in card.words


async def test_a_request_in_one_line_leaves_an_open_form_open(latchkey: Latchkey) -> None:
    form = await latchkey.say(DANA, "request secret app-api-key")
    await latchkey.say(DANA, ASKED)
    card = await latchkey.click(DANA, form, SEND, justification=REASON)

    assert "asked to read app-api-key" in card.words


async def test_no_one_else_can_fill_in_a_form(latchkey: Latchkey) -> None:
    latchkey.teams.uninstalled_for.add(DANA)
    form = await latchkey.say(DANA, "request secret demo-api-key", THREAD)
    others = await latchkey.click(ROBIN, form, SEND, justification="Not mine")
    cancelled = await latchkey.click(ROBIN, form, "Cancel")
    card = await latchkey.click(DANA, form, SEND, justification=REASON)

    assert "This form belongs to the person who asked for it." in others.sentence
    assert "This form belongs to the person who asked for it." in cancelled.sentence
    assert "Dana Developer asks to read demo-api-key" in card.words


async def test_no_one_else_is_shown_a_forms_request(latchkey: Latchkey) -> None:
    latchkey.teams.uninstalled_for.add(DANA)
    form = await latchkey.say(DANA, "request secret demo-api-key", THREAD)
    await latchkey.click(DANA, form, SEND, justification=REASON)

    late = await latchkey.click(ROBIN, form, SEND, justification="Not mine")

    assert "This form belongs to the person who asked for it." in late.sentence


async def test_two_people_can_fill_in_their_forms_in_one_thread(latchkey: Latchkey) -> None:
    latchkey.teams.uninstalled_for |= {DANA, ROBIN}
    danas = await latchkey.say(DANA, "request secret demo-api-key", THREAD)
    robins = await latchkey.say(ROBIN, "request secret app-api-key", THREAD)
    of_dana = await latchkey.click(DANA, danas, SEND, justification=REASON)
    of_robin = await latchkey.click(ROBIN, robins, SEND, justification=REASON)

    assert "Dana Developer asks to read demo-api-key" in of_dana.words
    assert "Robin Reviewer asks to read app-api-key" in of_robin.words
