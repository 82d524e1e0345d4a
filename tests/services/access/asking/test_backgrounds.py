"""What a request knows about its grantee: bounded, and never in the way."""

import asyncio
from datetime import timedelta

import pytest

from domain.access.background import NO_BACKGROUND, AskedBefore, OtherAccess
from domain.access.request import RequestState
from services.access.asking.backgrounds import PATIENCE
from services.faults import Unavailable
from services.storage.table import Delete, Row
from tests.support.builders import ADA, DANA, EVE, HOUR, OTHER_SECRET, SECRET, VAULT, email_of
from tests.support.builders import policies as rules_of
from tests.support.clock import NINE
from tests.support.former_history import make_former
from tests.support.replica import Replica, World
from tests.support.tables.memory_table import MemoryTable

ON_BEHALF = rules_of(on_behalf=(email_of(EVE),))


async def test_it_counts_recent_requests_for_the_secret_and_says_how_many_were_granted() -> None:
    replica = Replica(World())
    await replica.give(request_id="req-1")
    await replica.pass_time(2 * HOUR)
    await replica.ask(request_id="req-2")
    await replica.deny(request_id="req-2")

    found = (await replica.ask(request_id="req-3")).background.asked_before

    assert found == (AskedBefore(SECRET, times=2, granted=1, last_at=NINE + 2 * HOUR),)


async def test_it_counts_neither_other_peoples_requests_nor_other_secrets_nor_old_ones() -> None:
    replica = Replica(World())
    await replica.ask(request_id="req-old")
    await replica.pass_time(timedelta(days=31))
    await replica.ask(EVE, request_id="req-eve")
    await replica.ask(request_id="req-other", secret=OTHER_SECRET)

    assert (await replica.ask()).background.asked_before == ()


async def test_it_does_not_count_what_the_person_only_decided() -> None:
    replica = Replica(World())
    await replica.ask(EVE, request_id="req-eve")
    await replica.settle()
    await replica.approve(ADA, "req-eve")
    await replica.settle()

    assert (await replica.ask(ADA)).background.asked_before == ()


async def test_it_is_about_the_grantee_not_about_who_asks_for_them() -> None:
    replica = Replica(World(rules=ON_BEHALF))
    await replica.ask(request_id="req-dana")
    await replica.ask(EVE, request_id="req-eve")

    found = await replica.ask(EVE, request_id="req-3", for_whom=email_of(DANA))

    [before] = found.background.asked_before
    assert before.times == 1


async def test_it_reads_a_bounded_number_of_requests() -> None:
    replica = Replica(World())
    for number in range(23):
        await replica.ask(request_id=f"req-{number}")
    replica.world.table.forget_counts()

    [before] = (await replica.ask(request_id="req-last")).background.asked_before

    assert (before.times, before.or_more) == (20, True)
    assert replica.world.table.rows_read < 150


async def test_it_counts_requests_that_an_older_version_wrote_down_and_each_once() -> None:
    replica = Replica(World())
    for number in range(3):
        await replica.ask(request_id=f"req-{number}")
    await make_former(replica.world.store, "req-0", "req-1", keep=True)
    await _forget_before(replica.world, "req-0")

    [before] = (await replica.ask(request_id="req-last")).background.asked_before

    assert before.times == 3


async def _forget_before(world: World, request_id: str) -> None:
    """Remove the rows beside a list, which older versions didn't write."""
    partition = f"person-{DANA.object_id}"
    rows = await world.store.range(partition, "before~", "before~~")
    theirs = [Delete(row.key) for row in rows if row.key.endswith(f"~{request_id}")]
    await world.store.transact(partition, theirs)


async def test_what_was_asked_before_stays_when_the_list_has_no_entry_any_more() -> None:
    replica = Replica(World())
    await replica.give(request_id="req-1")
    await replica.pass_time(2 * HOUR)
    listed = await replica.world.listed()

    [before] = (await replica.ask()).background.asked_before

    assert listed == []
    assert (before.times, before.granted) == (1, 1)


async def test_it_costs_no_transaction() -> None:
    replica = Replica(World())
    await replica.ask(request_id="req-1")
    await replica.settle()
    replica.world.table.forget_counts()

    await replica.ask(EVE)

    # Their own list, those of two approvers, and the request.
    assert replica.world.table.transactions == 4


async def test_it_knows_what_the_grantee_holds_in_the_vault() -> None:
    replica = Replica(World())
    await replica.give(request_id="req-1", secret=OTHER_SECRET)

    found = (await replica.ask()).background.other_access

    assert found == (OtherAccess(VAULT.name, (OTHER_SECRET,), True, NINE + HOUR),)


async def test_access_that_is_over_is_not_held() -> None:
    replica = Replica(World())
    await replica.give(request_id="req-1", secret=OTHER_SECRET)
    await replica.pass_time(2 * HOUR)

    assert (await replica.ask()).background.other_access == ()


def _breaks(monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """Let the history of people fail, or never answer."""
    list_range = MemoryTable.range

    async def broken(
        self: MemoryTable, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        if partition.startswith(("history-person", "person-")):
            if fails:
                raise Unavailable("the table", "503")
            await asyncio.Event().wait()
        return await list_range(self, partition, start, stop, limit)

    monkeypatch.setattr(MemoryTable, "range", broken)


async def test_a_failing_lookup_fails_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    replica = Replica(World())
    await replica.ask(request_id="req-1")
    _breaks(monkeypatch, fails=True)

    request = await replica.ask()

    assert request.state is RequestState.PENDING
    assert request.background == NO_BACKGROUND


async def test_a_lookup_that_hangs_delays_no_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.access.asking.backgrounds.PATIENCE", PATIENCE / 100)
    replica = Replica(World())
    _breaks(monkeypatch, fails=False)

    async with asyncio.timeout(10):
        request = await replica.ask()

    assert request.background == NO_BACKGROUND


async def test_a_request_that_this_version_cannot_read_is_left_out() -> None:
    replica = Replica(World())
    await replica.ask(request_id="req-1")
    await replica.ask(request_id="req-2")
    await replica.world.garble("req-1")

    [before] = (await replica.ask()).background.asked_before

    assert before.times == 1
