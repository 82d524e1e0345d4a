"""Leases: an assignment is deleted when its last grant ends, and not before."""

import asyncio
from dataclasses import replace

import pytest

from services.faults import Unavailable
from services.leases import Leases
from tests.support.builders import ASSIGNMENT, EVE
from tests.support.house import World


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def leases(world: World) -> Leases:
    return Leases(world.table)


async def test_the_only_holder_is_the_last(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")

    assert await leases.release(ASSIGNMENT, "one") is True


async def test_only_the_last_of_two_holders_deletes(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    assert await leases.release(ASSIGNMENT, "one") is False
    assert await leases.release(ASSIGNMENT, "two") is True


async def test_of_two_holders_that_let_go_at_once_exactly_one_deletes(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    answers = await asyncio.gather(
        leases.release(ASSIGNMENT, "one"), leases.release(ASSIGNMENT, "two")
    )

    assert sorted(answers) == [False, True]


async def test_many_that_take_hold_at_once_all_hold(leases: Leases) -> None:
    grants = [str(number) for number in range(8)]

    await asyncio.gather(*(leases.acquire(ASSIGNMENT, grant) for grant in grants))

    answers = [await leases.release(ASSIGNMENT, grant) for grant in grants]
    assert answers == [False] * 7 + [True]


async def test_holding_twice_is_holding_once(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "one")

    assert await leases.release(ASSIGNMENT, "one") is True


async def test_letting_go_again_after_a_crash_deletes_again(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.release(ASSIGNMENT, "one")

    assert await leases.release(ASSIGNMENT, "one") is True


async def test_letting_go_of_what_was_forgotten_deletes_to_be_safe(leases: Leases) -> None:
    assert await leases.release(ASSIGNMENT, "one") is True


async def test_nobody_takes_hold_while_the_assignment_is_being_deleted(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.release(ASSIGNMENT, "one")

    with pytest.raises(Unavailable, match="being deleted"):
        await leases.acquire(ASSIGNMENT, "two")

    await leases.forget(ASSIGNMENT)
    await leases.acquire(ASSIGNMENT, "two")
    assert await leases.release(ASSIGNMENT, "two") is True


async def test_what_is_held_is_not_forgotten(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    await leases.forget(ASSIGNMENT)

    assert await leases.release(ASSIGNMENT, "one") is False


async def test_forgetting_what_is_not_there_is_harmless(world: World, leases: Leases) -> None:
    await leases.forget(ASSIGNMENT)

    assert await world.leases() == []


async def test_a_grant_that_made_nothing_leaves_nothing(world: World, leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")

    await leases.abandon(ASSIGNMENT, "one")
    await leases.abandon(ASSIGNMENT, "one")

    assert await world.leases() == []


async def test_a_grant_that_made_nothing_leaves_the_others_their_hold(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    await leases.abandon(ASSIGNMENT, "two")

    assert await leases.release(ASSIGNMENT, "one") is True


async def test_two_that_made_nothing_and_let_go_at_once_leave_nothing(
    world: World, leases: Leases
) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    await asyncio.gather(leases.abandon(ASSIGNMENT, "one"), leases.abandon(ASSIGNMENT, "two"))

    assert await world.leases() == []


async def test_another_persons_assignment_has_leases_of_its_own(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(replace(ASSIGNMENT, principal_id=EVE.object_id), "two")

    assert await leases.release(ASSIGNMENT, "one") is True
