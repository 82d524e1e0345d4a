"""What is found of the bot's own work."""

from datetime import timedelta

import pytest

from domain.diagnosis import Finding, Health
from services.checks.own import OwnChecks
from services.checks.store import store_checks
from services.faults import NotPermitted, Unavailable
from tests.services.checks.fakes import FakeTime, look
from tests.support.builders import HOUR
from tests.support.house import House, World
from tests.support.memory_table import MemoryTable


async def _look(house: House, subject: str, ahead: timedelta = timedelta()) -> Finding:
    azure_time = FakeTime(house.clock() + ahead)
    checks = OwnChecks(
        house.workflows, house.agenda, house.quarantine, house.reconcile, azure_time, house.clock
    )
    return await look(checks.checks(), subject)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(seconds=5), Health.GOOD),
        (timedelta(seconds=-6), Health.DOUBTFUL),
        (timedelta(seconds=60), Health.DOUBTFUL),
        (timedelta(seconds=-61), Health.BROKEN),
    ],
)
async def test_a_clock_may_be_off_by_a_little(ahead: timedelta, expected: Health) -> None:
    found = await _look(House(World()), "Clock", ahead)

    assert expected is found.health


async def test_nothing_overdue_is_good() -> None:
    house = House(World())
    await house.give()

    assert (await _look(house, "Overdue work")).health is Health.GOOD


async def test_what_is_stuck_is_broken_and_leads_to_the_list() -> None:
    house = House(World())
    await house.give()
    refused = NotPermitted("Azure", "403")
    house.world.assignments.faults.order("delete", refused, times=1_000)
    await house.pass_time(2 * HOUR)

    found = await _look(house, "Overdue work")

    assert (found.health, found.seen) == (Health.BROKEN, "1 will not end")
    assert found.remedy == "Type stuck for what and why."


async def test_work_that_no_replica_does_is_broken() -> None:
    house = House(World())
    await house.give()
    house.clock.advance(2 * HOUR)

    found = await _look(house, "Overdue work")

    assert (found.health, found.seen) == (Health.BROKEN, "nobody moved 1 on")


async def test_reconciling_that_never_ended_is_doubtful() -> None:
    assert (await _look(House(World()), "Reconciling")).health is Health.DOUBTFUL


async def test_a_round_that_saw_everything_is_good() -> None:
    house = House(World())
    await house.reconcile.begin()
    await house.settle()

    found = await _look(house, "Reconciling")

    assert (found.health, found.seen) == (
        Health.GOOD,
        "last round ended 2026-03-02 09:00 UTC",
    )


async def test_a_vault_that_could_not_be_looked_at_is_named() -> None:
    house = House(World())
    house.world.assignments.faults.order("list", Unavailable("Azure", "503"))
    await house.reconcile.begin()
    await house.settle()

    found = await _look(house, "Reconciling")

    assert found.health is Health.BROKEN
    assert found.seen.endswith("without kv-demo: 503")


async def test_a_table_is_read_and_written_and_nothing_is_left_in_it() -> None:
    table = MemoryTable()

    found = [await look(store_checks(table), "Tables") for _ in range(2)]

    assert {Health.GOOD} == {one.health for one in found}
    assert await table.range("doctor", "", "~") == []
