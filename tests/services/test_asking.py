"""Who may ask, with which words, how often, and whom a secret's own tags make an approver."""

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


async def test_somebody_whom_the_policy_does_not_name_is_refused_and_it_is_announced() -> None:
    world = World(rules=policies(requesters=(email_of(EVE),)))
    house = House(world)

    with pytest.raises(refusals.MayNotAsk):
        await house.ask(DANA)
    await house.settle()

    assert await house.event_kinds() == ["blocked"]
    assert world.courier.audited() == ["blocked"]


async def test_a_refusal_is_given_again_in_the_same_words() -> None:
    house = House(World(rules=policies(requesters=(email_of(EVE),))))
    with pytest.raises(refusals.MayNotAsk) as first:
        await house.ask(DANA)

    with pytest.raises(refusals.Blocked) as second:
        await house.ask(DANA)

    assert second.value.sentence == first.value.sentence


async def test_somebody_whom_the_policy_names_by_email_may_ask() -> None:
    house = House(World(rules=policies(requesters=(email_of(DANA),))))

    await house.ask(DANA)

    assert await house.event_kinds() == ["requested"]


async def test_a_guest_is_refused_and_it_is_announced() -> None:
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
    """A world whose directory does not answer so many times; its approver can be named without."""
    world = World(rules=policies(approvers=(ADA.object_id,), **rules))
    world.people.faults.order("find", DOWN, times=times)
    return world


async def test_where_guests_may_not_nobody_asks_in_an_outage_who_could_be_one() -> None:
    world = an_outage(guests=False)
    house = House(world)

    with pytest.raises(refusals.MembershipUnknown):
        await house.ask(DANA)
    await house.settle()

    assert world.courier.audited() == []


async def test_after_an_outage_the_same_request_is_let_through() -> None:
    house = House(an_outage(times=1, guests=False))
    with pytest.raises(refusals.MembershipUnknown):
        await house.ask(DANA)

    await house.ask(DANA)

    assert await house.event_kinds() == ["requested"]


@pytest.mark.parametrize("guests", [True, None])
async def test_elsewhere_an_outage_keeps_nobody_from_asking(guests: bool | None) -> None:
    house = House(an_outage(guests=guests))

    await house.ask(DANA)

    assert await house.event_kinds() == ["requested"]


async def test_during_an_outage_access_is_given_back_all_the_same() -> None:
    world = World()
    house = House(world)
    await house.give()
    world.people.faults.order("find", DOWN, times=10)

    await house.endings.give_back(DANA, "req-one")
    await house.settle()

    assert "revoked" in await house.event_kinds()


async def test_whom_the_directory_does_not_know_may_be_a_guest() -> None:
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


async def test_no_justification_is_fine_where_it_is_optional() -> None:
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


async def test_tags_make_nobody_an_approver_where_the_policy_does_not_say_so() -> None:
    world = World(rules=policies(approvers=(email_of(ADA),)))
    world.secrets.tag(VAULT, SECRET, owner=email_of(CY))
    house = House(world)

    request = await house.ask()

    assert [person.object_id for person in request.terms.approvers] == [ADA.object_id]


async def test_owners_who_cannot_be_read_are_not_done_without() -> None:
    world = World(rules=policies(owners_approve=True))
    world.secrets.faults.order("tags", Unavailable("Key Vault", "down"))
    house = House(world)

    with pytest.raises(refusals.ServiceUnavailable):
        await house.ask()


async def test_whoever_asks_too_often_is_asked_to_wait_and_may_ask_again_after_that() -> None:
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


async def test_one_persons_haste_is_not_anothers() -> None:
    house = House(World(rules=policies(requests_per_hour=1)))
    await house.ask(DANA, "req-one")

    await house.ask(EVE, "req-two")

    assert await house.event_kinds("req-two") == ["requested"]


async def test_a_request_that_is_sent_twice_counts_once() -> None:
    house = House(World(rules=policies(requests_per_hour=1)))
    await house.ask()

    await house.ask()

    assert await house.event_kinds() == ["requested"]


async def test_blocked_attempts_count_so_that_nobody_floods_the_audit_channel() -> None:
    world = World(rules=policies(requests_per_hour=1))
    house = House(world)
    with pytest.raises(refusals.NotRequestable):
        await house.ask(request_id="req-one", secret="root-password")

    with pytest.raises(refusals.TooManyRequests):
        await house.ask(request_id="req-two", secret="root-password")
    await house.settle()

    assert world.courier.audited() == ["blocked"]
