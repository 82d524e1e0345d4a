"""Checks of the bot itself."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.diagnosis import CheckStatus
from services.faults import NotPermitted, Unavailable
from services.operations.checks.own import OwnChecks
from services.operations.checks.store import store_checks
from services.operations.doctor import Doctor
from services.storage.table import Operation
from tests.services.operations.checks.fakes import FakeTime, InEnglish, look
from tests.support.builders import HOUR
from tests.support.replica import Replica, World
from tests.support.tables.memory_table import MemoryTable


async def _look(replica: Replica, subject: str, ahead: timedelta = timedelta()) -> InEnglish:
    azure_time = FakeTime(replica.clock() + ahead)
    checks = OwnChecks(
        replica.core.attention,
        replica.reconcile,
        azure_time,
        replica.clock,
    )
    return await look(checks.checks(), subject)


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [
        (timedelta(seconds=5), CheckStatus.GOOD),
        (timedelta(seconds=-6), CheckStatus.DOUBTFUL),
        (timedelta(seconds=60), CheckStatus.DOUBTFUL),
        (timedelta(seconds=-61), CheckStatus.BROKEN),
    ],
)
async def test_a_clock_may_be_off_by_a_few_seconds(ahead: timedelta, expected: CheckStatus) -> None:
    found = await _look(Replica(World()), "Clock", ahead)

    assert found.health is expected


async def test_nothing_overdue_is_good() -> None:
    replica = Replica(World())
    await replica.give()

    assert (await _look(replica, "Overdue work")).health is CheckStatus.GOOD


async def test_stuck_work_is_broken_and_points_to_the_list() -> None:
    replica = Replica(World())
    await replica.give()
    refused = NotPermitted("Azure", "403")
    replica.world.assignments.faults.order("delete", refused, times=1_000)
    await replica.pass_time(2 * HOUR)

    found = await _look(replica, "Overdue work")

    assert (found.health, found.seen) == (CheckStatus.BROKEN, "1 stuck")
    assert found.remedy == "Type stuck for details."


async def test_work_that_no_replica_processes_is_broken() -> None:
    replica = Replica(World())
    await replica.give()
    replica.clock.advance(2 * HOUR)

    found = await _look(replica, "Overdue work")

    assert (found.health, found.seen) == (CheckStatus.BROKEN, "no replica has processed 1")


async def test_reconciling_that_never_finished_is_doubtful() -> None:
    assert (await _look(Replica(World()), "Reconciling")).health is CheckStatus.DOUBTFUL


async def test_a_complete_round_is_good() -> None:
    replica = Replica(World())
    await replica.reconcile.begin()
    await replica.settle()

    found = await _look(replica, "Reconciling")

    assert (found.health, found.seen) == (
        CheckStatus.GOOD,
        "last round finished on 2 Mar 2026, 09:00 UTC",
    )


async def test_a_vault_that_could_not_be_checked_is_named() -> None:
    replica = Replica(World())
    replica.world.assignments.faults.order("list", Unavailable("Azure", "503"))
    await replica.reconcile.begin()
    await replica.settle()

    found = await _look(replica, "Reconciling")

    assert found.health is CheckStatus.BROKEN
    assert found.seen.endswith("without kv-demo: 503")


async def test_a_table_is_read_and_written_and_left_clean() -> None:
    table = MemoryTable()

    found = [await look(store_checks(table), "Tables") for _ in range(2)]

    assert {one.health for one in found} == {CheckStatus.GOOD}
    assert await table.range("doctor", "", "~") == []


async def test_a_table_that_may_only_be_read_is_broken() -> None:
    class ReadOnly(MemoryTable):
        async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
            raise NotPermitted("Tables", "403 AuthorizationPermissionMismatch", status=403)

    [found] = await Doctor(lambda: store_checks(ReadOnly())).examine()

    assert found.health is CheckStatus.BROKEN
    assert "Storage Table Data Contributor" in str(found.remedy)
