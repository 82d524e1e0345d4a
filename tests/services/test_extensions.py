"""Extensions of active access: how many must approve, and how often they can be requested."""

import asyncio
from datetime import timedelta

import pytest

from domain import refusals
from domain.access import Request
from domain.people import Actor
from tests.support.builders import ADA, BO, CY, DANA, HOUR, MINUTE, email_of, policies
from tests.support.clock import NINE
from tests.support.house import House, World

OF_TWO = policies(
    approvers=tuple(email_of(one) for one in (ADA, BO, CY)), min_approvals=2, longest=4 * HOUR
)


async def given_by_two() -> House:
    """Give Dana an hour; both the grant and an extension need two approvals."""
    house = House(World(rules=OF_TWO))
    await house.give()
    await house.approve(BO)
    await house.settle()
    return house


async def wish(house: House, said: str = "wish", by: timedelta = HOUR) -> Request:
    return await house.extensions.ask(DANA, "req-one", by, said)


async def end_of(house: House) -> timedelta | None:
    """Return how long after its start access ends."""
    expires_at = (await house.request()).granted.expires_at
    return expires_at - NINE if expires_at else None


async def test_the_first_approval_is_recorded_and_the_last_one_extends() -> None:
    house = await given_by_two()
    await wish(house)

    await house.extensions.allow(ADA, "req-one", "wish")
    between = await end_of(house)
    await house.extensions.allow(BO, "req-one", "wish")

    assert (between, await end_of(house)) == (HOUR, 2 * HOUR)
    assert (await house.event_kinds())[-3:] == ["extension asked", "extension allowed", "extended"]


async def test_the_grantee_gets_the_decision_and_the_audit_channel_every_approval() -> None:
    house = await given_by_two()
    await wish(house)

    await house.extensions.allow(ADA, "req-one", "wish")
    await house.settle()
    told = house.world.courier.told(DANA.object_id)
    audited = house.world.courier.audited()
    await house.extensions.allow(BO, "req-one", "wish")
    await house.settle()

    assert told == ["granted"]
    assert audited[-1] == "extension allowed"
    assert house.world.courier.told(DANA.object_id) == ["granted", "extended"]


async def test_an_extension_approved_by_one_of_two_only_waits_for_the_others() -> None:
    house = await given_by_two()
    await wish(house)

    await house.extensions.allow(ADA, "req-one", "wish")

    waiting = {who: await house.listings.to_decide(who, 10) for who in (ADA, BO, CY)}
    assert [who for who, listing in waiting.items() if listing.requests] == [BO, CY]


async def test_two_simultaneous_approvals_both_count() -> None:
    house = await given_by_two()
    await wish(house)

    await asyncio.gather(*(house.extensions.allow(who, "req-one", "wish") for who in (ADA, BO)))

    assert await end_of(house) == 2 * HOUR
    assert (await house.event_kinds())[-2:] == ["extension allowed", "extended"]


@pytest.mark.parametrize("so_far", [(ADA,), (ADA, BO)])
async def test_a_repeated_approval_counts_once(so_far: tuple[Actor, ...]) -> None:
    house = await given_by_two()
    await wish(house)
    for who in so_far:
        await house.extensions.allow(who, "req-one", "wish")
    before = await house.snapshot()

    again = await house.extensions.allow(ADA, "req-one", "wish")

    assert again == before.stored.head == (await house.snapshot()).stored.head
    assert before.hashes == (await house.snapshot()).hashes


async def test_someone_who_approved_it_can_no_longer_deny_it() -> None:
    house = await given_by_two()
    await wish(house)
    await house.extensions.allow(ADA, "req-one", "wish")

    with pytest.raises(refusals.AlreadyApproved):
        await house.extensions.refuse(ADA, "req-one", "wish")
    assert (await house.event_kinds())[-1] == "extension allowed"


async def test_one_denial_ends_an_extension_request_that_another_approved() -> None:
    house = await given_by_two()
    await wish(house)
    await house.extensions.allow(ADA, "req-one", "wish")
    await house.extensions.refuse(BO, "req-one", "wish")

    with pytest.raises(refusals.ExtensionDecided):
        await house.extensions.allow(CY, "req-one", "wish")
    assert await end_of(house) == HOUR
    assert (await house.event_kinds())[-1] == "extension denied"


async def test_extension_requests_with_the_same_id_can_be_denied_each_time() -> None:
    house = await given_by_two()
    for _ in range(2):
        house.clock.advance(minutes=1)
        await wish(house)
        await house.extensions.refuse(ADA, "req-one", "wish")

    assert (await house.request()).extension is None
    assert (await house.event_kinds()).count("extension denied") == 2


async def test_access_ends_in_time_without_the_second_approval() -> None:
    house = await given_by_two()
    await wish(house)
    await house.extensions.allow(ADA, "req-one", "wish")

    await house.pass_time(HOUR)

    assert house.world.assignments.all() == []
    with pytest.raises(refusals.ExtensionDecided):
        await house.extensions.allow(BO, "req-one", "wish")


async def test_if_the_policy_waives_approval_no_one_has_to_approve() -> None:
    world = World(rules=policies(extend_freely=True, longest=4 * HOUR))
    house = House(world)
    await house.give()

    await wish(house)

    assert await end_of(house) == 2 * HOUR


async def given_to_somebody_in_haste(*, most: int, extend_freely: bool = False) -> House:
    """Give Dana an hour under a rate limit; this request counts as one."""
    rules = policies(requests_per_hour=most, extend_freely=extend_freely, longest=4 * HOUR)
    house = House(World(rules=rules))
    await house.give()
    return house


async def be_refused(house: House, said: str) -> None:
    await wish(house, said)
    await house.extensions.refuse(ADA, "req-one", said)


async def test_someone_who_asks_for_extensions_too_often_must_wait() -> None:
    house = await given_to_somebody_in_haste(most=3)
    await be_refused(house, "first")
    await be_refused(house, "second")
    await house.settle()
    posted = house.world.courier.posted()

    with pytest.raises(refusals.TooManyRequests, match="ask again after 10:00 UTC"):
        await wish(house, "third")
    await house.settle()

    assert posted == house.world.courier.posted()
    assert (await house.request()).extension is None


async def test_extensions_and_requests_count_together() -> None:
    house = await given_to_somebody_in_haste(most=2)
    await wish(house)

    with pytest.raises(refusals.TooManyRequests):
        await house.ask(request_id="req-two")


async def test_the_same_extension_request_counts_each_time_it_goes_to_the_approvers() -> None:
    house = await given_to_somebody_in_haste(most=2)
    await be_refused(house, "wish")

    with pytest.raises(refusals.TooManyRequests):
        await wish(house, "wish")


async def test_a_repeated_extension_request_counts_once() -> None:
    house = await given_to_somebody_in_haste(most=3)
    await wish(house)
    await wish(house)
    await house.extensions.allow(ADA, "req-one", "wish")

    await wish(house, "another")

    assert (await house.event_kinds())[-1] == "extension asked"


async def test_an_extension_request_that_is_too_long_does_not_count() -> None:
    house = await given_to_somebody_in_haste(most=2)
    with pytest.raises(refusals.ExtensionTooLong):
        await wish(house, by=9 * HOUR)

    await wish(house)

    assert (await house.event_kinds())[-1] == "extension asked"


async def test_an_extension_that_needs_no_approval_counts_too() -> None:
    house = await given_to_somebody_in_haste(most=2, extend_freely=True)
    await wish(house, "first", 10 * MINUTE)

    with pytest.raises(refusals.TooManyRequests):
        await wish(house, "second", 10 * MINUTE)
    assert await end_of(house) == HOUR + 10 * MINUTE


async def test_access_past_its_end_cannot_be_extended_even_if_no_worker_ended_it() -> None:
    house = House(World())
    await house.give()
    await wish(house)
    await house.settle()
    house.clock.advance(HOUR + 45 * MINUTE)  # no worker for 45 minutes after the end

    with pytest.raises(refusals.TooLateToExtend, match=r"ended at 10:00 UTC"):
        await house.extensions.allow(ADA, "req-one", "wish")
    with pytest.raises(refusals.TooLateToExtend):
        await house.extensions.ask(DANA, "req-one", HOUR, "another wish")

    assert await end_of(house) == HOUR
