"""Two versions running on one table, as in a rolling upgrade.

The older one leaves alone, and names, what the newer one wrote; everything else continues.
"""

from copy import copy

import pytest
from opentelemetry.metrics import NoOpMeter

from domain.access.request import RequestState
from domain.reconciliation.reconciliation import SETTLED_AFTER
from services.faults import NotPermitted
from services.operations.health import Health
from services.operations.latest_look import LatestLook
from services.operations.stuck import Stuck
from services.workflow.due.agenda import CLAIM
from services.workflow.lists.index import GRACE
from services.workflow.worker import POLL
from tests.support.builders import ADA, DANA, EVE, HOUR, MINUTE
from tests.support.replica import Replica, World
from tests.support.tables.newer_table import NEWER, TableOfTheNewer


def two_versions(world: World) -> tuple[Replica, Replica]:
    """Start an older and a newer Latchkey in one world."""
    newer = copy(world)
    newer.table = TableOfTheNewer(world.table)  # type: ignore[assignment]  # watches nothing
    newer.handles = f"0.2.0/{NEWER}"
    return Replica(world), Replica(newer)


async def work(world: World, *replicas: Replica, until: float) -> None:
    """Let these poll for work every other second, in this order."""
    for _ in range(int(until / POLL.total_seconds())):
        world.clock.advance(POLL)
        for replica in replicas:
            await replica.tick()


async def test_the_newer_version_ends_access_in_time_even_if_the_older_one_is_always_first() -> (
    None
):
    world = World()
    older, newer = two_versions(world)
    await newer.give()
    world.clock.advance(HOUR - POLL)

    await work(world, older, newer, until=CLAIM.total_seconds())

    assert world.assignments.all() == []
    assert (await newer.request()).state is RequestState.REVOKED


async def test_the_newer_versions_messages_are_sent_even_if_the_older_one_is_always_first() -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.ask()

    await work(world, older, newer, until=CLAIM.total_seconds())

    assert world.message_sender.audited() == ["requested"]
    assert f"approver-{ADA.object_id}" in world.message_sender.posted()


async def test_the_older_version_alone_does_no_harm_to_the_newer_ones_rows() -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.give()
    before = await newer.snapshot()

    await work(world, older, until=2 * MINUTE.total_seconds())
    world.clock.advance(2 * HOUR)
    await older.tick()
    after = await newer.snapshot()

    assert before.stored.head == after.stored.head
    assert before.hashes == after.hashes
    assert len(world.assignments.all()) == 1


async def test_the_older_version_names_what_only_the_newer_one_can_end(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.give()
    world.clock.advance(HOUR + 5 * MINUTE)

    await older.tick()
    health = Health(
        {}, LatestLook(older.core.attention, older.clock, NoOpMeter("tests")), older.clock
    )

    assert await health.faults() == ["overdue: no replica has processed req-one"]
    assert f"of schema {NEWER} was written by a newer Latchkey" in caplog.text


async def test_the_older_version_continues_its_own_work() -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.give(DANA, "req-new")
    await older.give(EVE, "req-old")
    world.clock.advance(HOUR)

    await older.tick()

    assert (await older.request("req-old")).state is RequestState.REVOKED


async def test_the_lists_show_the_rest_and_keep_the_newer_versions_rows() -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.ask(DANA, "req-new")
    await older.ask(DANA, "req-old")
    world.clock.advance(GRACE + MINUTE)

    shown = await older.listings.mine(DANA, 10)
    everything = await newer.listings.mine(DANA, 10)

    assert [request.id for request in shown.requests] == ["req-old"]
    assert {request.id for request in everything.requests} == {"req-new", "req-old"}


async def test_the_list_of_stuck_access_shows_the_rest() -> None:
    world = World()
    older, newer = two_versions(world)
    await newer.give(DANA, "req-new")
    await older.give(EVE, "req-old")
    world.assignments.faults.order("delete", NotPermitted("Azure", "403"), times=1_000)
    for _ in range(20):
        world.clock.advance(5 * MINUTE)
        await older.tick()
        await newer.tick()

    found = await Stuck(older.workflows, older.core.attention, older.clock).list()

    assert [one.id for one in found.shown] == ["req-old"]


async def test_a_scope_is_reconciled_around_rows_only_the_newer_version_can_read() -> None:
    world = World()
    older, newer = two_versions(world)
    new = await newer.give(EVE, "req-new", window=4 * HOUR)
    old = await older.give(DANA, "req-old", window=4 * HOUR)
    for request in (new, old):
        for assignment in request.assignments:
            world.assignments.forget(assignment.scope, assignment.id)
    world.clock.advance(SETTLED_AFTER)

    await older.reconcile.begin()
    await older.tick()

    assert (await older.request("req-old")).state is RequestState.REVOKED
    assert (await newer.request("req-new")).state is RequestState.ACTIVE
