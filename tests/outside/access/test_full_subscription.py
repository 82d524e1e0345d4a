"""A subscription that is full of role assignments: access waits for room, and says so."""

import pytest

from tests.outside.scenarios import asked, correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

WAITS = "The subscription is full of role assignments, so access to demo-api-key in demo-vault"


async def approve(latchkey: Latchkey) -> None:
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()


def fill(latchkey: Latchkey, *, room_for: int = 0) -> None:
    """Let the subscription hold no more than it does, or so many more."""
    state = latchkey.sandbox.state
    state.knobs.assignment_limit = len(state.assignments.live) + room_for


async def test_access_waits_for_room_and_starts_once_there_is_some(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    fill(latchkey)
    await approve(latchkey)
    told, audited = latchkey.sent_to(DANA)[-1], latchkey.audit()[-1]
    approvers_card = latchkey.card_of(AVERY)
    fill(latchkey, room_for=1)
    clock.advance(minutes=2)
    await latchkey.tick()

    assert WAITS in told.words
    assert "I'll keep trying until 13:" in told.words
    assert "RoleAssignmentLimitExceeded" not in told.words
    assert "Azure answered 400 RoleAssignmentLimitExceeded." in audited.words
    assert approvers_card.status == "Approved, waiting for room in the subscription"
    assert "Access granted" in latchkey.sent_to(DANA)[-1].words
    assert latchkey.assigned(DANA) != []


async def test_the_wait_is_said_once_however_long_it_takes(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    fill(latchkey)
    await approve(latchkey)
    for _ in range(30):
        clock.advance(minutes=1)
        await latchkey.tick()

    assert sum(WAITS in seen.words for seen in latchkey.sent_to(DANA)) == 1
    assert sum(WAITS in seen.words for seen in latchkey.audit()) == 1


async def test_after_four_hours_it_fails_and_says_why(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    fill(latchkey)
    await approve(latchkey)
    for _ in range(50):
        clock.advance(minutes=5)
        await latchkey.tick()

    assert "This subscription has no room for another role assignment" in (
        latchkey.sent_to(DANA)[-1].words
    )
    assert latchkey.assigned(DANA) == []


async def test_someone_can_give_up_waiting(latchkey: Latchkey, clock: ManualClock) -> None:
    await asked(latchkey)
    fill(latchkey)
    await approve(latchkey)
    question = await latchkey.say(DANA, f"revoke {correlation_id(latchkey.card_of(AVERY))}")
    await latchkey.click(DANA, question, "End access")
    await latchkey.tick()
    fill(latchkey, room_for=1)
    for _ in range(5):
        clock.advance(minutes=2)
        await latchkey.tick()

    assert latchkey.assigned(DANA) == []


async def test_ended_access_makes_room_for_what_waits(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    fill(latchkey, room_for=1)
    await asked(latchkey)
    await approve(latchkey)
    await latchkey.say(MORGAN, "request secret demo-api-key for 1h because it is my turn")
    await latchkey.tick()
    await approve(latchkey)
    before = latchkey.assigned(MORGAN)
    for _ in range(65):
        clock.advance(minutes=2)
        await latchkey.tick()
        if latchkey.assigned(MORGAN):
            break

    assert before == []
    assert latchkey.assigned(DANA) == []
    assert latchkey.assigned(MORGAN) != []


async def test_a_full_subscription_has_room_for_the_same_access_again(
    latchkey: Latchkey,
) -> None:
    """Two requests for one secret share its assignment: the second one needs no room."""
    await asked(latchkey)
    await approve(latchkey)
    fill(latchkey)
    await latchkey.say(DANA, "request secret demo-api-key for 3h because it takes longer")
    await latchkey.tick()
    await approve(latchkey)

    assert len(latchkey.assigned(DANA)) == 1
    assert "Access granted" in latchkey.sent_to(DANA)[-1].words
