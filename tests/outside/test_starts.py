"""Access with a start in the future: approved now, granted then."""

import pytest

from sandbox.seed import DEMO_API_KEY
from tests.outside.scenarios import correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen

pytestmark = pytest.mark.in_memory

# The bot's clock shows 09:00 UTC, and everybody's Teams is in Berlin: 10:00.
ASKED = f"request secret {DEMO_API_KEY} for 2h from 13:00 because migration"
START_HOURS = 3.0


async def scheduled(latchkey: Latchkey, line: str = ASKED) -> Seen:
    """Let Dana ask for access from 13:00, and Avery approve it; return Dana's card at first."""
    card = await latchkey.say(DANA, line)
    await latchkey.tick()
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    return card


async def test_access_approved_now_is_granted_at_its_start_for_its_whole_window(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await scheduled(latchkey)
    clock.advance(hours=START_HOURS, seconds=-1)
    await latchkey.tick()
    before = latchkey.assigned(DANA)
    clock.advance(seconds=1)
    await latchkey.tick()
    at_start = await latchkey.read(DANA, DEMO_API_KEY)
    clock.advance(hours=2, seconds=-1)
    await latchkey.tick()
    at_the_end = len(latchkey.assigned(DANA))
    clock.advance(seconds=1)
    await latchkey.tick()

    assert before == []
    assert at_start is not None
    assert at_the_end == 1
    assert latchkey.assigned(DANA) == []
    assert [post.status for post in latchkey.audit()] == [
        "Access requested",
        "Approved",
        "Approved, starts later",
        "Start reached",
        "Access granted",
        "Access ends soon",
        "Access expired",
        "Access revoked",
    ]


async def test_everybody_sees_when_it_starts_and_nobody_that_it_is_granted(
    latchkey: Latchkey,
) -> None:
    card = await scheduled(latchkey)
    told = latchkey.sent_to(DANA)[-1]

    assert "2 Mar 2026, 12:00 UTC, or once approved if that's later" in card.words
    assert told.status == "Approved, starts later"
    assert "starts at 2 Mar 2026, 12:00 UTC" in told.words
    for person in (DANA, AVERY, ROBIN):
        assert latchkey.card_of(person).status == "Approved, starts later"
        assert "Starts\n2 Mar 2026, 12:00 UTC" in latchkey.card_of(person).words
        assert latchkey.card_of(person).buttons == set()
    assert not any("granted" in post.status.lower() for post in latchkey.audit())


async def test_it_is_on_the_list_of_the_requesters_access_and_can_be_cancelled_there(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await scheduled(latchkey)
    listed = await latchkey.say(DANA, "my access")
    after = await latchkey.click(DANA, listed, "Cancel request")
    await latchkey.tick()
    clock.advance(hours=START_HOURS)
    await latchkey.tick()

    assert listed.status == "1 starting later"
    assert "Approved; starts 2 Mar 2026, 12:00 UTC, in 3 hours" in listed.words
    assert "Starts {{DATE(2026-03-02T12:00:00Z, COMPACT)}}" in listed.words
    assert "You have no access" in after.words
    assert latchkey.assigned(DANA) == []
    assert "withdrew the request for demo-api-key" in latchkey.audit()[-1].words
    assert latchkey.card_of(AVERY).status == "Cancelled"


async def test_the_requester_can_cancel_it_by_its_id(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await scheduled(latchkey))
    card = await latchkey.say(DANA, f"cancel {request_id}")
    clock.advance(hours=START_HOURS)
    await latchkey.tick()

    assert card.status == "Cancelled"
    assert latchkey.assigned(DANA) == []
