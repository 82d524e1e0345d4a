"""Every day gets a checkpoint, once, and its verification names what was done to its workflows."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from composition.checkpoints import compose_checkpoints
from domain.audit.checkpoint import Checkpoint, DayFlaw, DayVerdict, FlawedWorkflow, is_chained
from domain.checkpoints.checkpoints import MARGIN, SOONER, WORKFLOW_ID, checkpoint_of
from domain.refusals.people import NotAnAdmin
from domain.refusals.records import NoCheckpoint
from services.faults import Unavailable
from services.storage import keys
from services.storage.table import Delete, Operation, Replace, Row, Table
from tests.support.builders import BO, CY, DANA, EVE, HOUR, MINUTE
from tests.support.clock import NINE
from tests.support.former_history import make_former
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When
from tests.support.tables.memory_table import MemoryTable

TODAY = NINE.date()
DAY = timedelta(days=1)
SEALED = datetime.combine(TODAY + DAY, datetime.min.time(), UTC) + MARGIN
"""When today's checkpoint is made."""


class Daily:
    """A replica that makes checkpoints."""

    def __init__(self, world: World | None = None, crash: Crash | None = None) -> None:
        self.world = world or World(MemoryTable())
        self.replica = Replica(self.world, crash)
        self.services = compose_checkpoints(self.replica.core)

    async def begin(self) -> None:
        await self.services.moves.begin()

    async def until(self, moment: datetime) -> None:
        await self.replica.pass_time(moment - self.world.clock())
        await self.replica.settle()

    async def checkpoints(self) -> list[Checkpoint]:
        snapshot = await self.replica.workflows.snapshot(WORKFLOW_ID)
        return [checkpoint_of(event) for event in snapshot.events] if snapshot else []

    async def verify(self, day: date = TODAY) -> DayVerdict:
        return await self.services.days.verify(CY, day)

    async def rows(self, workflow_id: str) -> list[Row]:
        """Return all rows of a workflow in its shard, without those of its day."""
        prefix = keys.workflow_prefix(workflow_id)
        return await self.world.store.range(keys.shard_of(workflow_id), prefix, f"{prefix}~")

    async def day_rows(self, day: date) -> list[Row]:
        prefix = keys.day_prefix(day)
        shards = [
            await self.world.store.range(shard, prefix, f"{prefix}~") for shard in keys.SHARDS
        ]
        return [row for rows in shards for row in rows]

    async def do(self, workflow_id: str, operations: Sequence[Operation]) -> None:
        """Change rows as someone could who can write to the table."""
        await self.world.store.transact(keys.shard_of(workflow_id), operations)


@pytest.fixture(params=["memory", "azurite"])
def table(request: pytest.FixtureRequest) -> Table:
    if request.param == "memory":
        return MemoryTable()
    real: Table = request.getfixturevalue("azurite_table")
    return real


async def a_day(table: Table | None = None) -> Daily:
    """Return a day with two requests, one of which ended, and its checkpoint."""
    daily = Daily(World(table or MemoryTable()))
    await daily.begin()
    await daily.replica.give(DANA, "req-one")
    await daily.replica.ask(EVE, "req-two")
    await daily.until(SEALED)
    return daily


async def test_a_day_that_is_as_it_was_is_intact(table: Table) -> None:
    daily = await a_day(table)

    verdict = await daily.verify()

    assert verdict.is_intact
    assert verdict.checkpoint.workflows == 2


async def test_a_day_is_not_closed_before_the_margin_is_over() -> None:
    daily = Daily()
    await daily.begin()
    await daily.until(SEALED - MINUTE)
    early = await daily.checkpoints()
    await daily.until(SEALED)

    assert early == []
    assert [one.day for one in await daily.checkpoints()] == [TODAY]


async def test_a_workflow_that_was_removed_as_a_whole_is_named(table: Table) -> None:
    daily = await a_day(table)
    await daily.do("req-one", [Delete(row.key) for row in await daily.rows("req-one")])

    verdict = await daily.verify()

    assert verdict.flawed == (FlawedWorkflow("req-one", DayFlaw.REMOVED),)
    assert verdict.is_chained
    assert verdict.is_listed


async def test_a_workflow_whose_events_were_written_anew_is_named() -> None:
    daily = await a_day()
    key = keys.event_key("req-two", 1)
    row = next(row for row in await daily.rows("req-two") if row.key == key)
    text = str(row.values["event"]).replace(EVE.object_id, BO.object_id)
    await daily.do("req-two", [Replace(key, {**row.values, "event": text}, row.etag)])

    assert (await daily.verify()).flawed == (FlawedWorkflow("req-two", DayFlaw.CHANGED),)


async def test_what_happens_on_later_days_changes_nothing() -> None:
    daily = Daily()
    await daily.begin()
    await daily.until(SEALED - 2 * HOUR)
    await daily.replica.give(DANA, "req-one", window=4 * HOUR)  # it ends after the checkpoint
    await daily.until(SEALED + 2 * DAY)

    verdicts = [await daily.verify(TODAY + number * DAY) for number in range(3)]

    assert [verdict.is_intact for verdict in verdicts] == [True, True, True]


async def test_a_workflow_that_was_added_afterwards_is_named() -> None:
    daily = await a_day()
    late = World(daily.world.store)  # with the clock of that morning
    await Replica(late).ask(DANA, "req-three")

    assert (await daily.verify()).flawed == (FlawedWorkflow("req-three", DayFlaw.ADDED),)


async def test_an_added_workflow_is_named_also_when_the_rows_of_its_day_are_gone() -> None:
    daily = await a_day()
    late = World(daily.world.store)
    await Replica(late).ask(DANA, "req-three")
    await daily.until(SEALED + 2 * DAY)

    assert await daily.day_rows(TODAY) == []
    assert (await daily.verify()).flawed == (FlawedWorkflow("req-three", DayFlaw.ADDED),)


async def test_a_request_that_an_older_version_opened_is_part_of_its_day() -> None:
    daily = Daily()
    await daily.begin()
    await daily.replica.ask(DANA, "req-one")
    await daily.until(SEALED - HOUR)
    for row in await daily.day_rows(TODAY):  # an older version writes none
        await daily.world.store.transact(row.partition, [Delete(row.key)])
    await make_former(daily.world.store, "req-one")
    await daily.until(SEALED)

    verdict = await daily.verify()

    assert verdict.is_intact
    assert verdict.checkpoint.workflows == 1


async def test_a_removed_checkpoint_is_noticed() -> None:
    daily = await a_day()
    await daily.until(SEALED + 2 * DAY)
    await daily.do(WORKFLOW_ID, [Delete(keys.event_key(WORKFLOW_ID, 2))])

    verdict = await daily.verify(TODAY + 2 * DAY)

    assert not verdict.is_chained


async def test_a_changed_list_is_noticed() -> None:
    daily = await a_day()
    store = daily.world.store
    assert isinstance(store, MemoryTable)
    (row,) = [one for one in store.rows() if "req-two" in str(one.values.get("json", ""))]
    text = str(row.values["json"]).replace("req-two", "req-ten")
    await store.transact(row.partition, [Replace(row.key, {**row.values, "json": text}, row.etag)])

    verdict = await daily.verify()

    assert not verdict.is_listed
    assert not verdict.is_intact


async def test_days_that_were_missed_are_made_up_for() -> None:
    daily = Daily()
    await daily.begin()
    await daily.replica.ask(DANA, "req-one")
    await daily.replica.settle()
    daily.world.clock.advance(3 * DAY + 20 * HOUR)  # no replica runs
    later = Daily(daily.world)
    await later.begin()
    await later.replica.settle()

    checkpoints = await later.checkpoints()

    assert [one.day for one in checkpoints] == [TODAY + number * DAY for number in range(4)]
    assert is_chained(checkpoints)
    assert checkpoints[0].workflows == 1


async def test_two_replicas_make_one_checkpoint_a_day() -> None:
    one = Daily()
    two = Daily(one.world)
    await asyncio.gather(one.begin(), two.begin())
    await one.replica.ask(DANA, "req-one")
    one.world.clock.advance_to(SEALED + 2 * DAY)
    await asyncio.gather(one.replica.settle(), two.replica.settle())

    checkpoints = await one.checkpoints()

    assert [each.day for each in checkpoints] == [TODAY + number * DAY for number in range(3)]
    assert is_chained(checkpoints)
    assert len(_posts(one)) == 3


async def _lived(crash: Crash) -> Daily:
    """Let a process make checkpoints until it dies, and another one finish."""
    daily = Daily(crash=crash)
    try:
        await daily.begin()
        await daily.replica.ask(DANA, "req-one")
        await daily.until(SEALED + DAY)
    except Killed:
        pass
    after = Daily(daily.world)
    await after.begin()
    await after.replica.ask(DANA, "req-one")
    await after.until(SEALED + DAY + HOUR)
    return after


async def test_a_kill_at_any_instant_leaves_one_checkpoint_a_day() -> None:
    whole = Crash()
    await _lived(whole)

    for point in range(1, whole.points + 1):
        for when in When:
            daily = await _lived(Crash(point, when))
            checkpoints = await daily.checkpoints()
            verdicts = [await daily.verify(one.day) for one in checkpoints]

            assert [one.day for one in checkpoints] == [TODAY, TODAY + DAY], (point, when)
            assert [one.is_intact for one in verdicts] == [True, True], (point, when)
            assert {one.key for one in _posts(daily)} == {"audit-000001", "audit-000002"}


async def test_a_failure_is_tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    daily = Daily()
    await daily.begin()

    async def fail(*_: Any) -> None:
        raise Unavailable("the table", "503")

    with monkeypatch.context() as broken:
        broken.setattr("services.audit.days.day_leaves.DayLeaves.read_on", fail)
        await daily.until(SEALED)
    failed = await daily.checkpoints()
    await daily.until(SEALED + SOONER)

    assert failed == []
    assert [one.day for one in await daily.checkpoints()] == [TODAY]


async def test_a_day_that_takes_longer_to_read_than_a_move_lasts_gets_its_checkpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[str] = []
    range_of = MemoryTable.range

    async def cut_off(self: MemoryTable, partition: str, start: str, *others: Any) -> list[Row]:
        if start.startswith(keys.day_prefix(TODAY)):
            read.append(partition)
            if len(read) % 5 == 0:
                raise Unavailable("the table", "no answer in time")
        return await range_of(self, partition, start, *others)

    with monkeypatch.context() as slow:
        slow.setattr(MemoryTable, "range", cut_off)
        daily = await a_day()
        at_first = await daily.checkpoints()
        await daily.until(SEALED + 5 * SOONER)

    assert at_first == []
    assert len(keys.SHARDS) < len(read) < 2 * len(keys.SHARDS)
    [taken] = await daily.checkpoints()
    assert taken.workflows == 2
    assert (await daily.verify()).is_intact


async def test_each_checkpoint_is_posted_to_the_audit_channel() -> None:
    daily = await a_day()
    await daily.until(SEALED + DAY)

    events = [one.announcement.event for one in _posts(daily)]

    assert [event and event.facts["day"] for event in events] == ["2026-03-02", "2026-03-03"]


async def test_rows_of_a_day_are_kept_for_another_one_and_then_removed() -> None:
    daily = await a_day()
    kept = await daily.day_rows(TODAY)
    await daily.until(SEALED + DAY)

    assert kept
    assert await daily.day_rows(TODAY) == []


async def test_a_day_without_a_checkpoint_is_refused() -> None:
    daily = await a_day()

    with pytest.raises(NoCheckpoint):
        await daily.verify(TODAY + DAY)
    with pytest.raises(NoCheckpoint):
        await daily.verify(TODAY - DAY)


async def test_only_admins_verify_days() -> None:
    daily = await a_day()

    with pytest.raises(NotAnAdmin):
        await daily.services.days.verify(DANA, TODAY)


def _posts(daily: Daily) -> list[Any]:
    return [post for post in daily.world.message_sender.posts if post.head.id == WORKFLOW_ID]
