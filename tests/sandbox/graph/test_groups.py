"""Microsoft Graph, for groups and who is in them."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from sandbox.graph.groups import is_about_groups
from sandbox.seed import (
    AVERY,
    BOT,
    DANA,
    OPERATOR,
    PAYMENTS_APPROVERS,
    PAYMENTS_ON_CALL,
    ROBIN,
    SAM,
    DirectoryGroup,
)
from tests.support.groups import add_large_group
from tests.support.sandbox import Sandbox

PEOPLE = f"/groups/{PAYMENTS_APPROVERS.id}/transitiveMembers/microsoft.graph.user"
ADVANCED = {"ConsistencyLevel": "eventual"}


async def ask(
    sandbox: Sandbox,
    path: str,
    principal: str = BOT.id,
    *,
    headers: dict[str, str] | None = None,
    **query: str,
) -> tuple[int, dict[str, Any]]:
    address = path if path.startswith("https:") else f"{sandbox.base_url}/v1.0{path}"
    sent = await _authorization(sandbox, principal) | (headers or {})
    async with sandbox.session.get(address, headers=sent, params=query) as answer:
        return answer.status, await answer.json()


async def check(
    sandbox: Sandbox, who: str, groups: object, principal: str = BOT.id
) -> tuple[int, dict[str, Any]]:
    address = f"{sandbox.base_url}/v1.0/users/{who}/checkMemberGroups"
    sent = await _authorization(sandbox, principal)
    async with sandbox.session.post(address, headers=sent, json={"groupIds": groups}) as answer:
        return answer.status, await answer.json()


async def _authorization(sandbox: Sandbox, principal: str) -> dict[str, str]:
    token = await sandbox.credential(principal).get_token("https://graph.microsoft.com/.default")
    return {"Authorization": f"Bearer {token.token}"}


def code(error: dict[str, Any]) -> str:
    return str(error["error"]["code"])


async def test_a_group_is_returned_by_id(sandbox: Sandbox) -> None:
    status, found = await ask(sandbox, f"/groups/{PAYMENTS_APPROVERS.id.upper()}")

    assert status == 200
    assert found == {"id": PAYMENTS_APPROVERS.id, "displayName": "Payments approvers"}


async def test_an_unknown_group_is_not_found(sandbox: Sandbox) -> None:
    for path in ("", "/transitiveMembers/microsoft.graph.user?$count=true"):
        status, error = await ask(sandbox, f"/groups/{DANA.id}{path}", headers=ADVANCED)

        assert (status, code(error)) == (404, "Request_ResourceNotFound")


async def test_a_group_has_no_name_for_an_id(sandbox: Sandbox) -> None:
    status, error = await ask(sandbox, "/groups/payments")

    assert (status, code(error)) == (400, "Request_BadRequest")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("displayName eq 'PAYMENTS approvers'", [PAYMENTS_APPROVERS.id]),
        ("startswith(displayName,'Pay')", [PAYMENTS_APPROVERS.id, PAYMENTS_ON_CALL.id]),
        ("displayName eq 'this or that'", []),
    ],
)
async def test_groups_are_found_by_filters(
    sandbox: Sandbox, text: str, expected: list[str]
) -> None:
    status, found = await ask(sandbox, "/groups", headers={}, **{"$filter": text})
    _, first = await ask(sandbox, "/groups", headers={}, **{"$filter": text, "$top": "1"})

    assert status == 200
    assert [one["id"] for one in found["value"]] == expected
    assert [one["id"] for one in first["value"]] == expected[:1]


async def test_memberships_are_transitive(sandbox: Sandbox) -> None:
    both = [PAYMENTS_ON_CALL.id, PAYMENTS_APPROVERS.id, str(UUID(int=9))]

    _, of_robin = await check(sandbox, ROBIN.id, both)
    _, of_avery = await check(sandbox, AVERY.user_principal_name, both)
    _, of_dana = await check(sandbox, DANA.id, both)

    assert of_robin["value"] == both[:2]
    assert of_avery["value"] == [PAYMENTS_APPROVERS.id]
    assert of_dana["value"] == []


async def test_memberships_of_an_unknown_person_are_not_found(sandbox: Sandbox) -> None:
    status, error = await check(sandbox, str(UUID(int=9)), [PAYMENTS_APPROVERS.id])

    assert (status, code(error)) == (404, "Request_ResourceNotFound")


@pytest.mark.parametrize("groups", [None, "all", ["payments"], [str(UUID(int=9))] * 21])
async def test_a_call_with_one_wrong_id_or_too_many_fails_as_a_whole(
    sandbox: Sandbox, groups: object
) -> None:
    status, error = await check(sandbox, ROBIN.id, groups)

    assert (status, code(error)) == (400, "Request_BadRequest")


async def test_the_people_in_nested_groups_are_listed_even_disabled_ones(sandbox: Sandbox) -> None:
    status, found = await ask(sandbox, PEOPLE, headers=ADVANCED, **{"$count": "true"})

    assert status == 200
    assert [one["id"] for one in found["value"]] == [AVERY.id, ROBIN.id, SAM.id]
    assert found["@odata.count"] == 3
    assert "@odata.nextLink" not in found


async def test_a_large_group_comes_in_pages_that_need_the_header_again(sandbox: Sandbox) -> None:
    large = add_large_group(sandbox.state.directory)
    path = f"/groups/{large.id}/transitiveMembers/microsoft.graph.user"
    query = {"$count": "true", "$top": "400", "$select": "id"}

    _, first = await ask(sandbox, path, headers=ADVANCED, **query)
    refused, _ = await ask(sandbox, first["@odata.nextLink"])
    _, second = await ask(sandbox, first["@odata.nextLink"], headers=ADVANCED)

    assert refused == 400
    assert [one["id"] for one in first["value"] + second["value"]] == list(large.members)
    assert "@odata.nextLink" not in second


@pytest.mark.parametrize(("headers", "query"), [({}, {"$count": "true"}), (ADVANCED, {}), ({}, {})])
async def test_selecting_people_needs_an_advanced_query(
    sandbox: Sandbox, headers: dict[str, str], query: dict[str, str]
) -> None:
    status, error = await ask(sandbox, PEOPLE, headers=headers, **query)

    assert (status, code(error)) == (400, "Request_UnsupportedQuery")


@pytest.mark.parametrize("size", ["0", "1000", "many"])
async def test_a_page_has_up_to_999_entries(sandbox: Sandbox, size: str) -> None:
    query = {"$count": "true", "$top": size}

    status, error = await ask(sandbox, PEOPLE, headers=ADVANCED, **query)

    assert (status, code(error)) == (400, "Request_UnsupportedQuery")


async def test_groups_need_their_own_permission(sandbox: Sandbox) -> None:
    without = replace(BOT, graph_permissions=("User.Read.All",))
    sandbox.state.directory.service_principals[BOT.id] = without

    for principal in (BOT.id, OPERATOR.id):
        answers = [
            await ask(sandbox, f"/groups/{PAYMENTS_APPROVERS.id}", principal),
            await ask(sandbox, "/groups", principal),
            await ask(sandbox, PEOPLE, principal),
            await check(sandbox, ROBIN.id, [PAYMENTS_APPROVERS.id], principal),
        ]

        expected = (403, "Authorization_RequestDenied")
        assert [(status, code(error)) for status, error in answers] == [expected] * 4


async def test_memberships_and_names_need_the_permission_for_people_too(sandbox: Sandbox) -> None:
    without = replace(BOT, graph_permissions=("GroupMember.Read.All",))
    sandbox.state.directory.service_principals[BOT.id] = without

    refused, _ = await check(sandbox, ROBIN.id, [PAYMENTS_APPROVERS.id])
    _, found = await ask(sandbox, PEOPLE, headers=ADVANCED, **{"$count": "true", "$top": "1"})

    assert refused == 403
    assert found["value"] == [
        {"id": AVERY.id, "displayName": None, "mail": None, "userPrincipalName": None}
    ]


async def test_groups_can_be_down_while_people_are_found(sandbox: Sandbox) -> None:
    async with sandbox.session.patch(
        f"{sandbox.base_url}/sandbox/knobs", json={"groups_available": False}
    ) as answer:
        assert answer.status == 200

    down, _ = await check(sandbox, ROBIN.id, [PAYMENTS_APPROVERS.id])
    person, _ = await ask(sandbox, f"/users/{ROBIN.id}")

    assert down == 503
    assert person == 200


async def test_groups_are_changed_and_deleted_through_the_control_api(sandbox: Sandbox) -> None:
    address = f"{sandbox.base_url}/sandbox/groups/{PAYMENTS_ON_CALL.id}"
    async with sandbox.session.put(address, json={"members": [DANA.id]}) as answer:
        assert answer.status == 200
    _, of_dana = await check(sandbox, DANA.id, [PAYMENTS_APPROVERS.id])
    async with sandbox.session.put(address, json={"colour": "red"}) as answer:
        assert answer.status == 400
    for _ in range(2):
        async with sandbox.session.delete(address) as answer:
            assert answer.status == 204
    _, after = await check(sandbox, DANA.id, [PAYMENTS_APPROVERS.id])

    assert of_dana["value"] == [PAYMENTS_APPROVERS.id]
    assert after["value"] == []


async def test_the_snapshot_names_members_and_people(sandbox: Sandbox) -> None:
    circle = replace(PAYMENTS_ON_CALL, members=(ROBIN.id, PAYMENTS_APPROVERS.id))
    sandbox.state.directory.groups[circle.id] = circle

    shown = {one["name"]: one for one in sandbox.snapshot()["groups"]}

    assert shown["Payments approvers"] == {
        "id": PAYMENTS_APPROVERS.id,
        "name": "Payments approvers",
        "members": ["Avery Approver", "Payments on call"],
        "people": ["Avery Approver", "Robin Reviewer"],
    }


async def test_a_group_without_members_is_empty(sandbox: Sandbox) -> None:
    empty = DirectoryGroup(str(UUID(int=7)), "Empty")
    sandbox.state.directory.groups[empty.id] = empty

    assert sandbox.state.directory.people_in(empty.id) == []


async def test_who_may_not_see_hidden_members_sees_none(sandbox: Sandbox) -> None:
    directory = sandbox.state.directory
    directory.groups[PAYMENTS_APPROVERS.id] = replace(PAYMENTS_APPROVERS, hides_members=True)
    principals = directory.service_principals
    permitted = replace(BOT, graph_permissions=(*BOT.graph_permissions, "Member.Read.Hidden"))

    async def seen() -> tuple[int, list[str]]:
        _, people = await ask(sandbox, PEOPLE, headers=ADVANCED, **{"$count": "true"})
        _, held = await check(sandbox, ROBIN.id, [PAYMENTS_APPROVERS.id])
        return len(people["value"]), held["value"]

    without = await seen()
    principals[BOT.id] = permitted

    assert without == (0, [])
    assert await seen() == (3, [PAYMENTS_APPROVERS.id])


async def test_groups_can_be_slow(sandbox: Sandbox) -> None:
    sandbox.state.knobs.groups_latency_seconds = 0.05
    loop = asyncio.get_running_loop()
    started = loop.time()
    await ask(sandbox, f"/groups/{PAYMENTS_APPROVERS.id}")

    assert loop.time() - started >= 0.05


def test_what_is_about_people_is_not_about_groups() -> None:
    assert is_about_groups(f"/v1.0/users/{ROBIN.id}/checkMemberGroups")
    assert not is_about_groups(f"/v1.0/users/{ROBIN.id}")
