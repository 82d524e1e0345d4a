"""An update that went unanswered may come over a later one: the message is then updated again."""

import asyncio
import itertools
from collections.abc import AsyncIterator

import pytest

from domain.access.request import RequestState
from domain.announcement import Announcement
from domain.unknown_outcome import TEAMS_LIFE
from services.faults import Unavailable
from services.workflow.announcing.announcer import SOON
from services.workflow.codec import Head
from services.workflow.due.agenda import CLAIM
from services.workflow.messages import MessageRef
from tests.support.builders import ADA, DANA, MINUTE, SECOND
from tests.support.fake_message_sender import FakeMessageSender, Sent
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When

TO_ADA = f"approver-{ADA.object_id}"
UNANSWERED = Unavailable("Teams", "504")
REFUSED = Unavailable("Teams", "429", outcome_unknown=False)


class KillingMessageSender(FakeMessageSender):
    """A Teams whose next bots are killed while they update an approver's card, which comes late."""

    def __init__(self) -> None:
        super().__init__()
        self.kills: list[Crash] = []
        """The processes that will be killed."""
        self.under_way: list[Sent] = []

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        if self.kills and announcement.key == TO_ADA:
            self.under_way.append(Sent(ref, announcement, head))
            self.kills.pop(0).die()
        return await super().update(ref, announcement, head)

    def come_late(self) -> None:
        """Let what was under way come over what the card shows by now."""
        self.updates += self.under_way


class HoldingMessageSender(FakeMessageSender):
    """A Teams that holds the next update of an approver's card."""

    def __init__(self) -> None:
        super().__init__()
        self.holds = True
        self.under_way: list[Sent] = []
        self.held = asyncio.Event()

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        if self.holds and announcement.key == TO_ADA:
            self.holds = False
            self.under_way.append(Sent(ref, announcement, head))
            self.held.set()
            await asyncio.Event().wait()
        return await super().update(ref, announcement, head)


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


async def killed_while_updating(times: int = 1) -> tuple[Replica, KillingMessageSender]:
    """Kill so many replicas one after the other while they update an approver's card.

    Return the next one, by which the access has been ended since.
    """
    world, message_sender = World(), KillingMessageSender()
    world.message_sender = message_sender
    replica = await asked(world)
    await replica.approve()
    for _ in range(times):
        message_sender.kills.append(replica.crash)
        with pytest.raises(Killed):
            await replica.pass_time(CLAIM)
        replica = Replica(world)
    await replica.pass_time(CLAIM)
    await replica.endings.give_back(DANA, "req-one")
    await replica.settle()
    return replica, message_sender


@pytest.mark.parametrize("times", [1, 3])
async def test_what_killed_replicas_were_updating_is_updated_again_once_it_cannot_come_any_more(
    times: int,
) -> None:
    replica, message_sender = await killed_while_updating(times)

    message_sender.come_late()
    late = message_sender.shown(TO_ADA).head.state
    await replica.pass_time(TEAMS_LIFE)

    assert len(message_sender.under_way) == times
    assert late is RequestState.ACTIVE
    assert message_sender.shown(TO_ADA).head.state is RequestState.REVOKED
    queued = await replica.world.queued()
    assert [row for row in queued if row.startswith("outbox~")] == []


async def test_it_is_not_updated_again_before_that() -> None:
    replica, _ = await killed_while_updating()
    before = updates_of(replica.world, TO_ADA)

    await replica.pass_time(TEAMS_LIFE - SECOND)
    early = updates_of(replica.world, TO_ADA)
    await replica.pass_time(SOON)

    assert (early, updates_of(replica.world, TO_ADA)) == (before, before + 1)


async def test_kills_while_teams_is_away_add_no_rows() -> None:
    replica, message_sender = await killed_while_updating()
    message_sender.faults.order("update", UNANSWERED, times=1_000)

    rows = []
    for _ in range(4):
        await replica.pass_time(10 * MINUTE)
        rows.append([one for one in await replica.world.queued() if one.startswith("outbox~")])
        message_sender.kills.append(replica.crash)
        with pytest.raises(Killed):
            await replica.pass_time(10 * MINUTE)
        replica = Replica(replica.world)

    assert {len(waiting) for waiting in rows} == {1}


async def test_a_kill_at_any_write_after_an_unanswered_update_forgets_none() -> None:
    ends = [at async for at in kills_after_an_unanswered_update()]

    assert len(ends) > 5
    assert set(ends) == {RequestState.REVOKED}


async def kills_after_an_unanswered_update() -> AsyncIterator[object]:
    """Kill a replica at each of its writes, where the first update of a card goes unanswered.

    Access is ended by another one, then that update comes. Yield what the card shows in the end.
    """
    for at in itertools.count(1):
        world = World()
        await asked(world)
        world.message_sender.faults.order("update", UNANSWERED, when=When.AFTER)
        replica = Replica(world, Crash(at))
        try:
            await replica.approve()
            await replica.pass_time(MINUTE)
        except Killed:
            pass
        else:
            return
        unanswered = [one for one in world.message_sender.updates if one.key == TO_ADA][:1]
        if not unanswered:
            continue
        other = Replica(world)
        await other.pass_time(2 * CLAIM)
        await other.endings.give_back(DANA, "req-one")
        await other.settle()
        world.message_sender.updates += unanswered
        await other.pass_time(TEAMS_LIFE)
        yield world.message_sender.shown(TO_ADA).head.state


async def test_an_update_that_was_under_way_when_its_delivery_was_cancelled_is_not_forgotten() -> (
    None
):
    world, message_sender = World(), HoldingMessageSender()
    world.message_sender = message_sender
    replica = await asked(world)
    await replica.approve()
    await replica.worker.idle()
    announcing = asyncio.create_task(replica.announcer.deliver("req-one"))
    await message_sender.held.wait()

    announcing.cancel()
    await asyncio.wait([announcing])
    other = Replica(world)
    await other.pass_time(2 * CLAIM)
    await other.endings.give_back(DANA, "req-one")
    await other.settle()
    message_sender.updates += message_sender.under_way
    late = message_sender.shown(TO_ADA).head.state
    await other.pass_time(TEAMS_LIFE)

    assert late is RequestState.ACTIVE
    assert message_sender.shown(TO_ADA).head.state is RequestState.REVOKED
