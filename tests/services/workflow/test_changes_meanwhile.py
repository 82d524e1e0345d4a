"""What becomes of a move while its workflow changes, and to whom the next one belongs."""

from dataclasses import replace
from datetime import datetime

import pytest

from domain.access.transitions import changes as change
from domain.rotation.schedule import ScheduledRotation
from domain.workflow import Change, Event
from services.faults import Conflict
from services.storage.table import Insert
from services.workflow.codec import Head
from services.workflow.due.agenda import CLAIM
from services.workflow.lanes import Lane
from services.workflow.workflows import Stored
from tests.support.builders import BO, HOUR, MINUTE, SECOND, a_request
from tests.support.clock import NINE
from tests.support.replica import Replica, World
from tests.support.rotation.builders import DAY, a_schedule
from tests.support.runs import NAME, NOON, Runs, opened, row_of
from tests.support.tables.memory_table import MemoryTable


async def enter(_: Lane) -> bool:
    return True


def another(world: World, kind: Runs) -> Replica:
    """Return another replica at the same table."""
    replica = Replica(World(world.store))
    replica.engine.register(ScheduledRotation, kind)
    return replica


async def loaded(replica: Replica) -> Stored[Head]:
    stored = await replica.workflows.load(NAME)
    assert stored
    return stored


async def record(replica: Replica, *, run_at: datetime) -> None:
    await replica.engine.record(await loaded(replica), Change(a_schedule(run_at=run_at)))


async def note(replica: Replica) -> None:
    stored = await loaded(replica)
    await replica.engine.record(stored, Change(stored.head, (Event("noted", NINE),)))


def beaten_by(other: Replica, kind: Runs, *, run_at: datetime) -> None:
    """Let another replica record something else during the first run."""

    async def be_beaten() -> None:
        if not kind.ran:
            await record(other, run_at=run_at)

    kind.meanwhile = be_beaten  # type: ignore[method-assign]  # happens instead


async def test_a_change_that_leaves_the_due_move_leaves_its_row_and_its_claim() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    claimed = await row_of(replica)
    other = another(world, kind)
    world.clock.advance(seconds=5)

    await note(other)
    kept = await row_of(replica)
    await record(other, run_at=NOON)

    assert (kept.due, kept.claimed_until) == (claimed.due, claimed.claimed_until)
    assert (await row_of(replica)).due == NOON


async def test_so_does_a_replica_whose_clock_is_behind() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE - HOUR)
    claimed = await row_of(replica)
    other = another(world, kind)
    other.world.clock.advance(minutes=-2)

    await note(other)

    kept = await row_of(replica)
    assert (kept.due, kept.claimed_until) == (claimed.due, claimed.claimed_until)


async def test_a_change_of_when_access_ends_writes_the_row_anew() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    kind.ends_at = lambda head: head.check_at  # type: ignore[method-assign]  # in place of it
    world.clock.advance(seconds=5)

    changed = a_schedule(run_at=NINE, check_at=NINE + HOUR)
    await replica.engine.record(await loaded(replica), Change(changed))

    row = await row_of(replica)
    assert (row.due, row.ends_at) == (NINE + 5 * SECOND, NINE + HOUR)


async def test_a_move_that_becomes_due_earlier_is_due_now() -> None:
    replica, _ = await opened(World())

    await record(replica, run_at=NINE)

    assert (await row_of(replica)).due == NINE


async def test_rows_beside_a_new_workflow_are_stored_with_it_or_not_at_all() -> None:
    table = MemoryTable()
    replica, _ = await opened(World(table))

    await replica.engine.open(Change(a_schedule(id="sch-two")), [Insert("beside~two", {})])
    with pytest.raises(Conflict):
        await replica.engine.open(Change(a_schedule()), [Insert("beside~one", {})])

    assert [row.key for row in table.rows() if row.key.startswith("beside~")] == ["beside~two"]


async def test_what_others_have_claimed_is_not_advanced_after_a_change() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    other = another(world, kind)

    await note(other)
    other.worker.advance_soon(NAME)
    await other.worker.idle()
    left = list(kind.ran)
    replica.worker.advance_soon(NAME)
    await replica.worker.idle()

    assert (left, len(kind.ran)) == ([], 1)


async def test_a_claim_of_a_record_is_used_once() -> None:
    replica, kind = await opened(World(), run_at=NINE)

    for _ in range(2):
        replica.worker.advance_soon(NAME)
        await replica.worker.idle()

    assert len(kind.ran) == 1


async def test_a_claim_of_a_record_is_over_once_its_move_is_recorded() -> None:
    replica, kind = await opened(World(), run_at=NINE)

    await replica.engine.advance(NAME)

    assert await replica.engine.advance_recorded(NAME, enter) is None
    assert len(kind.ran) == 1


async def test_so_it_is_once_the_workflow_waits() -> None:
    replica, kind = await opened(World(), run_at=NINE)

    await record(replica, run_at=NOON)

    assert await replica.engine.advance_recorded(NAME, enter) is None
    assert kind.ran == []


async def test_a_move_that_was_claimed_with_its_record_needs_a_place_in_its_lane() -> None:
    replica, kind = await opened(World(), run_at=NINE)
    asked: list[Lane] = []

    async def refuse(lane: Lane) -> bool:
        asked.append(lane)
        return False

    await replica.engine.advance_recorded(NAME, refuse)

    assert (kind.ran, asked) == ([], [Lane.ROTATION])


async def test_a_claim_of_a_record_runs_out() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    world.clock.advance(CLAIM)

    await replica.engine.advance_recorded(NAME, enter)

    assert kind.ran == []


async def test_a_decision_after_which_nothing_is_due_leaves_nobodys_list_stale() -> None:
    world = World()
    replica = Replica(world)
    stored = await replica.engine.open(change.submit(a_request()))
    await replica.engine.record(stored, change.deny(a_request(), BO, "", NINE))
    before = [row for row in await world.listed() if " decides~" in row]

    await replica.engine.advance_recorded("req-one", enter)

    assert before
    assert [row for row in await world.listed() if " decides~" in row] == []


async def test_a_move_that_was_beaten_is_followed_by_what_is_due_then() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    beaten_by(another(world, kind), kind, run_at=NINE - MINUTE)

    after = await replica.engine.advance(NAME)

    assert [head.run_at for head in kind.ran] == [NINE, NINE - MINUTE]
    assert after
    assert after.due == NINE + DAY


async def test_an_overtaken_move_leaves_what_became_due_to_others() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    beaten_by(another(world, kind), kind, run_at=NINE + MINUTE)

    after = await replica.engine.advance(NAME)

    assert (after, len(kind.ran)) == (None, 1)
    assert (await loaded(replica)).due == NINE + MINUTE


async def test_what_an_overtaken_move_may_still_do_is_noted_on_what_it_finds() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    beaten_by(another(world, kind), kind, run_at=NOON)
    kind.still_to_come = lambda head: replace(head, check_at=NINE + HOUR)

    await replica.engine.advance(NAME)

    assert (await loaded(replica)).head == a_schedule(run_at=NOON, check_at=NINE + HOUR)


async def test_what_it_makes_due_is_anyones() -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    world.clock.advance(seconds=5)
    beaten_by(another(world, kind), kind, run_at=NOON)
    kind.still_to_come = lambda head: replace(head, run_at=NINE)

    after = await replica.engine.advance(NAME)

    row = await row_of(replica)
    assert (after, len(kind.ran)) == (None, 1)
    assert (row.due, row.claimed_until) == (NINE + 5 * SECOND, None)


async def test_it_is_noted_however_often_others_are_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World()
    replica, kind = await opened(world, run_at=NINE)
    other = another(world, kind)
    beaten_by(other, kind, run_at=NOON)
    kind.still_to_come = lambda head: replace(head, check_at=NINE + HOUR)
    load, left = replica.workflows.load, [NOON + HOUR, NOON + 2 * HOUR]

    async def be_late(name: str) -> Stored[Head] | None:
        stored = await load(name)
        if kind.ran and left:
            await record(other, run_at=left.pop())
        return stored

    monkeypatch.setattr(replica.workflows, "load", be_late)
    await replica.engine.advance(NAME)

    assert (await loaded(other)).head == a_schedule(run_at=NOON + HOUR, check_at=NINE + HOUR)
