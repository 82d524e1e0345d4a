"""Access with a start in the future, approved by a member of a group."""

from pathlib import Path

import pytest

from sandbox import seed
from sandbox.seed import DEMO_API_KEY, PAYMENTS_APPROVERS
from tests.outside.group_scenarios import BY_NAME, approves, groups_are_down, is_granted, put, use
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

# It is 10:00 in Berlin.
ASKED = f"request secret {DEMO_API_KEY} for 2h from 13:00 because migration"


@pytest.fixture
async def scheduled(latchkey: Latchkey, tmp_path: Path) -> Latchkey:
    """The bot, with access that a member of the group has approved."""
    await use(latchkey, tmp_path, f'approvers = ["{BY_NAME}"]')
    await latchkey.say(DANA, ASKED)
    await latchkey.tick()
    await approves(latchkey, AVERY)
    return latchkey


async def test_it_starts_while_the_approver_is_a_member(
    scheduled: Latchkey, clock: ManualClock
) -> None:
    before = is_granted(scheduled)
    clock.advance(hours=3)
    await scheduled.tick()

    assert not before
    assert is_granted(scheduled)


async def test_it_does_not_start_once_the_approver_is_no_longer_one(
    scheduled: Latchkey, clock: ManualClock
) -> None:
    put(scheduled, PAYMENTS_APPROVERS, seed.ROBIN.id, seed.MORGAN.id)
    clock.advance(hours=3)
    await scheduled.tick()

    assert not is_granted(scheduled)
    assert "there are too few approvals now" in scheduled.audit()[-1].words


async def test_while_memberships_cannot_be_checked_it_waits(
    scheduled: Latchkey, clock: ManualClock
) -> None:
    groups_are_down(scheduled)
    clock.advance(hours=3)
    await scheduled.tick()
    during = is_granted(scheduled)
    groups_are_down(scheduled, down=False)
    clock.advance(minutes=5)
    await scheduled.tick()

    assert not during
    assert is_granted(scheduled)
