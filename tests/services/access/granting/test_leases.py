"""Leases: an assignment is deleted when its last grant ends, and not before."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.access.granting.leases import Leases
from services.faults import Unavailable
from tests.support.builders import ASSIGNMENT, EVE
from tests.support.replica import World
from tests.support.tables.silent_table import SilentTable


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def leases(world: World) -> Leases:
    return Leases(world.table, world.clock)


async def test_the_only_holder_is_the_last(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")

    assert (await leases.release(ASSIGNMENT, "one")).is_last


async def test_only_the_last_of_two_holders_deletes(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    assert not (await leases.release(ASSIGNMENT, "one")).is_last
    assert (await leases.release(ASSIGNMENT, "two")).is_last


async def test_of_two_holders_releasing_at_once_exactly_one_deletes(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    answers = await asyncio.gather(
        leases.release(ASSIGNMENT, "one"), leases.release(ASSIGNMENT, "two")
    )

    assert sorted(answer.is_last for answer in answers) == [False, True]


async def test_many_simultaneous_holders_all_hold(leases: Leases) -> None:
    grants = [str(number) for number in range(8)]

    await asyncio.gather(*(leases.acquire(ASSIGNMENT, grant) for grant in grants))

    answers = [await leases.release(ASSIGNMENT, grant) for grant in grants]
    assert [answer.is_last for answer in answers] == [False] * 7 + [True]


async def test_holding_twice_counts_once(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "one")

    assert (await leases.release(ASSIGNMENT, "one")).is_last


async def test_releasing_again_after_a_crash_deletes_again(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.release(ASSIGNMENT, "one")

    assert (await leases.release(ASSIGNMENT, "one")).is_last


async def test_releasing_a_forgotten_lease_deletes_to_be_safe(leases: Leases) -> None:
    assert (await leases.release(ASSIGNMENT, "one")).is_last


async def test_no_one_can_hold_an_assignment_while_it_is_being_deleted(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.release(ASSIGNMENT, "one")

    with pytest.raises(Unavailable, match="being deleted"):
        await leases.acquire(ASSIGNMENT, "two")

    await leases.forget(ASSIGNMENT)
    await leases.acquire(ASSIGNMENT, "two")
    assert (await leases.release(ASSIGNMENT, "two")).is_last


async def test_a_held_assignment_is_not_forgotten(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    await leases.forget(ASSIGNMENT)

    assert not (await leases.release(ASSIGNMENT, "one")).is_last


async def test_forgetting_a_missing_lease_is_harmless(world: World, leases: Leases) -> None:
    await leases.forget(ASSIGNMENT)

    assert await world.leases() == []


async def test_a_grant_that_made_nothing_leaves_nothing(world: World, leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")

    await leases.abandon(ASSIGNMENT, "one")
    await leases.abandon(ASSIGNMENT, "one")

    assert await world.leases() == []


async def test_a_grant_that_made_nothing_leaves_the_other_leases(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    await leases.abandon(ASSIGNMENT, "two")

    assert (await leases.release(ASSIGNMENT, "one")).is_last


async def test_two_that_made_nothing_and_release_at_once_leave_nothing(
    world: World, leases: Leases
) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")

    await asyncio.gather(leases.abandon(ASSIGNMENT, "one"), leases.abandon(ASSIGNMENT, "two"))

    assert await world.leases() == []


async def test_another_persons_assignment_has_its_own_leases(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(replace(ASSIGNMENT, principal_id=EVE.object_id), "two")

    assert (await leases.release(ASSIGNMENT, "one")).is_last


async def test_held_assignments_are_listed_with_their_holders(leases: Leases) -> None:
    by_eve = replace(ASSIGNMENT, principal_id=EVE.object_id)
    await leases.acquire(ASSIGNMENT, "one")
    await leases.acquire(ASSIGNMENT, "two")
    await leases.acquire(by_eve, "three")
    await leases.release(by_eve, "three")

    found = {lease.assignment: (lease.holders, lease.deleting) for lease in await leases.all()}

    assert found == {ASSIGNMENT: (("one", "two"), False), by_eve: ((), True)}


async def test_an_unheld_assignment_can_be_seized_repeatedly_by_one_workflow(
    leases: Leases,
) -> None:
    assert await leases.seize(ASSIGNMENT, "orp-one") is True
    assert await leases.seize(ASSIGNMENT, "orp-one") is True
    assert await leases.seize(ASSIGNMENT, "orp-two") is False


async def test_a_grant_waits_while_its_assignment_is_seized(leases: Leases) -> None:
    await leases.seize(ASSIGNMENT, "orp-one")

    with pytest.raises(Unavailable, match="is being deleted"):
        await leases.acquire(ASSIGNMENT, "one")

    await leases.forget(ASSIGNMENT)
    await leases.acquire(ASSIGNMENT, "one")


async def test_an_assignment_held_or_being_released_is_not_seized(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "one")
    held = await leases.seize(ASSIGNMENT, "orp-one")
    await leases.release(ASSIGNMENT, "one")

    assert (held, await leases.seize(ASSIGNMENT, "orp-one")) == (False, False)


async def test_a_grant_holds_what_it_acquired_and_nothing_else(leases: Leases) -> None:
    await leases.acquire(ASSIGNMENT, "req-one")

    assert await leases.holds(ASSIGNMENT, "req-one")
    assert not await leases.holds(ASSIGNMENT, "req-two")


@pytest.mark.parametrize("minutes", [0, 5])
async def test_a_lease_that_may_be_freed_late_leaves_its_deletion_sent(
    world: World, minutes: int
) -> None:
    table = SilentTable("lease-")
    leases = Leases(table, world.clock)
    await leases.acquire(ASSIGNMENT, "one")
    await leases.release(ASSIGNMENT, "one")
    table.times = 1

    with pytest.raises(Unavailable) as raised:
        await leases.forget(ASSIGNMENT, world.clock() + timedelta(minutes=minutes))

    assert raised.value.outcome_unknown
