"""Who is in which group, and for how long an answer counts."""

import asyncio
from uuid import UUID

import pytest

from domain.people import Group
from services.faults import Fault, NotPermitted, Rejected, Unavailable
from services.people import groups as groups_module
from services.people.groups import FRESH, FRESH_NAMES, GroupMemberships
from tests.support.azure_fakes import FakeGroups
from tests.support.builders import ADA, BO, in_directory
from tests.support.clock import ManualClock

APPROVERS = Group(str(UUID(int=1)), "Approvers")
ON_CALL = Group(str(UUID(int=2)), "On call")
OTHERS = Group(str(UUID(int=3)), "Others")
DOWN = Unavailable("Microsoft Graph", "503")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def directory() -> FakeGroups:
    groups = FakeGroups()
    groups.add(ON_CALL, in_directory(BO))
    groups.add(APPROVERS, in_directory(ADA), ON_CALL)
    groups.add(OTHERS)
    return groups


@pytest.fixture
def memberships(directory: FakeGroups, clock: ManualClock) -> GroupMemberships:
    return GroupMemberships(directory, clock)


async def test_a_member_of_a_nested_group_belongs_to_both(memberships: GroupMemberships) -> None:
    ids = [APPROVERS.object_id, ON_CALL.object_id, OTHERS.object_id]

    assert await memberships.of(BO.object_id, ids) == {APPROVERS.object_id, ON_CALL.object_id}
    assert await memberships.of(ADA.object_id, ids) == {APPROVERS.object_id}


async def test_ids_are_compared_ignoring_case(
    memberships: GroupMemberships, directory: FakeGroups
) -> None:
    letters = Group("abcdef00-0000-4000-8000-000000000000", "Letters")
    directory.add(letters, in_directory(BO))
    shouted = letters.object_id.upper()

    assert await memberships.of(BO.object_id.upper(), [shouted]) == {shouted}
    assert await memberships.of(BO.object_id, [letters.object_id]) == {letters.object_id}
    assert directory.calls == ["memberships"]


async def test_no_groups_are_not_asked_about(
    memberships: GroupMemberships, directory: FakeGroups
) -> None:
    assert await memberships.of(BO.object_id, []) == frozenset()
    assert directory.calls == []


async def test_an_answer_counts_for_a_minute_and_no_longer(
    memberships: GroupMemberships, directory: FakeGroups, clock: ManualClock
) -> None:
    await memberships.of(ADA.object_id, [APPROVERS.object_id])
    directory.remove(APPROVERS, in_directory(ADA))

    clock.advance(FRESH, seconds=-1)
    just_before = await memberships.of(ADA.object_id, [APPROVERS.object_id])
    clock.advance(seconds=1)
    after_a_minute = await memberships.of(ADA.object_id, [APPROVERS.object_id])

    assert just_before == {APPROVERS.object_id}
    assert after_a_minute == frozenset()


async def test_an_answer_that_took_long_is_as_old_as_its_question(
    memberships: GroupMemberships, directory: FakeGroups, clock: ManualClock
) -> None:
    directory.answering.clear()
    asking = asyncio.create_task(memberships.of(ADA.object_id, [APPROVERS.object_id]))
    await asyncio.sleep(0)
    clock.advance(seconds=40)
    directory.answering.set()
    await asking
    directory.remove(APPROVERS, in_directory(ADA))
    clock.advance(seconds=20)

    assert await memberships.of(ADA.object_id, [APPROVERS.object_id]) == frozenset()


async def test_a_clock_that_is_set_back_makes_no_answer_last_longer(
    memberships: GroupMemberships, directory: FakeGroups, clock: ManualClock
) -> None:
    await memberships.of(ADA.object_id, [APPROVERS.object_id])
    directory.remove(APPROVERS, in_directory(ADA))
    clock.advance(hours=-1)

    assert await memberships.of(ADA.object_id, [APPROVERS.object_id]) == frozenset()


@pytest.mark.parametrize(
    "fault", [DOWN, NotPermitted("Microsoft Graph", "403"), Rejected("Microsoft Graph", "400")]
)
async def test_no_one_is_admitted_by_an_older_answer_during_an_outage(
    memberships: GroupMemberships, directory: FakeGroups, clock: ManualClock, fault: Fault
) -> None:
    await memberships.of(ADA.object_id, [APPROVERS.object_id])
    await memberships.members(APPROVERS, 10)
    clock.advance(FRESH)
    directory.faults.order("memberships", fault)
    directory.faults.order("members", fault)

    with pytest.raises(Unavailable, match=fault.cause):
        await memberships.of(ADA.object_id, [APPROVERS.object_id])
    with pytest.raises(Unavailable, match=fault.cause):
        await memberships.members(APPROVERS, 10)


async def test_a_failure_is_not_kept(memberships: GroupMemberships, directory: FakeGroups) -> None:
    directory.faults.order("memberships", DOWN)
    with pytest.raises(Unavailable):
        await memberships.of(ADA.object_id, [APPROVERS.object_id])

    assert await memberships.of(ADA.object_id, [APPROVERS.object_id]) == {APPROVERS.object_id}


async def test_those_who_ask_about_a_person_at_once_share_one_call(
    memberships: GroupMemberships, directory: FakeGroups
) -> None:
    answers = await asyncio.gather(
        *(memberships.of(ADA.object_id, [APPROVERS.object_id]) for _ in range(5))
    )

    assert set(answers) == {frozenset([APPROVERS.object_id])}
    assert directory.calls == ["memberships"]


async def test_a_known_answer_is_not_asked_for_again_with_a_new_question(
    memberships: GroupMemberships, directory: FakeGroups
) -> None:
    await memberships.of(ADA.object_id, [APPROVERS.object_id])
    directory.delete(APPROVERS)

    both = await memberships.of(ADA.object_id, [APPROVERS.object_id, OTHERS.object_id])

    assert both == {APPROVERS.object_id}


async def test_one_who_stops_waiting_does_not_stop_the_others(
    memberships: GroupMemberships, directory: FakeGroups
) -> None:
    directory.answering.clear()
    first, second = (
        asyncio.create_task(memberships.of(ADA.object_id, [APPROVERS.object_id])) for _ in range(2)
    )
    await asyncio.sleep(0)
    first.cancel()
    directory.answering.set()

    assert await second == {APPROVERS.object_id}
    assert directory.calls == ["memberships"]


async def test_a_directory_that_does_not_answer_in_time_is_an_outage(
    memberships: GroupMemberships, directory: FakeGroups, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups_module, "PATIENCE", FRESH * 0)
    directory.answering.clear()

    with pytest.raises(Unavailable, match="no answer within"):
        await memberships.of(ADA.object_id, [APPROVERS.object_id])


async def test_groups_are_resolved_by_name_and_id_each_once_in_order(
    memberships: GroupMemberships,
) -> None:
    found = await memberships.resolve(["others", APPROVERS.object_id, "Approvers", "no such"])

    assert found == (OTHERS, APPROVERS)


async def test_an_ambiguous_name_admits_no_one(
    memberships: GroupMemberships, directory: FakeGroups, caplog: pytest.LogCaptureFixture
) -> None:
    directory.add(Group(str(UUID(int=4)), APPROVERS.name))

    assert await memberships.resolve([APPROVERS.name]) == ()
    assert "several groups are called 'Approvers'" in caplog.text


async def test_a_name_follows_the_group_that_gets_it(
    memberships: GroupMemberships, directory: FakeGroups, clock: ManualClock
) -> None:
    successor = Group(str(UUID(int=4)), APPROVERS.name)
    await memberships.resolve([APPROVERS.name])
    directory.rename(APPROVERS, "Former approvers")
    directory.add(successor)

    clock.advance(FRESH_NAMES, seconds=-1)
    still = await memberships.resolve([APPROVERS.name])
    clock.advance(seconds=1)
    then = await memberships.resolve([APPROVERS.name])

    assert still == (APPROVERS,)
    assert then == (successor,)


async def test_a_name_without_a_group_is_looked_up_again(
    memberships: GroupMemberships, directory: FakeGroups
) -> None:
    new = Group(str(UUID(int=4)), "New")
    assert await memberships.resolve(["New"]) == ()
    directory.add(new)

    assert await memberships.resolve(["New"]) == (new,)


async def test_a_name_is_not_answered_from_older_data_during_an_outage(
    memberships: GroupMemberships, directory: FakeGroups, clock: ManualClock
) -> None:
    await memberships.resolve([APPROVERS.name])
    clock.advance(FRESH_NAMES)
    directory.faults.order("find", DOWN)

    with pytest.raises(Unavailable):
        await memberships.resolve([APPROVERS.name])


async def test_the_members_of_a_group_are_counted_up_to_a_number(
    memberships: GroupMemberships, directory: FakeGroups
) -> None:
    both = await memberships.members(APPROVERS, 2)
    one = await memberships.members(APPROVERS, 1)
    again = await memberships.members(APPROVERS, 2)

    assert set(both) == {in_directory(ADA), in_directory(BO)}
    assert len(one) == 1
    assert again == both
    assert directory.calls == ["members", "members"]
