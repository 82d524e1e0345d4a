"""What goes to different people is sent at the same time, and repeated once to each at most."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from domain.access.announcements import reader_of
from domain.announcement import Announcement, Audience, Subject
from domain.people import Actor
from services.faults import Unavailable
from services.workflow.announcing.announcer import SOON
from services.workflow.announcing.outstanding import at_once
from services.workflow.codec import Head
from services.workflow.due.agenda import CLAIM
from services.workflow.messages import Message, MessageRef
from tests.support.builders import ADA, BO, DANA, HOUR, MINUTE, TENANT, email_of, in_directory
from tests.support.builders import policies as rules
from tests.support.fake_message_sender import FakeMessageSender
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock
from tests.support.replica import Replica, World
from tests.support.tables.crashing_table import Crash, Killed, When

TO_ADA = f"approver-{ADA.object_id}"
TO_BO = f"approver-{BO.object_id}"
DOWN = Unavailable("Teams", "503")
FOREVER = 1_000_000
MANY = [
    Actor(TENANT, f"44444444-0000-4000-8000-{number:012}", f"Approver{number} Of-many")
    for number in range(120)
]
APPROVERS = MANY[:11]


class SlowMessageSender(FakeMessageSender):
    """A Teams in which each message takes a tenth of a second, or as long as is said."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: dict[str, float] = {}
        self.most_under_way = 0
        self._under_way = 0

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        self._under_way += 1
        self.most_under_way = max(self.most_under_way, self._under_way)
        await asyncio.sleep(self.seconds.get(announcement.key, 0.1))
        self._under_way -= 1
        return await super().post(announcement, head, thread)


class FailingSender(FakeMessageSender):
    """A Teams that doesn't take some messages for now, and all others."""

    def __init__(self) -> None:
        super().__init__()
        self.failing: list[str] = []
        """Their keys, once for each try that fails."""

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        if announcement.key in self.failing:
            self.failing.remove(announcement.key)
            raise DOWN
        return await super().post(announcement, head, thread)


class WatchingSender(FakeMessageSender):
    """A Teams that looks up what the table says of earlier messages before it takes one."""

    def __init__(self) -> None:
        super().__init__()
        self.replica: Replica | None = None
        self.unrecorded: list[str] = []

    async def post(
        self, announcement: Announcement, head: Head, thread: MessageRef | None
    ) -> MessageRef:
        assert self.replica
        messages = (await self.replica.snapshot()).messages
        to = reader_of(announcement)
        self.unrecorded += [
            sent.key
            for sent in self.posts
            if reader_of(sent.announcement) == to and messages[sent.key].ref is None
        ]
        return await super().post(announcement, head, thread)


def _slow_world() -> tuple[World, SlowMessageSender]:
    world, sender = World(), SlowMessageSender()
    world.clock = LoopClock()
    world.message_sender = sender
    return world, sender


def _with_many_approvers(
    approvers: Sequence[Actor] = APPROVERS,
) -> tuple[World, SlowMessageSender]:
    sender = SlowMessageSender()
    world = World(rules=rules(approvers=tuple(email_of(one) for one in approvers)))
    for one in approvers:
        world.people.add(in_directory(one))
    world.message_sender = sender
    return world, sender


async def _with_a_backlog(world: World) -> None:
    """Give access and end it while Teams is down, so that two messages wait for the requester."""
    world.message_sender.faults.order("post", DOWN, times=FOREVER)
    replica = Replica(world)
    await replica.give()
    world.clock.advance(HOUR)
    await replica.settle()
    world.message_sender.faults.clear()
    world.clock.advance(MINUTE)


def _posted(messages: Mapping[str, Message]) -> list[str]:
    return sorted(key for key, message in messages.items() if message.ref)


def test_what_goes_to_different_people_is_sent_at_the_same_time() -> None:
    async def announce() -> float:
        world, _ = _slow_world()
        replica = Replica(world)
        await replica.ask()
        before = asyncio.get_running_loop().time()
        await replica.announcer.deliver("req-one")
        assert len(world.message_sender.posts) == 3
        return asyncio.get_running_loop().time() - before

    assert round(virtual_time.run(announce()), 3) == 0.1


async def test_a_message_that_fails_is_not_overtaken_by_a_later_one_to_the_same_person() -> None:
    world, sender = World(), FailingSender()
    world.message_sender = sender
    await _with_a_backlog(world)

    sender.failing = ["requester-000003"]
    await Replica(world).pass_time(MINUTE)

    assert sender.failing == []
    assert sender.sent_to(DANA.object_id) == ["granted", "revoked"]


async def test_a_message_that_fails_does_not_hold_up_what_is_for_others() -> None:
    world, sender = World(), FailingSender()
    world.message_sender = sender
    sender.failing = [TO_ADA] * 100
    replica = Replica(world)

    await replica.ask()
    await replica.settle()

    assert sender.failing
    assert sorted(sender.posted()) == [TO_BO, "audit-000001"]


def test_many_people_get_it_five_at_a_time() -> None:
    async def announce() -> tuple[Sequence[str], int]:
        world, sender = _with_many_approvers()
        replica = Replica(world)
        await replica.ask()
        await replica.tick()
        assert await world.queued() != []
        return sender.posted(), sender.most_under_way

    posted, most_under_way = virtual_time.run(announce())

    assert sorted(posted) == sorted(
        ["audit-000001", *(f"approver-{one.object_id}" for one in APPROVERS)]
    )
    assert most_under_way == 5


async def test_nobody_gets_a_second_message_before_the_first_is_recorded() -> None:
    world, sender = World(), WatchingSender()
    world.message_sender = sender
    await _with_a_backlog(world)
    sender.replica = Replica(world)

    await sender.replica.pass_time(MINUTE)

    assert sender.sent_to(DANA.object_id) == ["granted", "revoked"]
    assert sender.unrecorded == []


async def test_after_a_crash_nobody_has_more_than_one_message_twice() -> None:
    crashes, twice = 0, Counter[str]()
    while True:
        world, crash = World(), Crash(crashes + 1, When.AFTER)
        await _with_a_backlog(world)
        with suppress(Killed):
            await Replica(world, crash).settle()
        if crash.points <= crashes:
            break
        crashes += 1
        await Replica(world).pass_time(MINUTE)
        posted = Counter(
            (reader_of(one.announcement), one.key) for one in world.message_sender.posts
        )
        again = Counter(to for to, key in posted for _ in range(posted[to, key] - 1))

        heard = list(dict.fromkeys(world.message_sender.sent_to(DANA.object_id)))
        assert heard == ["granted", "revoked"]
        assert max(again.values(), default=0) <= 1
        twice |= again
    everyone = {"", DANA.object_id}

    assert crashes > 5
    assert set(+twice) == everyone


async def test_no_more_is_sent_at_once_than_one_transaction_can_record() -> None:
    replica = Replica(World())
    await replica.ask()
    keys = [f"requester-{number:06d}" for number in range(30)]
    due = [
        Announcement(
            key=key,
            audience=Audience.REQUESTER,
            subject=Subject.EVENT,
            revision=1,
            person=in_directory(DANA),
        )
        for key in keys
    ]
    ref = MessageRef("https://teams.example", "to-dana", "one")
    messages = {key: Message(key, 0, ref, False, None, "") for key in keys}

    lines = at_once(due, replace(await replica.snapshot(), messages=messages))

    assert lines == [due[:20]]


def test_what_was_posted_is_recorded_while_others_are_slow() -> None:
    async def announce() -> tuple[list[str], list[str]]:
        world, sender = _slow_world()
        sender.seconds[TO_ADA] = 5
        replica = Replica(world)
        await replica.ask()
        announcing = asyncio.create_task(replica.announcer.deliver("req-one"))
        await asyncio.sleep(1.5)
        meanwhile = (await replica.snapshot()).messages
        await announcing
        after = (await replica.snapshot()).messages
        return _posted(meanwhile), _posted(after)

    meanwhile, after = virtual_time.run(announce())

    assert meanwhile == [TO_BO, "audit-000001"]
    assert after == [TO_ADA, TO_BO, "audit-000001"]


def test_the_claim_is_renewed_while_a_message_is_slow() -> None:
    async def announce() -> tuple[object, object, list[str]]:
        world, sender = _slow_world()
        sender.seconds[TO_ADA] = 2 * CLAIM.total_seconds()
        slow, other = Replica(world), Replica(world)
        await slow.ask()
        announcing = asyncio.create_task(slow.announcer.deliver("req-one"))
        await asyncio.sleep(1.5 * CLAIM.total_seconds())
        waits = await other.announcer.deliver("req-one")
        return waits, await announcing, sender.posted()

    waits, waited, posted = virtual_time.run(announce())

    assert waits == SOON
    assert waited is None
    assert sorted(posted) == [TO_ADA, TO_BO, "audit-000001"]


async def test_a_message_that_another_replica_is_posting_holds_up_no_other() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask()
    await Replica(world).messages.claim("req-one", {TO_ADA: None}, world.clock())

    await replica.tick()
    others = world.message_sender.posted()
    await replica.pass_time(CLAIM + MINUTE)

    assert others == [TO_BO, "audit-000001"]
    assert world.message_sender.posted() == [TO_BO, "audit-000001", TO_ADA]


def test_a_message_that_another_replica_claims_first_holds_up_no_other() -> None:
    last, before = (f"approver-{one.object_id}" for one in APPROVERS[:-3:-1])

    async def announce() -> tuple[Sequence[str], Sequence[str]]:
        world, sender = _with_many_approvers()
        replica = Replica(world)
        await replica.ask()
        ticking = asyncio.create_task(replica.tick())
        await asyncio.sleep(0.15)  # the second five are under way
        await Replica(world).messages.claim("req-one", {last: None}, world.clock())
        await ticking
        others = list(sender.posted())
        await replica.pass_time(CLAIM + MINUTE)
        return others, sender.posted()

    others, posted = virtual_time.run(announce())

    assert last not in others
    assert {before, "audit-000001"} < set(others)
    assert posted[-1] == last
    assert len(set(posted)) == len(posted) == len(APPROVERS) + 1


def test_messages_that_are_more_than_a_transaction_has_room_for_are_free_to_be_sent_again() -> None:
    async def announce() -> tuple[set[str], Counter[str]]:
        world, sender = _with_many_approvers(MANY)
        world.clock = LoopClock()
        sender.faults.order("post", DOWN, times=FOREVER)
        replica = Replica(world)
        await replica.ask()
        await replica.announcer.deliver("req-one")
        messages = (await replica.snapshot()).messages
        sender.faults.clear()
        await replica.announcer.deliver("req-one")
        claimed = {key for key, message in messages.items() if message.claimed_until}
        return claimed, Counter(sender.posted())

    claimed, posted = virtual_time.run(announce())

    assert claimed == set()
    assert {posted[f"approver-{one.object_id}"] for one in MANY} == {1}
