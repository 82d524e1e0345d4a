"""Groups in Microsoft Graph, and who is in them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from domain.people import Group, Person
from sandbox.seed import (
    AVERY,
    BOT,
    GALE,
    PAYMENTS_APPROVERS,
    PAYMENTS_ON_CALL,
    ROBIN,
    DirectoryGroup,
)
from services.azure.calls.pipeline import Pipeline
from services.azure.entra.groups import AT_ONCE, GraphGroups
from services.faults import NotPermitted, Rejected, Unavailable
from tests.services.azure.conftest import answering
from tests.support.groups import add_large_group
from tests.support.sandbox import Sandbox


@pytest.fixture
async def groups(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[GraphGroups]:
    groups = GraphGroups(
        sandbox.credential(BOT.id),
        pipeline,
        endpoint=sandbox.base_url,
        token_scope=f"{sandbox.base_url}/.default",
    )
    yield groups
    await groups.close()


def permit(sandbox: Sandbox, *permissions: str) -> None:
    bot = replace(BOT, graph_permissions=permissions)
    sandbox.state.directory.service_principals[BOT.id] = bot


async def test_a_name_that_two_groups_have_finds_neither(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    twin = DirectoryGroup(str(UUID(int=7)), PAYMENTS_APPROVERS.display_name.upper())
    sandbox.state.directory.groups[twin.id] = twin

    with pytest.raises(Rejected, match="several groups are called 'Payments approvers'"):
        await groups.find("Payments approvers")
    assert await groups.find(twin.id) == Group(twin.id, twin.display_name)


@pytest.mark.parametrize("name", ["Rock'n'roll & co", "50% #1 / + ?", "a' or displayName eq 'b"])
async def test_a_name_may_contain_characters_that_urls_and_filters_use(
    sandbox: Sandbox, groups: GraphGroups, name: str
) -> None:
    named = DirectoryGroup(str(UUID(int=7)), name)
    sandbox.state.directory.groups[named.id] = named

    assert await groups.find(name) == Group(named.id, name)


async def test_a_quote_does_not_end_the_filter(groups: GraphGroups) -> None:
    assert await groups.find("x' or displayName eq 'Payments approvers") is None


async def test_a_name_that_looks_like_a_path_is_a_name(groups: GraphGroups) -> None:
    assert await groups.find(f"../groups/{PAYMENTS_APPROVERS.id}") is None
    assert await groups.memberships("..", [PAYMENTS_APPROVERS.id]) == frozenset()


async def test_no_call_asks_about_more_groups_than_graph_takes(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    wanted = [str(UUID(int=number)) for number in range(2 * AT_ONCE)] + [PAYMENTS_ON_CALL.id]

    assert await groups.memberships(ROBIN.id, wanted) == {PAYMENTS_ON_CALL.id}
    assert [one.status for one in sandbox.log if one.method == "POST"] == [200, 200, 200]


async def test_no_groups_take_no_call(sandbox: Sandbox, groups: GraphGroups) -> None:
    assert await groups.memberships(ROBIN.id, []) == frozenset()
    assert sandbox.log == []


async def test_nothing_is_kept_from_one_question_to_the_next(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    before = await groups.memberships(AVERY.id, [PAYMENTS_APPROVERS.id])
    sandbox.state.directory.groups[PAYMENTS_APPROVERS.id] = replace(PAYMENTS_APPROVERS, members=())

    assert before == {PAYMENTS_APPROVERS.id}
    assert await groups.memberships(AVERY.id, [PAYMENTS_APPROVERS.id]) == frozenset()


async def test_a_group_in_a_circle_is_not_followed_for_ever(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    circle = replace(PAYMENTS_ON_CALL, members=(ROBIN.id, PAYMENTS_APPROVERS.id))
    sandbox.state.directory.groups[circle.id] = circle

    assert await groups.memberships(AVERY.id, [circle.id]) == {circle.id}


async def test_a_large_group_is_read_only_as_far_as_asked(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    large = add_large_group(sandbox.state.directory)

    assert len(await groups.members(large.id, 11)) == 11
    assert len(sandbox.log) == 1


async def test_all_pages_are_read_to_find_enough_people(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    large = add_large_group(sandbox.state.directory, 300, disabled=150)

    found = await groups.members(large.id, 120)

    assert len(found) == 120
    assert len(sandbox.log) == 3
    assert {one.status for one in sandbox.log} == {200}


async def test_members_are_ordered_whatever_order_graph_has(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    directory = sandbox.state.directory
    directory.users = dict(reversed(directory.users.items()))

    found = await groups.members(PAYMENTS_APPROVERS.id, 10)

    assert [person.object_id for person in found] == [AVERY.id, ROBIN.id]


async def test_a_group_with_fewer_people_is_read_to_its_end(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    large = add_large_group(sandbox.state.directory, 1_200)

    assert len(await groups.members(large.id, 5_000)) == 1_200


async def test_a_guest_in_a_group_is_recognized(sandbox: Sandbox, groups: GraphGroups) -> None:
    sandbox.state.directory.groups[PAYMENTS_ON_CALL.id] = replace(
        PAYMENTS_ON_CALL, members=(GALE.id,)
    )

    assert await groups.members(PAYMENTS_ON_CALL.id, 10) == (
        Person(GALE.id, GALE.display_name, GALE.mail, guest=True),
    )


async def test_without_the_permission_for_groups_nothing_is_answered(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    permit(sandbox, "User.Read.All")

    for question in (
        groups.find(PAYMENTS_APPROVERS.id),
        groups.find(PAYMENTS_APPROVERS.display_name),
        groups.memberships(AVERY.id, [PAYMENTS_APPROVERS.id]),
        groups.members(PAYMENTS_APPROVERS.id, 10),
    ):
        with pytest.raises(NotPermitted, match="403 Authorization_RequestDenied"):
            await question


async def test_without_the_permission_for_people_members_have_no_names(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    permit(sandbox, "GroupMember.Read.All")

    found = await groups.members(PAYMENTS_ON_CALL.id, 1)

    assert found == (Person(ROBIN.id, ROBIN.id),)
    with pytest.raises(NotPermitted):
        await groups.memberships(AVERY.id, [PAYMENTS_APPROVERS.id])


async def test_groups_that_are_down_are_unavailable(sandbox: Sandbox, groups: GraphGroups) -> None:
    sandbox.state.knobs.groups_available = False

    for question in (
        groups.find(PAYMENTS_APPROVERS.id),
        groups.memberships(AVERY.id, [PAYMENTS_APPROVERS.id]),
        groups.members(PAYMENTS_APPROVERS.id, 10),
    ):
        with pytest.raises(Unavailable, match="503 ServiceUnavailable"):
            await question


async def test_a_question_that_failed_briefly_is_asked_again(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    sandbox.break_next(answering(503, "ServiceUnavailable", times=1))

    assert await groups.memberships(AVERY.id, [PAYMENTS_APPROVERS.id]) == {PAYMENTS_APPROVERS.id}


async def test_a_throttled_graph_is_unavailable_for_as_long_as_it_asks(
    sandbox: Sandbox, groups: GraphGroups
) -> None:
    sandbox.break_next(answering(429, "TooManyRequests", headers={"Retry-After": "30"}))

    with pytest.raises(Unavailable) as caught:
        await groups.memberships(AVERY.id, [PAYMENTS_APPROVERS.id])

    assert caught.value.retry_after == timedelta(seconds=30)
