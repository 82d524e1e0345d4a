"""The one loop that advances workflows."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from unittest.mock import patch

import pytest

from domain.access.request import RequestState
from domain.access.transitions import changes as change
from services.access.requests import NotKnownIfRequested
from services.answer_time import answered_within, seconds_left_to_record
from services.faults import Conflict, Unavailable
from services.log_context import correlation_id
from services.storage.table import Delete, Operation
from services.turn_changes import noting_changes
from services.workflow.due.agenda import CLAIM
from services.workflow.engine import CorruptWorkflow
from tests.support.builders import ADA, ASSIGNMENT, BO, HOUR, SECOND, a_request
from tests.support.clock import NINE
from tests.support.processes import virtual_time
from tests.support.replica import Replica, World
from tests.support.tables.memory_table import MemoryTable
from tests.support.tables.silent_table import SilentTable


async def test_a_workflow_advances_until_it_waits() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.approve()

    stored = await replica.engine.advance("req-one")

    assert stored is not None
    assert (await replica.request()).state is RequestState.ACTIVE
    assert stored.due == (await replica.request()).granted.warn_at


async def test_a_workflow_can_advance_through_several_states_at_once() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.clock.advance(hours=1)

    stored = await replica.engine.advance("req-one")

    assert stored is not None
    assert (await replica.request()).state is RequestState.REVOKED
    assert stored.due is None


async def test_a_waiting_workflow_costs_one_read_and_no_write() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    world.table.forget_counts()

    await replica.engine.advance("req-one")

    assert (world.table.reads, world.table.transactions) == (1, 0)


async def test_a_missing_workflow_is_not_moved() -> None:
    assert await Replica(World()).engine.advance("req-none") is None


async def test_immediate_work_is_left_to_its_writer_for_a_while() -> None:
    world = World()
    replica = Replica(world)
    stored = await replica.engine.open(change.submit(a_request()))

    await replica.engine.record(stored, change.approve(a_request(), ADA, NINE))
    claimed = await replica.agenda.due(NINE)
    free = await replica.agenda.due(NINE + CLAIM)

    assert claimed == []
    assert [row.workflow_id for row in free] == ["req-one"]


async def test_two_replicas_advancing_the_same_workflow_grant_once() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.ask()
    await replica.approve()

    await asyncio.gather(replica.engine.advance("req-one"), other.engine.advance("req-one"))

    assert (await replica.event_kinds()).count("granted") == 1
    assert world.assignments.names() == [ASSIGNMENT.id]


async def test_two_replicas_ending_the_same_workflow_revoke_once() -> None:
    world = World()
    replica, other = Replica(world), Replica(world)
    await replica.give()
    world.clock.advance(hours=1)

    await asyncio.gather(replica.engine.advance("req-one"), other.engine.advance("req-one"))

    assert (await replica.event_kinds()).count("revoked") == 1
    assert world.assignments.all() == []
    assert await world.leases() == []


async def test_an_event_recorded_concurrently_loses_nothing() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    stored = await replica.workflows.load("req-one")
    assert stored is not None
    await replica.approve()

    with pytest.raises(Conflict):
        await replica.engine.record(stored, change.deny(a_request(), BO, "", NINE))

    assert await replica.event_kinds() == ["requested", "approved"]


async def test_a_failed_move_is_recorded_with_its_next_attempt() -> None:
    world = World()
    world.assignments.faults.order("create", Unavailable("Azure", "503"))
    replica = Replica(world)
    await replica.ask()
    await replica.approve(ADA)

    stored = await replica.engine.advance("req-one")

    assert stored is not None
    assert stored.due == NINE + 0.75 * SECOND
    assert (await replica.request()).attempt == 1


async def test_an_error_of_our_own_is_recorded_like_any_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    world.assignments.faults.order("create", KeyError("a bug"))
    replica = Replica(world)
    await replica.ask()
    await replica.approve(ADA)

    stored = await replica.engine.advance("req-one")

    assert stored is not None
    assert stored.due == NINE + 0.75 * SECOND
    assert [record.message for record in caplog.records if record.exc_info] == [
        "req-one: could not grant"
    ]


async def test_what_is_logged_during_a_move_has_the_workflows_id() -> None:
    """The adapters that a move calls don't know whose move it is."""
    ids: list[str] = []
    world = World()
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    look_up = world.assignments.create

    async def create(*given: Any, **named: Any) -> Any:
        ids.append(correlation_id())
        return await look_up(*given, **named)

    with patch.object(world.assignments, "create", create):
        await replica.engine.advance("req-one")

    assert set(ids) == {"req-one"}
    assert correlation_id() == ""


async def test_manually_removed_rows_end_in_an_error_and_not_in_a_loop() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    (row,) = await replica.agenda.due(NINE + 9 * HOUR)
    await world.table.transact(row.shard, [Delete(row.key)])

    with pytest.raises(CorruptWorkflow) as raised:
        await replica.approve()

    assert str(raised.value) == "req-one: its agenda row isn't where its head says"


async def test_a_workflow_whose_row_another_version_put_aside_can_be_changed_again() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    stored = await replica.workflows.load("req-one")
    assert stored
    (row,) = await replica.agenda.due(NINE + 9 * HOUR)
    assert await replica.quarantine.take(row.as_row(), "WrittenByNewer", NINE)

    with pytest.raises(Conflict):
        await replica.engine.record(stored, change.approve(a_request(), ADA, NINE))
    await replica.engine.record(stored, change.approve(a_request(), ADA, NINE))

    assert await replica.event_kinds() == ["requested", "approved"]


@pytest.mark.parametrize("unanswered", [0, 4])
def test_a_turn_knows_that_a_change_was_stored_or_may_have_been(unanswered: int) -> None:
    async def main() -> bool:
        replica = Replica(World(SilentTable("~head", times=unanswered)))
        with noting_changes() as changes, suppress(NotKnownIfRequested):
            await replica.ask()
        return changes.were_made

    assert virtual_time.run(main())


async def test_a_turn_that_only_reads_has_changed_nothing() -> None:
    replica = Replica(World())
    await replica.ask()

    with noting_changes() as changes:
        await replica.request()

    assert not changes.were_made


async def test_what_is_advanced_in_a_turn_is_recorded_however_long_that_takes() -> None:
    left: list[float | None] = []

    class Seeing(MemoryTable):
        async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
            left.append(seconds_left_to_record())
            return await super().transact(partition, operations)

    replica = Replica(World(Seeing()))
    await replica.ask()
    await replica.approve()
    left.clear()

    with answered_within(-60):
        await replica.engine.advance("req-one")

    assert left
    assert set(left) == {None}
