"""A person's name is erased from everything, and everything is still proven."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from composition.checkpoints import compose_checkpoints
from composition.counters import compose_counters
from composition.erasure import compose_erasure
from domain.audit.figures import Figures
from domain.erasure.erasure import MOST_PASSES, ErasureEvent
from domain.people import Actor
from domain.refusals.people import NotAnAdmin
from domain.rotation.owed import OwedRotation, OwedState
from domain.workflow import Change
from services.access.sign_in.held_acts import HeldApproval
from services.access.sign_in.sign_in_rows import HeldSignIn, SignInRows
from services.audit.counts.day_figures import DayFigures
from services.erasure import erasing
from services.faults import Unavailable
from services.people.addresses import ConversationAddress, ConversationAddresses
from services.progress import ProgressCount
from services.storage import keys, table
from services.storage.table import Operation, Replace, Row
from services.workflow import codec
from services.workflow.plan_answers import PlanAnswers
from tests.services.audit.counted import COUNTED, TODAY
from tests.services.written.deployment import Written
from tests.support.builders import ADA, BO, CY, DANA, EVE, HOUR, MINUTE, OTHER_SECRET, email_of
from tests.support.clock import NINE
from tests.support.replica import Replica, World
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.crashing_table import Crash, Killed, When
from tests.support.tables.memory_table import MemoryTable

ERASURE = "ers-abcdefghij"
SCHEMA_7 = Path(__file__).parents[1] / "written" / "deployment-of-schema-7.json"


class Erasing:
    """A replica with the daily work that can erase names."""

    def __init__(self, world: World | None = None, crash: Crash | None = None) -> None:
        self.world = world or World(MemoryTable())
        rotates = isinstance(self.world, RotationWorld)
        self.replica = (RotationReplica if rotates else Replica)(self.world, crash)
        core = self.replica.core
        self.checkpoints = compose_checkpoints(core)
        self.counters = compose_counters(core)
        self.addresses = ConversationAddresses(core.table, core.clock)
        self.erasures = compose_erasure(core, self.addresses)

    async def erase(self, who: Actor = DANA, by: Actor = CY, erasure_id: str = ERASURE) -> None:
        await self.erasures.begin(by, who.object_id, erasure_id)
        await self.replica.settle()

    async def ended(self, erasure_id: str = ERASURE) -> dict[str, Any]:
        """Return what the last event says."""
        *_, event = await self.replica.events(erasure_id)
        assert event.kind == ErasureEvent.ENDED
        return dict(event.facts)

    def rows(self) -> list[Row]:
        store = self.world.store
        assert isinstance(store, MemoryTable)
        return store.rows()

    def rows_with(self, *texts: str) -> list[str]:
        """Return the keys of all rows that have one of these texts in a value."""
        return [row.key for row in self.rows() if any(text in _text(row) for text in texts)]

    async def figures(self) -> Figures:
        figures, _ = await self.counters.figures.since(TODAY, None, ProgressCount())
        return figures


def _text(row: Row) -> str:
    return " ".join(map(str, row.values.values()))


async def a_life(one: Erasing) -> None:
    """Let Dana's request be granted and end, and one for her be denied; the day is counted."""
    await one.checkpoints.moves.begin()
    await one.counters.moves.begin()
    await one.replica.give(DANA, "req-one", secrets=("demo-api-key", OTHER_SECRET))
    await one.replica.ask(EVE, "req-two")
    await one.replica.settle()
    await one.replica.deny(ADA, "req-two")
    await one.replica.pass_time(COUNTED - one.world.clock())
    await one.replica.settle()


def a_copy(rows: Sequence[Row], now: datetime) -> World:
    """Return a world with these rows."""
    world = World(MemoryTable(rows))
    world.clock.advance_to(now)
    return world


@pytest.fixture(scope="module")
def rows() -> Sequence[Row]:
    """Live once for all tests."""

    async def made() -> Sequence[Row]:
        one = Erasing()
        await a_life(one)
        return one.rows()

    return asyncio.run(made())


@pytest.fixture
def lived(rows: Sequence[Row]) -> Erasing:
    return Erasing(a_copy(rows, COUNTED))


@pytest.mark.parametrize("who", [DANA, ADA, BO, EVE])
async def test_nothing_in_the_table_names_an_erased_person(lived: Erasing, who: Actor) -> None:
    before = lived.rows_with(who.name, email_of(who))

    await lived.erase(who)

    assert before
    assert lived.rows_with(who.name, email_of(who)) == []
    assert await lived.ended() == {
        "person": who.object_id,
        "workflows": 1 if who in {DANA, EVE} else 2,
        "left": 0,
        "older": 0,
        "unreadable": 0,
    }


async def test_everybody_else_is_still_named(lived: Erasing) -> None:
    before = {who.name: lived.rows_with(who.name) for who in (ADA, BO, EVE)}

    await lived.erase(DANA)

    assert {who.name: lived.rows_with(who.name) for who in (ADA, BO, EVE)} == before


async def test_chains_days_and_figures_are_as_they_were(lived: Erasing) -> None:
    before = [await lived.replica.workflows.trail(one) for one in ("req-one", "req-two")]
    figures = await lived.figures()

    await lived.erase(ADA)

    for trail in before:
        assert trail
        now = await lived.replica.workflows.trail(trail.stored.head.id)
        assert now
        assert [one.hash for one in now.events] == [one.hash for one in trail.events]
        named = 2  # among those who could approve, and as the one who did
        assert now.verify() == replace(trail.verify(), erased=named)
        assert now.verify().is_unbroken
    assert (await lived.checkpoints.days.verify(CY, TODAY)).is_intact
    after = await lived.figures()
    assert after.names == {one: name for one, name in figures.names.items() if name != ADA.name}
    assert after.person(ADA.object_id).name == ADA.object_id
    assert replace(after, names=figures.names) == figures


async def test_readers_see_the_object_id(lived: Erasing) -> None:
    await lived.erase(DANA)

    request = await lived.replica.request("req-one")
    [requested, approved, *_] = await lived.replica.events("req-one")
    assert request.requester == replace(DANA, name=DANA.object_id)
    assert requested.actor == request.requester
    assert approved.actor == ADA


async def test_who_asked_for_it_is_recorded_and_told(lived: Erasing) -> None:
    await lived.erase(DANA)

    begun, ended = await lived.replica.events(ERASURE)
    posts = [one for one in lived.world.message_sender.posts if one.head.id == ERASURE]
    assert (begun.kind, begun.actor) == (ErasureEvent.BEGUN, CY)
    assert begun.facts == {"person": DANA.object_id}
    assert (ended.kind, ended.actor) == (ErasureEvent.ENDED, None)
    assert [post.key for post in posts] == ["audit-000001", "audit-000002"]


async def test_admins_can_be_erased_by_themselves(lived: Erasing) -> None:
    await lived.erase(CY, by=CY)

    begun, _ = await lived.replica.events(ERASURE)
    assert lived.rows_with(CY.name) == []
    assert begun.actor == replace(CY, name=CY.object_id)
    assert (await lived.ended())["left"] == 0


async def test_only_admins_can_erase(lived: Erasing) -> None:
    with pytest.raises(NotAnAdmin):
        await lived.erasures.begin(ADA, DANA.object_id, ERASURE)

    assert await lived.replica.workflows.load(ERASURE) is None


async def test_one_that_begins_twice_is_one(lived: Erasing) -> None:
    await lived.erase(DANA)
    await lived.erase(DANA)

    assert len(await lived.replica.events(ERASURE)) == 2


async def test_an_open_request_goes_on_without_the_name() -> None:
    one = Erasing()
    await one.replica.give(DANA, "req-one")

    await one.erase(DANA)
    await one.replica.pass_time(HOUR)

    trail = await one.replica.workflows.trail("req-one")
    assert (await one.replica.request("req-one")).state == "revoked"
    assert one.rows_with(DANA.name) == []
    assert trail
    assert trail.verify().is_unbroken


async def test_a_chat_and_what_waits_are_forgotten(lived: Erasing) -> None:
    chat = ConversationAddress("https://smba.example", "a:dana", "29:dana", "de-DE")
    now, table = lived.world.clock(), lived.world.store
    await lived.addresses.remember_person(DANA.object_id, chat)
    await lived.addresses.is_first_greeting(DANA.object_id, "one")
    await PlanAnswers(table, lived.world.clock).confirm(DANA, "rot-0123456789")
    held = HeldSignIn(DANA, HeldApproval("req-one"), (), HOUR, now + 5 * MINUTE)
    await SignInRows(table).add(held, "t" * 43, now)

    await lived.erase(DANA)
    forgotten = await lived.addresses.person(DANA.object_id)
    await lived.addresses.remember_person(DANA.object_id, chat)

    assert forgotten is None
    assert await lived.addresses.person(DANA.object_id) == chat
    assert lived.rows_with(DANA.name) == []


async def test_a_small_page_finds_everything_too(
    lived: Erasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "PAGE", 2)
    monkeypatch.setattr(erasing, "DAYS", 1)
    monkeypatch.setattr(table, "MOST_OPERATIONS", 2)

    await lived.erase(ADA)

    assert lived.rows_with(ADA.name, email_of(ADA)) == []
    assert (await lived.ended())["workflows"] == 2


async def test_a_row_that_somebody_changes_meanwhile_is_read_again(lived: Erasing) -> None:
    store, key = lived.world.store, keys.head_key("req-one")
    shard = keys.shard_of("req-one")
    transact, changed = store.transact, list[object]()

    async def interrupted(partition: str, operations: list[Operation]) -> list[str]:
        if not changed and any(isinstance(one, Replace) and one.key == key for one in operations):
            row = await store.get(shard, key)
            assert row
            changed.append(await transact(shard, [Replace(key, row.values, row.etag)]))
        return await transact(partition, operations)

    store.transact = interrupted  # type: ignore[method-assign, assignment]
    await lived.erase(DANA)

    assert changed
    assert lived.rows_with(DANA.name) == []


async def test_a_table_that_is_gone_for_a_while_is_waited_for(lived: Erasing) -> None:
    store, refusals = lived.world.store, [Unavailable("Table Storage", "503")]
    transact = store.transact

    async def failing(partition: str, operations: list[Operation]) -> list[str]:
        if refusals and any(
            isinstance(one, Replace) and one.key.endswith("event-000001") for one in operations
        ):
            raise refusals.pop()
        return await transact(partition, operations)

    store.transact = failing  # type: ignore[method-assign, assignment]
    await lived.erase(DANA)
    waiting = await lived.replica.event_kinds(ERASURE)
    await lived.replica.pass_time(5 * MINUTE)
    await lived.replica.settle()

    assert waiting == [ErasureEvent.BEGUN]
    assert lived.rows_with(DANA.name) == []
    assert (await lived.ended())["left"] == 0


async def test_someone_who_comes_back_again_and_again_is_said_to_be_left(
    lived: Erasing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def always(*_: object) -> bool:
        return True

    monkeypatch.setattr(DayFigures, "erase", always)
    await lived.erase(DANA)

    stored = await lived.replica.workflows.load(ERASURE)
    assert stored
    assert (await lived.ended())["left"] > 0
    assert getattr(stored.head, "passes", 0) == MOST_PASSES


async def test_a_head_that_this_version_cannot_read_is_said(lived: Erasing) -> None:
    store, key, shard = lived.world.store, keys.head_key("req-one"), keys.shard_of("req-one")
    row = await store.get(shard, key)
    assert row
    values = {**row.values, "schema": codec.SCHEMA + 1}
    await store.transact(shard, [Replace(key, values, row.etag)])

    await lived.erase(DANA)

    assert (await lived.ended())["unreadable"] == 1
    assert lived.rows_with(DANA.name) == [key]


async def restored() -> Erasing:
    """Start on the rows of an older version, whose events have names in their text."""
    return Erasing(await Written.read(SCHEMA_7).restore(MemoryTable()))


async def test_events_of_an_older_version_are_counted_and_stay_proven() -> None:
    one = await restored()
    named = [key for key in one.rows_with(DANA.name) if "~event-" in key]
    workflows = {key.split("~")[1] for key in named}

    await one.erase(DANA, by=BO)

    assert one.rows_with(DANA.name) == named
    assert (await one.ended())["older"] == len(named) > 0
    for workflow_id in workflows:
        trail = await one.replica.workflows.trail(workflow_id)
        assert trail
        assert trail.verify().is_unbroken


async def test_the_name_beside_the_grant_that_a_rotation_follows_is_erased() -> None:
    one = Erasing()
    await one.replica.give(DANA, "req-one")
    for request_id, who in (("req-one", DANA), ("req-gone", DANA), ("req-eve", EVE)):
        if who is EVE:
            await one.replica.ask(EVE, "req-eve")
        owed = OwedRotation(
            id=f"owed-{request_id}",
            state=OwedState.SETTLED,
            secret="demo-api-key",
            rotation_id="rot-0123456789",
            detail=f"{request_id}, {who.name}",
            since=one.world.clock(),
        )
        await one.replica.workflows.create(Change(owed), None, one.world.clock())

    await one.erase(DANA)

    assert one.rows_with(DANA.name) == []
    assert keys.head_key("owed-req-eve") in one.rows_with(EVE.name)


async def test_two_replicas_erase_the_same(lived: Erasing) -> None:
    two = Erasing(lived.world)
    await lived.erasures.begin(CY, ADA.object_id, ERASURE)
    await asyncio.gather(lived.replica.settle(), two.replica.settle())
    lived.world.clock.advance(minutes=1)
    await asyncio.gather(lived.replica.settle(), two.replica.settle())

    assert lived.rows_with(ADA.name) == []
    assert await lived.replica.event_kinds(ERASURE) == [ErasureEvent.BEGUN, ErasureEvent.ENDED]


async def _killed(rows: Sequence[Row], crash: Crash) -> tuple[dict[str, Any], list[str], bool]:
    """Let a process erase until it dies, and another one finish; return what is left."""
    world = a_copy(rows, NINE)
    dying = Erasing(world, crash)
    with suppress(Killed):
        await dying.erase(ADA)
    after = Erasing(world)
    await after.erase(ADA)
    await after.replica.pass_time(MINUTE)
    await after.replica.settle()
    trail = await after.replica.workflows.trail("req-two")
    assert trail
    kinds = await after.replica.event_kinds(ERASURE)
    assert kinds == [ErasureEvent.BEGUN, ErasureEvent.ENDED]
    return await after.ended(), after.rows_with(ADA.name, email_of(ADA)), trail.verify().is_unbroken


async def test_killed_at_any_write_it_ends_the_same() -> None:
    one, whole = Erasing(), Crash()
    await one.replica.ask(EVE, "req-two")
    await one.replica.settle()
    await one.replica.deny(ADA, "req-two")
    await one.replica.settle()
    expected = await _killed(one.rows(), whole)

    assert expected[1:] == ([], True)
    assert whole.points > 10
    for at in range(1, whole.points + 1):
        for when in When:
            assert await _killed(one.rows(), Crash(at, when)) == expected, (at, when)
