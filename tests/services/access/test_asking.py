"""Who can ask, with what justification, how often, and which owners become approvers."""

from dataclasses import replace
from typing import Any

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.request import RequestState
from domain.access.rules.policy import JustificationRule
from domain.people import Person
from domain.refusals.requests import (
    Blocked,
    GuestsMayNotAsk,
    MayNotAsk,
    MembershipUnknown,
    NotInDirectory,
    TicketMissing,
    TooManyRequests,
)
from domain.refusals.secrets import NotRequestable
from domain.refusals.services import ServiceUnavailable
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
from tests.support.refusing import refusing
from tests.support.replica import Replica, World, a_draft

DOWN = Unavailable("Microsoft Graph", "down")


async def test_a_requester_not_in_the_policy_is_refused_and_announced() -> None:
    world = World(rules=policies(requesters=(email_of(EVE),)))
    replica = Replica(world)

    with pytest.raises(MayNotAsk):
        await replica.ask(DANA)
    await replica.settle()

    assert await replica.event_kinds() == ["blocked"]
    assert world.message_sender.audited() == ["blocked"]


async def test_a_repeated_refusal_has_the_same_words() -> None:
    replica = Replica(World(rules=policies(requesters=(email_of(EVE),))))
    with pytest.raises(MayNotAsk) as first:
        await replica.ask(DANA)

    with pytest.raises(Blocked) as second:
        await replica.ask(DANA)

    assert sentence_of(second.value) == sentence_of(first.value)


async def test_someone_the_policy_names_by_email_can_ask() -> None:
    replica = Replica(World(rules=policies(requesters=(email_of(DANA),))))

    await replica.ask(DANA)

    assert await replica.event_kinds() == ["requested"]


class _PeopleWithoutAnswer(FakePeople):
    """A directory that doesn't answer about one person's email."""

    async def find(self, who: str) -> Person | None:
        if who == email_of(DANA):
            raise DOWN
        return await super().find(who)


def a_partial_outage(**rules: Any) -> Replica:
    world = World(rules=policies(**rules))
    world.people = _PeopleWithoutAnswer(*(in_directory(one) for one in (DANA, EVE, ADA, BO)))
    return Replica(world)


NAMED = (email_of(EVE), email_of(DANA))


async def test_without_an_answer_about_someone_they_are_not_told_that_no_rule_names_them() -> None:
    replica = a_partial_outage(requesters=NAMED)
    world = replica.world

    with pytest.raises(ServiceUnavailable):
        await replica.ask(DANA)
    await replica.settle()

    assert world.message_sender.audited() == []


async def test_nor_that_they_may_not_ask_for_others() -> None:
    replica = a_partial_outage(on_behalf=NAMED)

    with pytest.raises(ServiceUnavailable):
        await replica.ask(DANA, for_whom=email_of(EVE))


async def test_nor_that_they_may_not_take_break_glass_access() -> None:
    replica = a_partial_outage(break_glass=NAMED)

    with pytest.raises(ServiceUnavailable):
        await replica.access.break_glass(DANA, a_draft(), ())


async def test_an_approval_during_a_partial_outage_blames_nobody() -> None:
    replica = a_partial_outage()
    await replica.ask(DANA)
    replica.world.policies.adopt(policies(requesters=NAMED))

    assert (await replica.approve(ADA)).state is RequestState.GRANTING


async def test_someone_whom_a_rule_surely_does_not_name_is_refused_in_spite_of_other_failures() -> (
    None
):
    replica = a_partial_outage(requesters=(email_of(EVE),))

    with pytest.raises(MayNotAsk):
        await replica.ask(DANA)


async def test_a_guest_is_refused_and_announced() -> None:
    world = World()
    world.people = FakePeople(
        replace(in_directory(DANA), guest=True), in_directory(ADA), in_directory(BO)
    )
    replica = Replica(world)

    with pytest.raises(GuestsMayNotAsk):
        await replica.ask(DANA)
    await replica.settle()

    assert world.message_sender.audited() == ["blocked"]


def an_outage(times: int = 10, **rules: Any) -> World:
    """A world whose directory fails this many times; its approver is named by object ID."""
    world = World(rules=policies(approvers=(ADA.object_id,), **rules))
    world.people.faults.order("find", DOWN, times=times)
    return world


async def test_if_guests_are_forbidden_a_directory_outage_blocks_possible_guests() -> None:
    world = an_outage(guests=False)
    replica = Replica(world)

    with pytest.raises(MembershipUnknown):
        await replica.ask(DANA)
    await replica.settle()

    assert world.message_sender.audited() == []


async def test_after_an_outage_the_same_request_is_accepted() -> None:
    replica = Replica(an_outage(times=1, guests=False))
    with pytest.raises(MembershipUnknown):
        await replica.ask(DANA)

    await replica.ask(DANA)

    assert await replica.event_kinds() == ["requested"]


@pytest.mark.parametrize("guests", [True, None])
async def test_otherwise_an_outage_blocks_no_one_from_asking(guests: bool | None) -> None:
    replica = Replica(an_outage(guests=guests))

    await replica.ask(DANA)

    assert await replica.event_kinds() == ["requested"]


async def test_access_can_be_given_back_during_an_outage() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.people.faults.order("find", DOWN, times=10)

    await replica.endings.give_back(DANA, "req-one")
    await replica.settle()

    assert "revoked" in await replica.event_kinds()


async def test_someone_whom_the_directory_does_not_have_may_be_a_guest_and_stays_refused() -> None:
    world = World(rules=policies(guests=False))
    world.people = FakePeople(in_directory(ADA), in_directory(BO))
    replica = Replica(world)

    with pytest.raises(NotInDirectory):
        await replica.ask(DANA)
    await replica.settle()

    assert world.message_sender.audited() == ["blocked"]


async def test_a_request_without_the_ticket_is_refused_and_nothing_is_stored() -> None:
    rule = JustificationRule(ticket=r"CHG-\d+")
    replica = Replica(World(rules=policies(justification=rule)))

    with pytest.raises(TicketMissing):
        await replica.ask(justification="because")

    assert await replica.workflows.load("req-one") is None


async def test_an_optional_justification_can_be_empty() -> None:
    replica = Replica(World(rules=policies(justification=JustificationRule(required=False))))

    request = await replica.ask(justification="")

    assert request.justification == ""


async def test_owners_named_in_the_tags_are_approvers_too() -> None:
    world = World(rules=policies(owners_approve=True, approvers=(email_of(ADA),)))
    world.secrets.tag(VAULT, SECRET, Owner=f"{email_of(CY)}; {email_of(ADA)}", team="shop")
    replica = Replica(world)

    request = await replica.ask()

    assert [person.object_id for person in request.terms.approvers] == [
        ADA.object_id,
        CY.object_id,
    ]


async def test_tags_name_no_approvers_unless_the_policy_says_so() -> None:
    world = World(rules=policies(approvers=(email_of(ADA),)))
    world.secrets.tag(VAULT, SECRET, owner=email_of(CY))
    replica = Replica(world)

    request = await replica.ask()

    assert [person.object_id for person in request.terms.approvers] == [ADA.object_id]


async def test_a_request_fails_if_the_owners_cannot_be_read() -> None:
    world = World(rules=policies(owners_approve=True))
    world.secrets.faults.order("tags", Unavailable("Key Vault", "down"))
    replica = Replica(world)

    with pytest.raises(ServiceUnavailable):
        await replica.ask()


async def test_someone_who_asks_too_often_must_wait_and_can_then_ask_again() -> None:
    world = World(rules=policies(requests_per_hour=2))
    replica = Replica(world)
    await replica.ask(request_id="req-one")
    world.clock.advance(minutes=20)
    await replica.ask(request_id="req-two", secret=OTHER_SECRET)

    with refusing(TooManyRequests, saying="ask again after 10:00 UTC"):
        await replica.ask(request_id="req-three")
    world.clock.advance(minutes=40)
    await replica.ask(request_id="req-three")

    assert await replica.event_kinds("req-three") == ["requested"]


async def test_the_rate_limit_is_per_person() -> None:
    replica = Replica(World(rules=policies(requests_per_hour=1)))
    await replica.ask(DANA, "req-one")

    await replica.ask(EVE, "req-two")

    assert await replica.event_kinds("req-two") == ["requested"]


async def test_a_request_sent_twice_counts_once() -> None:
    replica = Replica(World(rules=policies(requests_per_hour=1)))
    await replica.ask()

    await replica.ask()

    assert await replica.event_kinds() == ["requested"]


async def test_blocked_attempts_count_so_that_no_one_floods_the_audit_channel() -> None:
    world = World(rules=policies(requests_per_hour=1))
    replica = Replica(world)
    with pytest.raises(NotRequestable):
        await replica.ask(request_id="req-one", secret="root-password")

    with pytest.raises(TooManyRequests):
        await replica.ask(request_id="req-two", secret="root-password")
    await replica.settle()

    assert world.message_sender.audited() == ["blocked"]
