"""Decisions by text: the same use cases, checks and messages as those of the buttons."""

import pytest

from tests.outside.scenarios import asked, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey, running_latchkey
from tests.support.teams import a_channel, a_message

pytestmark = pytest.mark.in_memory


@pytest.mark.parametrize(
    "typed",
    [
        "approve {id}",
        "  Approve   request `{id}`. ",
        "@Latchkey approve {id} because it's the demo",
    ],
)
async def test_a_request_is_approved_by_text(latchkey: Latchkey, typed: str) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(AVERY, typed.format(id=request_id))
    await latchkey.tick()

    assert card.title == "Access request"
    assert card.buttons == set()
    assert len(latchkey.assigned(DANA)) == 1


async def test_why_it_was_approved_is_in_the_audit_channel(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    await latchkey.say(AVERY, f"approve {request_id} because *it's the demo*")
    await latchkey.tick()

    [approved] = [post for post in latchkey.audit() if post.status == "Approved"]
    assert "Note\n*it's the demo*\n" in approved.words


async def test_the_card_that_answers_is_kept_up_to_date(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(AVERY, f"approve {request_id}")
    await latchkey.tick()

    [now] = [seen for seen in latchkey.sent_to(AVERY) if seen.id == card.id]
    assert now.status == "Granted"


async def test_a_request_is_denied_by_text(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(AVERY, f"Deny {request_id}, because not today.")
    await latchkey.tick()

    assert card.status == "Denied"
    assert "not today." in latchkey.sent_to(DANA)[-1].words
    assert latchkey.assigned(DANA) == []


@pytest.mark.parametrize("because", ["", " because \u3164"])
async def test_without_a_reason_the_card_asks_for_one(latchkey: Latchkey, because: str) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(AVERY, f"deny {request_id}{because}")
    denied = await latchkey.click(AVERY, card, "Deny", reason="not today")

    assert "reason" in card.inputs
    assert denied.status == "Denied"


async def test_in_a_channel_the_reason_is_asked_for_in_words(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    answer = await latchkey.say(AVERY, f"deny {request_id}", a_channel("general"))

    assert answer.words == f"Say why. Type: deny {request_id} because REASON"


@pytest.mark.parametrize("typed", ["approve {id}", "deny {id} because I can"])
async def test_what_a_click_is_refused_is_refused_by_text(latchkey: Latchkey, typed: str) -> None:
    request_id = correlation_id(await asked(latchkey))
    title = typed.split()[0].capitalize()
    clicked = await latchkey.click(DANA, latchkey.card_of(AVERY), title, reason="I can")

    answer = await latchkey.say(DANA, typed.format(id=request_id))
    await latchkey.tick()

    assert answer.words == clicked.sentence
    assert latchkey.assigned(DANA) == []


@pytest.mark.parametrize("typed", ["approve req-aaaaaaaaaa", "deny hello because of it"])
async def test_an_unknown_id_is_refused(latchkey: Latchkey, typed: str) -> None:
    answer = await latchkey.say(AVERY, typed)

    assert "can't find a request" in answer.words


async def test_the_second_of_two_approvers_is_told_who_decided(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))
    await latchkey.say(AVERY, f"approve {request_id}")
    await latchkey.tick()

    answer = await latchkey.say(ROBIN, f"deny {request_id} because not today")

    assert "Avery Approver" in answer.words
    assert len(latchkey.assigned(DANA)) == 1


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ("approve {id} because the job is slow", "Access extended"),
        ("deny {id} because the job is slow", "Extension denied"),
    ],
)
async def test_an_extension_that_waits_is_decided_by_text(
    latchkey: Latchkey, clock: ManualClock, typed: str, status: str
) -> None:
    request_id = correlation_id(await granted(latchkey))
    clock.advance(minutes=100)
    await latchkey.say(DANA, f"extend {request_id} 1h")
    await latchkey.tick()

    await latchkey.say(ROBIN, typed.format(id=request_id))
    await latchkey.tick()

    [decided] = [post for post in latchkey.audit() if post.status == status]
    assert "Note\nthe job is slow\n" in decided.words


@pytest.mark.parametrize("typed", ["approve", "Deny."])
async def test_without_an_id_what_waits_is_shown(latchkey: Latchkey, typed: str) -> None:
    await asked(latchkey)

    cards = await latchkey.say_for_all(AVERY, typed)

    assert [card.title for card in cards] == ["Approvals", "Access request"]


async def test_in_a_channel_a_misspelt_decision_is_not_offered_as_a_button(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await asked(latchkey))
    typed = f"aprove {request_id}"

    here = await latchkey.say(AVERY, typed)
    there = await latchkey.say(DANA, typed, a_channel("general"))

    assert here.buttons == {"Run this command"}
    assert there.buttons == {"help"}


@pytest.mark.parametrize("typed", ["approve {id}", "deny {id} because it took too long"])
async def test_a_line_that_comes_late_or_again_is_not_about_what_was_asked_for_since(
    latchkey: Latchkey, clock: ManualClock, typed: str
) -> None:
    request_id = correlation_id(await asked(latchkey))
    approved = a_message(f"approve {request_id}", AVERY)
    approved |= {"timestamp": clock().isoformat()}
    late = approved | {"text": typed.format(id=request_id)}
    await latchkey.deliver(approved)
    await latchkey.tick()
    clock.advance(seconds=20)
    await latchkey.say(DANA, f"extend {request_id} 1h")
    await latchkey.tick()
    async with running_latchkey(latchkey.another_replica()) as other:
        await other.deliver(late)
    *_, waiting = await latchkey.say_for_all(ROBIN, "approvals")
    await latchkey.tick()

    assert request_id in waiting.words
    assert latchkey.audit()[-1].status == "Extension requested"


async def test_a_line_that_another_replica_gets_again_after_the_denial_asks_for_nothing(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await granted(latchkey))
    line = a_message(f"extend {request_id} 1h", DANA)
    await latchkey.deliver(line)
    await latchkey.say(AVERY, f"deny {request_id} because one hour is enough")
    async with running_latchkey(latchkey.another_replica()) as other:
        await other.deliver(line)
    await latchkey.tick()

    assert latchkey.audit()[-1].status == "Extension denied"
    assert latchkey.sent_to(DANA)[-1].title == "Your access request"


async def test_what_was_decided_days_ago_is_said_with_its_date(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    clock.advance(days=3)
    decided = await latchkey.say(ROBIN, f"approve {request_id}")
    over = await latchkey.say(DANA, f"extend {request_id} 1h")

    assert "already approved by Avery Approver on 2 Mar 2026, 09:00 UTC" in decided.words
    assert "ended on 2 Mar 2026, 11:00 UTC" in over.words
