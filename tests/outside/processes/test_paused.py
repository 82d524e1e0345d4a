"""A replica that stands still for longer than its claims last, and then goes on."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from sandbox.faults import Action, InjectedFault
from sandbox.seed import DEMO_API_KEY
from services.workflow.due.agenda import CLAIM
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey, running_latchkey

pytestmark = pytest.mark.in_memory


@pytest.fixture
async def other(latchkey: Latchkey) -> AsyncIterator[Latchkey]:
    async with running_latchkey(latchkey.another_replica()) as replica:
        yield replica


async def _work(replica: Latchkey, clock: ManualClock, by: timedelta) -> None:
    """Let one replica work for a while; the other one is paused."""
    for _ in range(int(by.total_seconds() / 10)):
        clock.advance(seconds=10)
        await replica.tick()


async def test_access_that_a_paused_replica_was_giving_is_not_given_after_its_end(
    latchkey: Latchkey, other: Latchkey, clock: ManualClock
) -> None:
    await latchkey.say(DANA, f"request secret {DEMO_API_KEY} for 5m because smoke test")
    await latchkey.tick()
    locks = re.compile("/providers/Microsoft.Authorization/locks")
    latchkey.sandbox.break_next(InjectedFault("GET", locks, Action.HANG))
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await asyncio.sleep(0)
    await other.tick()  # the claim holds
    before = latchkey.assigned(DANA)

    clock.advance(CLAIM)
    await other.tick()
    given = latchkey.assigned(DANA)
    await _work(other, clock, timedelta(minutes=8))
    ended = latchkey.assigned(DANA)
    latchkey.sandbox.state.faults.clear()
    await latchkey.tick()
    await other.tick()

    made = [one for one in latchkey.sandbox.log if one.method == "PUT" and one.status == 201]
    assert (len(before), len(given), len(ended)) == (0, 1, 0)
    assert latchkey.assigned(DANA) == []
    assert len(made) == 1
    assert [str(row) for row in await latchkey.stored() if "holders" in row] == []
    assert [seen.status for seen in latchkey.sent_to(DANA)].count("Access granted") == 1
