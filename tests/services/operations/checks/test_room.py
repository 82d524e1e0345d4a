"""Checks of how full subscriptions are."""

import pytest

from domain.diagnosis import CheckStatus
from services.access.granting.leases import Leases
from services.faults import NotPermitted
from services.operations.checks.room import room_checks
from services.ports import AssignmentUsage
from tests.services.operations.checks.fakes import FakeRights, InEnglish, look
from tests.support.builders import policies
from tests.support.clock import ManualClock
from tests.support.replica import Replica, World
from tests.support.tables.memory_table import MemoryTable


async def _look(rights: FakeRights, leases: Leases | None = None) -> InEnglish:
    leases = leases or Leases(MemoryTable(), ManualClock())
    [check] = room_checks(policies(), rights, leases)
    return await look([check], str(check.subject))


@pytest.mark.parametrize(
    ("count", "health"),
    [
        (3_199, CheckStatus.GOOD),
        (3_200, CheckStatus.DOUBTFUL),
        (4_000, CheckStatus.BROKEN),
    ],
)
async def test_a_subscription_that_is_nearly_full_is_said(count: int, health: CheckStatus) -> None:
    rights = FakeRights()
    rights.used = AssignmentUsage(count, 4_000)
    found = await _look(rights)

    assert found.health is health
    assert f"{count:,} of 4,000 are used, 0 of them by me" in found.seen
    assert (found.remedy != "") is (health is not CheckStatus.GOOD)


async def test_it_is_uncertain_where_the_others_cannot_be_read() -> None:
    replica = Replica(World())
    await replica.give()
    rights = FakeRights()
    rights.faults.order("usage", NotPermitted("fake", "403"))
    found = await _look(rights, replica.leases)

    assert found.health is CheckStatus.DOUBTFUL
    assert found.seen.startswith("1 are mine; how many others there are can't be read without")
    assert found.remedy.startswith("Give the bot Reader on the subscription")


async def test_room_is_to_be_made_if_ours_alone_nearly_fill_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.operations.checks.room.LIMIT", 1)
    replica = Replica(World())
    await replica.give()
    rights = FakeRights()
    rights.faults.order("usage", NotPermitted("fake", "403"))
    found = await _look(rights, replica.leases)

    assert found.health is CheckStatus.DOUBTFUL
    assert found.remedy.startswith("Remove role assignments that are no longer needed")
