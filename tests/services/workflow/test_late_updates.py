"""An update that went unanswered may come over a later one: the message is then updated again."""

import pytest

from domain.access.request import RequestState
from domain.unknown_outcome import TEAMS_LIFE
from services.faults import Unavailable
from services.workflow.announcing import SOON
from tests.support.builders import ADA, MINUTE, SECOND
from tests.support.crashing_table import When
from tests.support.replica import Replica, World

TO_ADA = f"approver-{ADA.object_id}"
UNANSWERED = Unavailable("Teams", "504")
REFUSED = Unavailable("Teams", "429", outcome_unknown=False)


def updates_of(world: World, key: str) -> int:
    return sum(sent.key == key for sent in world.message_sender.updates)


async def asked(world: World) -> Replica:
    """Return a replica with a request whose approvers have their cards."""
    replica = Replica(world)
    await replica.ask()
    await replica.settle()
    return replica


async def come_late(world: World) -> None:
    """Let the first update of an approver's card come over the later ones."""
    first = next(sent for sent in world.message_sender.updates if sent.key == TO_ADA)
    world.message_sender.updates.append(first)


async def test_what_comes_over_a_later_update_is_replaced_once_nothing_else_can_come() -> None:
    world = World()
    replica = await asked(world)
    world.message_sender.faults.order("update", UNANSWERED, when=When.AFTER)

    await replica.approve()
    await replica.pass_time(MINUTE)
    await come_late(world)
    await replica.pass_time(TEAMS_LIFE)

    assert world.message_sender.shown(TO_ADA).head.state is RequestState.ACTIVE
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_so_is_what_comes_after_an_attempt_that_was_repeated_at_once() -> None:
    world = World()
    replica = await asked(world)
    world.message_sender.unanswered = 1_000

    await replica.approve()
    await replica.settle()
    world.message_sender.unanswered = 0
    before = updates_of(world, TO_ADA)
    await replica.pass_time(TEAMS_LIFE - SECOND)
    early = updates_of(world, TO_ADA)
    await replica.pass_time(SOON)

    assert (early, updates_of(world, TO_ADA)) == (before, before + 1)


async def test_another_replica_updates_it_again_if_the_first_one_is_killed() -> None:
    world = World()
    replica = await asked(world)
    world.message_sender.faults.order("update", UNANSWERED, when=When.AFTER)

    await replica.approve()
    await replica.tick()
    other = Replica(world)
    await other.pass_time(MINUTE)
    await come_late(world)
    await other.pass_time(TEAMS_LIFE)

    assert world.message_sender.shown(TO_ADA).head.state is RequestState.ACTIVE
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_while_teams_is_away_tries_become_rarer_and_rows_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    replica = await asked(world)
    world.message_sender.faults.order("update", UNANSWERED, times=1_000)

    await replica.approve()
    rows, tries = [], []
    for _ in range(4):
        caplog.clear()
        await replica.pass_time(10 * MINUTE)
        rows.append([row for row in await world.queued() if row.startswith("outbox~")])
        tries.append(sum(f"{TO_ADA} not delivered" in said for said in caplog.messages))

    assert {len(waiting) for waiting in rows} == {2}  # of the approval, and of the grant
    assert all(1 <= tried <= 10 for tried in tries)


async def test_an_update_that_was_refused_needs_no_other() -> None:
    world = World()
    replica = await asked(world)
    world.message_sender.faults.order("update", REFUSED)

    await replica.approve()
    await replica.pass_time(MINUTE)
    before = len(world.message_sender.updates)
    await replica.pass_time(2 * TEAMS_LIFE)

    assert len(world.message_sender.updates) == before


async def test_nothing_is_updated_again_that_was_posted_only() -> None:
    world = World()
    world.message_sender.faults.order("post", UNANSWERED, times=3)
    replica = await asked(world)

    await replica.pass_time(2 * TEAMS_LIFE)

    assert world.message_sender.updates == []


async def test_without_a_table_an_update_is_delivered_all_the_same(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    world = World()
    replica = await asked(world)
    world.message_sender.unanswered = 1_000

    async def fail(*_: object) -> None:
        raise Unavailable("Azure Tables", "503")

    monkeypatch.setattr(replica.messages, "update_again", fail)
    await replica.approve()
    await replica.pass_time(MINUTE)

    assert world.message_sender.shown(TO_ADA).head.state is RequestState.ACTIVE
    assert any("not updated again" in each.message for each in caplog.records)
