"""The list of what is stuck, and what admins do from it."""

import pytest

from bot.handlers.admin import stuck_list
from tests.outside.rotation.test_failures import helpless
from tests.outside.rotation_scenarios import now
from tests.outside.scenarios import ASKED, correlation_id, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.reading import words
from tests.support.teams import Json, an_execute

pytestmark = pytest.mark.in_memory

ONLY_ADMINS = "Only admins can do that. Ask one of them."


async def _stuck(bot: Latchkey, clock: ManualClock) -> Seen:
    """Let access end while Azure refuses to remove it; return the list."""
    await granted(bot)
    bot.sandbox.break_next(refusing("DELETE", "roleAssignments"))
    clock.advance(hours=2)
    await bot.tick()
    clock.advance(minutes=20)
    await bot.tick()
    return await bot.say(AVERY, "stuck")


async def test_a_revocation_is_tried_again_from_the_list(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    listed = await _stuck(latchkey, clock)
    latchkey.sandbox.state.faults.clear()

    trying = await latchkey.click(AVERY, listed, "Try now")
    await latchkey.tick()
    after = await latchkey.click(AVERY, trying, "Refresh")

    assert listed.buttons == {"Try now", "Close", "Refresh"}
    assert "Trying it now." in trying.words
    assert latchkey.assigned(DANA) == []
    assert (after.status, after.buttons) == ("Nothing is stuck", {"Refresh"})


async def test_what_is_over_is_not_tried_again(latchkey: Latchkey, clock: ManualClock) -> None:
    listed = await _stuck(latchkey, clock)
    latchkey.sandbox.state.faults.clear()
    await latchkey.click(AVERY, listed, "Try now")
    await latchkey.tick()
    before = len(latchkey.audit())

    again = await latchkey.click(ROBIN, listed, "Try now")
    await latchkey.tick()

    assert "Nothing is overdue here" in again.sentence
    assert len(latchkey.audit()) == before


async def test_it_is_closed_from_the_list_after_a_question_and_with_a_reason(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    listed = await _stuck(latchkey, clock)

    still_listed = await latchkey.click(AVERY, listed, "Close")
    question = latchkey.sent_to(AVERY)[-1]
    silent = await latchkey.click(AVERY, question, "Close it", reason=" ")
    await latchkey.click(AVERY, question, "Close it", reason="the subscription is gone")
    await latchkey.tick()
    after = await latchkey.click(AVERY, still_listed, "Refresh")

    assert still_listed.status == "1 item is stuck"
    assert question.status == "Close this without removing it?"
    assert silent.sentence
    assert latchkey.audit()[-1].status == "Closed by an admin, removal not confirmed"
    assert after.status == "Nothing is stuck"


async def test_a_rotation_that_needs_a_human_is_tried_again_from_the_list(
    bot: Latchkey, clock: ManualClock
) -> None:
    card = await helpless(bot, clock)
    listed = await bot.say(ROBIN, "stuck")
    bot.sandbox.state.faults.clear()

    await bot.click(ROBIN, listed, "Try now")
    await bot.tick()

    assert listed.buttons == {"Try now", "Abandon", "Refresh"}
    assert now(bot, card).status == "Rotation failed, rolled back"


async def test_a_rotation_that_needs_a_human_is_abandoned_from_the_list(
    bot: Latchkey, clock: ManualClock
) -> None:
    card = await helpless(bot, clock)

    await bot.click(ROBIN, await bot.say(ROBIN, "stuck"), "Abandon")
    question = bot.sent_to(ROBIN)[-1]
    await bot.click(ROBIN, question, "Abandon", reason="the app is gone")
    await bot.tick()

    assert question.status == "Abandon this rotation?"
    assert now(bot, card).status == "Abandoned, not finished"


@pytest.mark.parametrize("verb", ["stuck.page", "stuck.try", "stuck.close"])
async def test_only_admins_can_use_the_list(
    latchkey: Latchkey, clock: ManualClock, verb: str
) -> None:
    listed = await _stuck(latchkey, clock)
    request_id = listed.words.partition("req-")[2][:10]
    attempts = len(latchkey.sandbox.log)

    answer = await latchkey.deliver(an_execute(verb, {"workflow": f"req-{request_id}"}, DANA))

    assert answer.body["value"] == ONLY_ADMINS
    assert [one for one in latchkey.sandbox.log[attempts:] if one.method == "DELETE"] == []


@pytest.mark.parametrize("verb", ["stuck.try", "stuck.close"])
@pytest.mark.parametrize(
    "data",
    [
        {},
        {"workflow": "../../head"},
        {"workflow": "req-aaaaaaaaaa"},
        {"workflow": "rot-aaaaaaaaaa"},
        {"workflow": ["req-aaaaaaaaaa"]},
    ],
)
async def test_forged_ids_are_refused(latchkey: Latchkey, verb: str, data: Json) -> None:
    answer = await latchkey.deliver(an_execute(verb, data, AVERY))

    assert isinstance(answer.body["value"], str)


async def test_current_access_is_neither_tried_nor_closed(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))

    for verb in ("stuck.try", "stuck.close"):
        answer = await latchkey.deliver(an_execute(verb, {"workflow": request_id}, AVERY))

        assert "Nothing is overdue here" in answer.body["value"]
    assert len(latchkey.assigned(DANA)) == 1


async def test_a_long_list_has_pages(
    latchkey: Latchkey, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stuck_list, "_PAGE", 1)
    await latchkey.say(MORGAN, ASKED)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")

    first = await _stuck(latchkey, clock)
    second = await latchkey.click(AVERY, first, "Next page")
    trying = await latchkey.click(AVERY, second, "Try now")

    assert first.status == second.status == trying.status == "2 items are stuck"
    assert first.words != second.words
    assert (first.buttons - second.buttons, second.buttons - first.buttons) == (
        {"Next page"},
        {"First page"},
    )
    assert trying.buttons == second.buttons


async def test_an_admin_checks_again_from_the_doctors_card(latchkey: Latchkey) -> None:
    latchkey.sandbox.break_next(refusing("GET", "/secrets", times=1_000))
    sick = await latchkey.say(AVERY, "doctor")
    latchkey.sandbox.state.faults.clear()

    well = await latchkey.click(AVERY, sick, "Check again")
    refused = await latchkey.deliver(an_execute("doctor.page", {}, DANA))

    assert "failed" in sick.status
    assert "uncertain" in well.status
    assert refused.body["value"] == ONLY_ADMINS
    assert words(well.card) != words(sick.card)
