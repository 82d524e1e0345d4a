"""The messages of a workflow: each is posted by one replica and found again."""

import asyncio
from datetime import datetime

import pytest

from domain.access.transitions import changes as change
from services.workflow.due.agenda import CLAIM
from services.workflow.messages import Message, MessageRef, Messages
from services.workflow.workflows import Workflows
from tests.support.builders import ADA, SECOND, a_request
from tests.support.clock import NINE
from tests.support.replica import World
from tests.support.salts import a_salt

KEY = f"approver-{ADA.object_id}"
REF = MessageRef("https://smba.example/emea/", "a:1/xyz", "1700000000000")
ANOTHER = MessageRef("https://smba.example/emea/", "a:1/xyz", "1700000000001")


@pytest.fixture
async def world() -> World:
    world = World()
    await Workflows(world.table, a_salt).create(change.submit(a_request()), None, NINE)
    return world


@pytest.fixture
def messages(world: World) -> Messages:
    return Messages(world.table)


async def _found(world: World) -> Message | None:
    snapshot = await Workflows(world.table, a_salt).snapshot("req-one")
    assert snapshot is not None
    return snapshot.messages.get(KEY)


async def _claim(messages: Messages, found: Message | None, now: datetime) -> Message | None:
    claimed = await messages.claim("req-one", {KEY: found}, now)
    return claimed[0] if claimed else None


async def test_of_two_replicas_that_would_post_one_does(messages: Messages) -> None:
    claims = await asyncio.gather(_claim(messages, None, NINE), _claim(messages, None, NINE))

    assert sorted(claim is None for claim in claims) == [False, True]


async def test_a_posted_message_is_found_with_what_it_shows(
    world: World, messages: Messages
) -> None:
    claimed = await _claim(messages, None, NINE)
    assert claimed is not None

    await messages.record("req-one", claimed, REF, 3)
    found = await _found(world)

    assert found is not None
    assert (
        found.key,
        found.ref,
        found.revision,
        found.undeliverable,
        found.claimed_until,
    ) == (KEY, REF, 3, False, None)


async def test_a_claim_is_respected_until_it_expires(world: World, messages: Messages) -> None:
    await _claim(messages, None, NINE)
    found = await _found(world)

    assert await _claim(messages, found, NINE + CLAIM - SECOND) is None
    assert await _claim(messages, found, NINE + CLAIM) is not None


async def test_a_released_claim_can_be_taken_at_once(world: World, messages: Messages) -> None:
    claimed = await _claim(messages, None, NINE)
    assert claimed is not None

    await messages.release("req-one", [claimed])

    assert await _claim(messages, await _found(world), NINE) is not None


async def test_a_late_answer_overwrites_nothing_another_replica_recorded(
    world: World, messages: Messages
) -> None:
    late = await _claim(messages, None, NINE)
    again = await _claim(messages, await _found(world), NINE + CLAIM)
    assert late is not None
    assert again is not None
    await messages.record("req-one", again, ANOTHER, 2)

    await messages.record("req-one", late, REF, 1)
    await messages.release("req-one", [late])
    await messages.give_up("req-one", late)
    found = await _found(world)

    assert found is not None
    assert (found.ref, found.revision, found.undeliverable) == (ANOTHER, 2, False)


async def test_an_undeliverable_message_stays_undeliverable(
    world: World, messages: Messages
) -> None:
    claimed = await _claim(messages, None, NINE)
    assert claimed is not None

    await messages.give_up("req-one", claimed)
    found = await _found(world)

    assert found is not None
    assert (found.ref, found.undeliverable) == (None, True)


async def test_a_message_is_adopted_once(world: World, messages: Messages) -> None:
    await messages.adopt("req-one", KEY, REF, 1)
    await messages.adopt("req-one", KEY, ANOTHER, 2)
    found = await _found(world)

    assert found is not None
    assert (found.ref, found.revision) == (REF, 1)


async def test_a_key_can_move_to_a_newer_message(world: World, messages: Messages) -> None:
    await messages.move("req-one", KEY, REF)
    await messages.move("req-one", KEY, ANOTHER)
    found = await _found(world)

    assert found is not None
    assert (found.ref, found.revision) == (ANOTHER, 0)


async def test_of_two_replicas_moving_a_key_at_once_one_wins(
    world: World, messages: Messages
) -> None:
    await asyncio.gather(messages.move("req-one", KEY, REF), messages.move("req-one", KEY, ANOTHER))
    found = await _found(world)

    assert found is not None
    assert found.ref in (REF, ANOTHER)
