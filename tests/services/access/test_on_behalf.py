"""Access that one person requests for another."""

from typing import Any

import pytest

from domain.access.request import Request
from domain.refusals.decisions import SelfApproval
from domain.refusals.requests import (
    MayNotAskForOthers,
    MayNotBeAskedFor,
    NobodyCanApprove,
    NobodyOfThatName,
)
from tests.support.builders import ADA, BO, CY, DANA, EVE, HOUR, MINUTE, email_of, policies
from tests.support.refusing import refusing
from tests.support.replica import Replica, World


def a_world(**changes: Any) -> World:
    """Build a world whose policy lets Dana request for others."""
    return World(rules=policies(**({"on_behalf": (email_of(DANA),)} | changes)))


async def ask_for(replica: Replica, whom: str = email_of(EVE), **draft: Any) -> Request:
    return await replica.ask(DANA, for_whom=whom, **draft)


async def give_to_eve(replica: Replica) -> None:
    await ask_for(replica)
    await replica.approve(ADA)
    await replica.settle()


async def test_access_goes_to_the_grantee() -> None:
    world = a_world()
    replica = Replica(world)

    await give_to_eve(replica)

    (assigned,) = world.assignments.all()
    assert assigned.assignment.principal_id == EVE.object_id
    assert (await replica.request()).requester == DANA


async def test_someone_not_permitted_to_ask_for_others_is_refused_and_announced() -> None:
    world = a_world(on_behalf=(email_of(BO),))
    replica = Replica(world)

    with pytest.raises(MayNotAskForOthers):
        await ask_for(replica)
    await replica.settle()

    assert world.message_sender.audited() == ["blocked"]


async def test_no_one_can_ask_for_others_unless_the_policy_allows_it() -> None:
    with pytest.raises(MayNotAskForOthers):
        await ask_for(Replica(World()))


async def test_a_grantee_must_be_a_permitted_requester() -> None:
    replica = Replica(a_world(requesters=(email_of(DANA),)))

    with pytest.raises(MayNotBeAskedFor):
        await ask_for(replica)


async def test_someone_not_in_the_directory_gets_nothing() -> None:
    replica = Replica(a_world())

    with pytest.raises(NobodyOfThatName):
        await ask_for(replica, "nobody@contoso.example")


async def test_naming_oneself_as_grantee_is_a_normal_request() -> None:
    replica = Replica(a_world(on_behalf=()))

    request = await ask_for(replica, email_of(DANA))

    assert request.beneficiary is None


async def test_neither_requester_nor_grantee_can_decide() -> None:
    replica = Replica(a_world(approvers=tuple(email_of(one) for one in (DANA, EVE, ADA))))
    await ask_for(replica)

    for actor in (DANA, EVE):
        with pytest.raises(SelfApproval):
            await replica.approve(actor)
        with pytest.raises(SelfApproval):
            await replica.deny(actor)

    assert await replica.event_kinds() == ["requested"]


async def test_neither_requester_nor_grantee_counts_towards_the_quorum() -> None:
    replica = Replica(a_world(approvers=(email_of(DANA), email_of(EVE))))

    with refusing(NobodyCanApprove, saying=f"other than you and {EVE.name}"):
        await ask_for(replica)


async def test_neither_requester_nor_grantee_is_asked_to_decide() -> None:
    world = a_world(approvers=tuple(email_of(one) for one in (EVE, ADA)))
    replica = Replica(world)

    await ask_for(replica)
    await replica.settle()

    asked = [key for key in world.message_sender.posted() if key.startswith("approver-")]
    assert asked == [f"approver-{ADA.object_id}"]


async def test_both_get_messages_about_the_outcome() -> None:
    world = a_world()
    replica = Replica(world)

    await give_to_eve(replica)
    await replica.pass_time(2 * HOUR)

    posted = world.message_sender.posted()
    numbers = [key.removeprefix("requester-") for key in posted if key.startswith("requester-")]
    assert [key for key in posted if key.startswith("holder-")] == [
        "holder-000001",
        *(f"holder-{number}" for number in numbers),
    ]


@pytest.mark.parametrize("actor", [DANA, EVE])
async def test_both_can_ask_for_an_extension(actor: Any) -> None:
    replica = Replica(a_world())
    await give_to_eve(replica)

    await replica.extensions.ask(actor, "req-one", 30 * MINUTE)

    assert (await replica.event_kinds())[-1] == "extension_asked"


@pytest.mark.parametrize("actor", [DANA, EVE])
async def test_neither_can_approve_an_extension(actor: Any) -> None:
    replica = Replica(a_world(approvers=tuple(email_of(one) for one in (DANA, EVE, ADA))))
    await give_to_eve(replica)
    await replica.extensions.ask(DANA, "req-one", 30 * MINUTE)

    with pytest.raises(SelfApproval):
        await replica.extensions.allow(actor, "req-one")


async def test_the_first_event_says_who_asked_for_whom() -> None:
    replica = Replica(a_world())

    await ask_for(replica)

    (requested,) = await replica.events()
    assert requested.actor == DANA
    assert requested.facts["for"] == EVE.object_id


async def test_own_access_and_access_requested_by_someone_else_share_the_assignment() -> None:
    world = a_world()
    replica = Replica(world)
    await give_to_eve(replica)

    await replica.give(EVE, "req-two", window=2 * HOUR)
    await replica.pass_time(HOUR)

    assert len(world.assignments.all()) == 1
    assert [one.name for one in (CY, EVE) if await _has_access(world, one.object_id)] == [EVE.name]


async def _has_access(world: World, object_id: str) -> bool:
    return any(one.assignment.principal_id == object_id for one in world.assignments.all())
