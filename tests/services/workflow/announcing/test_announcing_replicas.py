"""Several replicas announce one workflow: without claims, old cards would overwrite new ones."""

import asyncio
from datetime import timedelta

from domain.access.announcements import copy_key
from domain.access.request import RequestState
from domain.announcement import Announcement
from domain.unknown_outcome import TEAMS_LIFE
from services.workflow.announcing.announcer import SOON
from services.workflow.announcing.announcer_claims import AnnouncerClaims
from services.workflow.codec import Head
from services.workflow.due.agenda import CLAIM
from services.workflow.messages import MessageRef
from services.workflow.ownership import require_owned
from tests.support.builders import ADA, BO, SECOND
from tests.support.clock import NINE
from tests.support.fake_message_sender import FakeMessageSender
from tests.support.replica import Replica, World

TO_ADA = f"approver-{ADA.object_id}"
TO_BO = f"approver-{BO.object_id}"
COPY = copy_key(ADA.object_id, decides=True)


class SlowMessageSender(FakeMessageSender):
    """A Teams that carries out the first update of one card late."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()
        self._key = key

    async def update(self, ref: MessageRef, announcement: Announcement, head: Head) -> bool:
        if announcement.key == self._key and not self.reached.is_set():
            self.reached.set()
            await self.go_on.wait()
        return await super().update(ref, announcement, head)


class PausedMessageSender(FakeMessageSender):
    """A sender whose replica is paused right before its first message goes out."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = asyncio.Event()
        self.go_on = asyncio.Event()

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        if not self.reached.is_set():
            self.reached.set()
            await self.go_on.wait()
        require_owned("Teams")  # as the connector does
        return await super().post(announcement, head, thread)


async def _announcing_slowly() -> tuple[World, SlowMessageSender, Replica, asyncio.Task[object]]:
    """Delay one replica at "approved" while access is granted; return the other one too.

    The approver whose card it updates has asked for a copy, which comes after it.
    """
    world = World()
    message_sender = SlowMessageSender(TO_ADA)
    world.message_sender = message_sender
    slow, fast = Replica(world), Replica(world)
    await slow.ask()
    await slow.settle()
    await slow.messages.move("req-one", COPY, MessageRef("https://teams.example", "to-ada", "copy"))
    await fast.approve()
    announcing: asyncio.Task[object] = asyncio.create_task(slow.announcer.deliver("req-one"))
    await message_sender.reached.wait()
    await fast.worker.idle()
    return world, message_sender, fast, announcing


async def test_a_slow_update_is_followed_by_what_happened_meanwhile() -> None:
    world, message_sender, fast, announcing = await _announcing_slowly()

    wait = await fast.announcer.deliver("req-one")
    world.clock.advance(SECOND)
    message_sender.go_on.set()
    waited = await announcing

    assert wait == SOON
    assert waited is None
    assert (await fast.request()).state is RequestState.ACTIVE
    assert world.message_sender.shown(TO_ADA).head.state is RequestState.ACTIVE


async def test_an_update_that_outlasts_its_claim_does_not_overwrite_a_newer_one_for_good() -> None:
    world, message_sender, fast, announcing = await _announcing_slowly()

    world.clock.advance(CLAIM)
    await fast.settle()
    before = world.message_sender.shown(TO_ADA).head.state
    message_sender.go_on.set()
    await announcing
    after = world.message_sender.shown(TO_ADA).head.state
    await fast.pass_time(CLAIM)
    soon = world.message_sender.shown(TO_ADA).head.state
    await fast.pass_time(TEAMS_LIFE)

    assert (before, after, soon) == (
        RequestState.ACTIVE,
        RequestState.GRANTING,
        RequestState.ACTIVE,
    )
    assert world.message_sender.shown(TO_ADA).head.state is RequestState.ACTIVE
    assert [row for row in await world.queued() if row.startswith("outbox~")] == []


async def test_a_replica_that_lost_its_claim_leaves_the_next_messages_to_the_new_owner() -> None:
    world, message_sender, _, announcing = await _announcing_slowly()
    taken = AnnouncerClaims(world.table)

    world.clock.advance(CLAIM)
    claim = await taken.claim("req-one", world.clock())
    message_sender.go_on.set()
    wait = await announcing

    assert claim is not None
    assert wait == SOON
    assert [sent.key for sent in world.message_sender.updates] == [TO_BO, TO_ADA]


async def test_a_paused_replica_does_not_say_again_what_another_one_has_said() -> None:
    world = World()
    message_sender = PausedMessageSender()
    world.message_sender = message_sender
    paused, other = Replica(world), Replica(world)
    await paused.ask()
    announcing = asyncio.create_task(paused.announcer.deliver("req-one"))
    await message_sender.reached.wait()

    world.clock.advance(CLAIM)
    await other.settle()
    said = [sent.key for sent in message_sender.posts]
    message_sender.go_on.set()
    await announcing
    await other.settle()

    assert "audit-000001" in said
    assert [sent.key for sent in message_sender.posts] == said


async def test_one_replica_at_a_time_has_the_claim_and_a_lost_one_expires() -> None:
    claims = AnnouncerClaims(World().table)

    first = await claims.claim("req-one", NINE)
    second = await claims.claim("req-one", NINE + CLAIM - SECOND)
    other = await claims.claim("req-two", NINE)
    after_it_ran_out = await claims.claim("req-one", NINE + CLAIM)

    assert first is not None
    assert second is None
    assert other is not None
    assert after_it_ran_out is not None
    assert await claims.keep(first, NINE + CLAIM) is None


async def test_a_claim_is_renewed_while_its_replica_works_and_free_after_release() -> None:
    claims = AnnouncerClaims(World().table)
    claim = await claims.claim("req-one", NINE)
    assert claim is not None

    kept = await claims.keep(claim, NINE + CLAIM - SECOND)
    assert kept is not None
    meanwhile = await claims.claim("req-one", NINE + CLAIM + SECOND)
    await claims.release(kept)

    assert kept.until == NINE + CLAIM - SECOND + CLAIM
    assert meanwhile is None
    assert await claims.claim("req-one", NINE + CLAIM + timedelta(seconds=2)) is not None
