"""Ways to end a request: cancel it, give access back, or revoke it."""

import re

import pytest

from sandbox.faults import InjectedFault, When
from sandbox.seed import DEMO_API_KEY
from tests.outside.scenarios import asked, correlation_id, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.teams import Person, a_channel, a_message

pytestmark = pytest.mark.in_memory


def _granted_message(latchkey: Latchkey) -> Seen:
    return next(seen for seen in latchkey.sent_to(DANA) if seen.status == "Access granted")


async def test_a_cancelled_request_is_closed_for_everyone(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(DANA, f"cancel {request_id}")
    await latchkey.tick()

    assert card.status == "Cancelled"
    assert {latchkey.card_of(one).status for one in (DANA, AVERY, ROBIN)} == {"Cancelled"}
    assert latchkey.card_of(AVERY).buttons == set()
    assert [post.status for post in latchkey.audit()] == ["Access requested", "Cancelled"]
    assert "Dana Developer withdrew the request for demo-api-key" in latchkey.audit()[-1].words


async def test_a_cancellation_that_teams_delivers_twice_counts_once(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))
    message = a_message(f"cancel {request_id}", DANA)
    await latchkey.deliver(message)
    await latchkey.restart()
    await latchkey.deliver(message)
    await latchkey.tick()

    assert [post.status for post in latchkey.audit()] == ["Access requested", "Cancelled"]
    assert latchkey.sent_to(DANA)[-1].status == "Cancelled"


async def test_an_approved_request_cannot_be_cancelled_and_the_answer_says_what_to_do(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await granted(latchkey))

    card = await latchkey.say(DANA, f"cancel {request_id}")

    assert "no longer waits for an approval" in card.words
    assert f"type revoke {request_id}" in card.words
    assert len(latchkey.assigned(DANA)) == 1


async def test_an_approver_cannot_cancel_a_request(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(AVERY, f"cancel {request_id}")

    assert "Only Dana Developer, who asked, can cancel this request." in card.words


async def test_a_click_on_a_cancelled_request_is_refused(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await asked(latchkey))
    card = latchkey.card_of(AVERY)
    await latchkey.say(DANA, f"cancel {request_id}")

    answer = await latchkey.click(AVERY, card, "Approve")

    assert "it is cancelled" in answer.sentence


async def test_a_developer_can_give_access_back_from_the_message(
    latchkey: Latchkey,
) -> None:
    await granted(latchkey)

    answer = await latchkey.click(DANA, _granted_message(latchkey), "I'm done")
    await latchkey.tick()

    assert answer.status == "Revocation started"
    assert await latchkey.read(DANA, DEMO_API_KEY) is None
    assert "You ended it early." in latchkey.sent_to(DANA)[-1].words
    assert _granted_message(latchkey).buttons == {"Open in the Azure portal"}


async def test_a_second_click_on_i_am_done_changes_nothing(latchkey: Latchkey) -> None:
    await granted(latchkey)
    message = _granted_message(latchkey)

    await latchkey.click(DANA, message, "I'm done")
    again = await latchkey.click(DANA, message, "I'm done")
    await latchkey.tick()
    later = await latchkey.click(DANA, message, "I'm done")
    await latchkey.tick()

    assert again.status == "Revocation started"
    assert later.status == "Ended"
    audit = [post.status for post in latchkey.audit()]
    assert audit[3:] == ["Ended early", "Access revoked"]


async def test_revoke_asks_for_confirmation_first(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await granted(latchkey))

    card = await latchkey.say(AVERY, f"revoke {request_id}")
    kept = await latchkey.click(AVERY, card, "Keep it")
    await latchkey.tick()

    assert card.status == "End this access now?"
    assert "Dana Developer will lose access to demo-api-key in demo-vault." in card.words
    assert "2 Mar 2026, 11:00 UTC" in card.words
    assert "I left it as it was." in kept.words
    assert len(latchkey.assigned(DANA)) == 1


async def test_the_question_says_what_another_grant_still_opens(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))
    await latchkey.say(DANA, "request secret app-api-key for 3h because both share an assignment")
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()

    card = await latchkey.say(AVERY, f"revoke {request_id}")

    assert "Dana Developer's grant for demo-api-key in demo-vault would end." in card.words
    assert "They can still read demo-api-key until 2 Mar 2026, 12:00 UTC" in card.words
    assert "will lose access" not in card.words


@pytest.mark.parametrize("who", [DANA, ROBIN, MORGAN], ids=["requester", "approver", "admin"])
async def test_its_people_and_admins_can_end_access_early_and_everyone_sees_who_did(
    latchkey: Latchkey, who: Person
) -> None:
    await latchkey.restart(ADMIN_USERS=MORGAN.object_id)
    request_id = correlation_id(await granted(latchkey))

    card = await latchkey.say(who, f"revoke {request_id}")
    answer = await latchkey.click(who, card, "End access")
    await latchkey.tick()

    [early, revoked] = latchkey.audit()[3:]
    told = latchkey.sent_to(DANA)
    assert answer.status == "Revocation started"
    assert (early.status, revoked.status) == ("Ended early", "Access revoked")
    whose = "their own" if who is DANA else "Dana Developer's"
    assert f"{who.name} ended {whose} access to demo-api-key" in early.words
    ended = next(seen for seen in told if seen.status == "Access ended")
    by = "You" if who is DANA else who.name
    assert f"{by} ended it early. The role assignment is deleted" in ended.words
    assert f"Ended early by {who.name}" in latchkey.card_of(AVERY).words
    assert latchkey.assigned(DANA) == []


async def test_others_cannot_confirm_the_question(latchkey: Latchkey) -> None:
    request_id = correlation_id(await granted(latchkey))
    card = await latchkey.say(AVERY, f"revoke {request_id}", a_channel("general", thread="1"))

    answer = await latchkey.click(MORGAN, card, "End access")
    await latchkey.tick()

    assert "I can't find a request or rotation with that ID that you can see." in answer.sentence
    assert len(latchkey.assigned(DANA)) == 1


async def test_the_second_of_two_who_end_the_same_access_is_shown_who_was_first(
    latchkey: Latchkey,
) -> None:
    request_id = correlation_id(await granted(latchkey))
    one = await latchkey.say(AVERY, f"revoke {request_id}")
    other = await latchkey.say(ROBIN, f"revoke {request_id}")

    await latchkey.click(AVERY, one, "End access")
    answer = await latchkey.click(ROBIN, other, "End access")

    assert (
        answer.sentence
        == "This access was already ended by Avery Approver on 2 Mar 2026, 09:00 UTC."
    )


async def test_a_pending_request_has_no_access_to_revoke(latchkey: Latchkey) -> None:
    request_id = correlation_id(await asked(latchkey))

    card = await latchkey.say(DANA, f"revoke {request_id}")

    assert "There's no access to end yet" in card.words
    assert f"type cancel {request_id}" in card.words


async def test_an_ended_request_has_no_access_to_revoke(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    clock.advance(hours=2)
    await latchkey.tick()

    card = await latchkey.say(DANA, f"revoke {request_id}")

    assert "its window closed on" in card.words


async def test_a_grant_in_progress_can_be_revoked(latchkey: Latchkey, clock: ManualClock) -> None:
    request_id = correlation_id(await asked(latchkey))
    lost = InjectedFault("PUT", re.compile("roleAssignments"), when=When.AFTER, times=1_000)
    latchkey.sandbox.break_next(lost)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    made = len(latchkey.assigned(DANA))

    card = await latchkey.say(DANA, f"revoke {request_id}")
    await latchkey.click(DANA, card, "End access")
    for _ in range(10):
        clock.advance(seconds=15)
        await latchkey.tick()

    assert "is being granted right now" in card.words
    assert made == 1
    assert latchkey.assigned(DANA) == []
    assert [post.status for post in latchkey.audit()[2:]] == [
        "Ended early",
        "Making sure access is gone",
        "Access revoked",
    ]
