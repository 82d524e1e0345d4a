"""Who can ask, with what justification, how often, and which owners become approvers."""

from dataclasses import replace
from typing import Any

import pytest

from domain import refusals
from domain.policy import JustificationRule
from services.faults import Unavailable
from tests.support.azure_fakes import FakePeople
from tests.support.builders import (
    ADA,
    BO,
    CY,
    DANA,
    EVE,
    OTHER_SECRET,
    SECRET,
    VAULT,
    email_of,
    in_directory,
    policies,
)
from tests.support.house import House, World

DOWN = Unavailable("Microsoft Graph", "down")


async def test_a_requester_not_in_the_policy_is_refused_and_announced() -> None:
    world = World(rules=policies(requesters=(email_of(EVE),)))
    house = House(world)

    with pytest.raises(refusals.MayNotAsk):
        await house.ask(DANA)
    await house.settle()

    assert await house.event_kinds() == ["blocked"]
    assert world.courier.audited() == ["blocked"]


async def test_a_repeated_refusal_has_the_same_words() -> None:
    house = House(World(rules=policies(requesters=(email_of(EVE),))))
    with pytest.raises(refusals.MayNotAsk) as first:
        await house.ask(DANA)

    with pytest.raises(refusals.Blocked) as second:
        await house.ask(DANA)

    assert second.value.sentence == first.value.sentence


async def test_someone_the_policy_names_by_email_can_ask() -> None:
    house = House(World(rules=policies(requesters=(email_of(DANA),))))

    await house.ask(DANA)

    assert await house.event_kinds() == ["requested"]


async def test_a_guest_is_refused_and_announced() -> None:
    world = World()
    world.people = FakePeople(
        replace(in_directory(DANA), guest=True), in_directory(ADA), in_directory(BO)
    )
    house = House(world)

    with pytest.raises(refusals.GuestsMayNotAsk):
        await house.ask(DANA)
    await house.settle()

    assert world.courier.audited() == ["blocked"]


def an_outage(times: int = 10, **rules: Any) -> World:
    """A world whose directory fails this many times; its approver is named by object ID."""
    world = World(rules=policies(approvers=(ADA.object_id,), **rules))
    world.people.faults.order("find", DOWN, times=times)
    return world


async def test_if_guests_are_forbidden_a_directory_outage_blocks_possible_guests() -> None:
    world = an_outage(guests=False)
    house = House(world)

    with pytest.raises(refusals.MembershipUnknown):
        await house.ask(DANA)
    await house.settle()

    assert world.courier.audited() == []


async def test_after_an_outage_the_same_request_is_accepted() -> None:
    house = House(an_outage(times=1, guests=False))
    with pytest.raises(refusals.MembershipUnknown):
        await house.ask(DANA)

    await house.ask(DANA)

    assert await house.event_kinds() == ["requested"]


@pytest.mark.parametrize("guests", [True, None])
async def test_otherwise_an_outage_blocks_no_one_from_asking(guests: bool | None) -> None:
    house = House(an_outage(guests=guests))

    await house.ask(DANA)

    assert await house.event_kinds() == ["requested"]


async def test_access_can_be_given_back_during_an_outage() -> None:
    world = World()
    house = House(world)
    await house.give()
    world.people.faults.order("find", DOWN, times=10)

    await house.endings.give_back(DANA, "req-one")
    await house.settle()

    assert "revoked" in await house.event_kinds()


async def test_someone_unknown_to_the_directory_may_be_a_guest() -> None:
    world = World(rules=policies(guests=False))
    world.people = FakePeople(in_directory(ADA), in_directory(BO))

    with pytest.raises(refusals.MembershipUnknown):
        await House(world).ask(DANA)


async def test_a_request_without_the_ticket_is_refused_and_nothing_is_stored() -> None:
    rule = JustificationRule(ticket=r"CHG-\d+")
    house = House(World(rules=policies(justification=rule)))

    with pytest.raises(refusals.TicketMissing):
        await house.ask(justification="because")

    assert await house.workflows.load("req-one") is None


async def test_an_optional_justification_can_be_empty() -> None:
    house = House(World(rules=policies(justification=JustificationRule(required=False))))

    request = await house.ask(justification="")

    assert request.justification == ""


async def test_owners_named_in_the_tags_are_approvers_too() -> None:
    world = World(rules=policies(owners_approve=True, approvers=(email_of(ADA),)))
    world.secrets.tag(VAULT, SECRET, Owner=f"{email_of(CY)}; {email_of(ADA)}", team="shop")
    house = House(world)

    request = await house.ask()

    assert [person.object_id for person in request.terms.approvers] == [
        ADA.object_id,
        CY.object_id,
    ]


async def test_tags_name_no_approvers_unless_the_policy_says_so() -> None:
    world = World(rules=policies(approvers=(email_of(ADA),)))
    world.secrets.tag(VAULT, SECRET, owner=email_of(CY))
    house = House(world)

    request = await house.ask()

    assert [person.object_id for person in request.terms.approvers] == [ADA.object_id]


async def test_a_request_fails_if_the_owners_cannot_be_read() -> None:
    world = World(rules=policies(owners_approve=True))
    world.secrets.faults.order("tags", Unavailable("Key Vault", "down"))
    house = House(world)

    with pytest.raises(refusals.ServiceUnavailable):
        await house.ask()


async def test_someone_who_asks_too_often_must_wait_and_can_then_ask_again() -> None:
    world = World(rules=policies(requests_per_hour=2))
    house = House(world)
    await house.ask(request_id="req-one")
    world.clock.advance(minutes=20)
    await house.ask(request_id="req-two", secret=OTHER_SECRET)

    with pytest.raises(refusals.TooManyRequests, match="ask again after 10:00 UTC"):
        await house.ask(request_id="req-three")
    world.clock.advance(minutes=40)
    await house.ask(request_id="req-three")

    assert await house.event_kinds("req-three") == ["requested"]


async def test_the_rate_limit_is_per_person() -> None:
    house = House(World(rules=policies(requests_per_hour=1)))
    await house.ask(DANA, "req-one")

    await house.ask(EVE, "req-two")

    assert await house.event_kinds("req-two") == ["requested"]


async def test_a_request_sent_twice_counts_once() -> None:
    house = House(World(rules=policies(requests_per_hour=1)))
    await house.ask()

    await house.ask()

    assert await house.event_kinds() == ["requested"]


async def test_blocked_attempts_count_so_that_no_one_floods_the_audit_channel() -> None:
    world = World(rules=policies(requests_per_hour=1))
    house = House(world)
    with pytest.raises(refusals.NotRequestable):
        await house.ask(request_id="req-one", secret="root-password")

    with pytest.raises(refusals.TooManyRequests):
        await house.ask(request_id="req-two", secret="root-password")
    await house.settle()

    assert world.courier.audited() == ["blocked"]
