"""Role assignments as seen by azure-mgmt-authorization."""

from collections.abc import AsyncIterable

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import (
    RoleAssignment,
    RoleAssignmentCreateParameters,
)

from sandbox import roles
from sandbox.roles import KEY_VAULT_READER, KEY_VAULT_SECRETS_USER, RoleDefinition
from sandbox.seed import APP_API_KEY, BOT, DANA, OPERATOR, ROBIN, SITE, VAULT
from tests.sandbox.conftest import Clients, MovableClock, error_code
from tests.support.sandbox import Sandbox

NAME = "7a1f4d0e-0000-4000-8000-000000000001"
OTHER_NAME = "7a1f4d0e-0000-4000-8000-000000000002"


@pytest.fixture
async def arm(clients: Clients) -> AuthorizationManagementClient:
    return await clients.authorization(BOT.id)


@pytest.fixture
def scope(sandbox: Sandbox) -> str:
    return sandbox.seed.vault_scope(VAULT)


def a_grant(
    principal_id: str = DANA.id,
    role: RoleDefinition = KEY_VAULT_SECRETS_USER,
    description: str = "Latchkey req-7f3k2m9a: access to demo-api-key",
    principal_type: str = "User",
) -> RoleAssignmentCreateParameters:
    return RoleAssignmentCreateParameters(
        role_definition_id=role.id,
        principal_id=principal_id,
        principal_type=principal_type,
        description=description,
    )


async def names(found: AsyncIterable[RoleAssignment]) -> set[str]:
    return {str(one.name) async for one in found}


async def test_an_assignment_can_be_created_read_and_deleted(
    arm: AuthorizationManagementClient, scope: str, clock: MovableClock
) -> None:
    made = await arm.role_assignments.create(scope, NAME, a_grant())
    read = await arm.role_assignments.get(scope, NAME)
    by_id = await arm.role_assignments.get_by_id(str(made.id))
    deleted = await arm.role_assignments.delete_by_id(str(made.id))
    with pytest.raises(ResourceNotFoundError) as gone:
        await arm.role_assignments.get(scope, NAME)

    assert str(made.id) == f"{scope}/providers/Microsoft.Authorization/roleAssignments/{NAME}"
    assert {
        "scope": scope,
        "principalId": DANA.id,
        "principalType": "User",
        "description": "Latchkey req-7f3k2m9a: access to demo-api-key",
        "createdBy": BOT.id,
    }.items() <= read.serialize(keep_readonly=True)["properties"].items()
    assert str(read.role_definition_id).endswith(KEY_VAULT_SECRETS_USER.id)
    assert str(read.created_on) == str(clock.now)
    assert by_id.id == made.id
    assert deleted is not None
    assert error_code(gone.value) == "RoleAssignmentNotFound"


async def test_a_new_assignment_is_201_and_a_repeated_one_200(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    await arm.role_assignments.create(scope, NAME, a_grant())

    assert [one.status for one in sandbox.log if one.method == "PUT"] == [201, 200]


async def test_deleting_is_200_once_and_204_afterwards(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    await arm.role_assignments.delete(scope, NAME)
    nothing = await arm.role_assignments.delete(scope, NAME)

    assert nothing is None
    assert [one.status for one in sandbox.log if one.method == "DELETE"] == [200, 204]


async def test_one_access_can_have_only_one_assignment_whatever_its_name(
    arm: AuthorizationManagementClient, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    with pytest.raises(ResourceExistsError) as refused:
        await arm.role_assignments.create(scope.upper(), OTHER_NAME, a_grant())

    assert error_code(refused.value) == "RoleAssignmentExists"


async def test_different_people_and_scopes_have_separate_assignments(
    arm: AuthorizationManagementClient, scope: str
) -> None:
    secret = f"{scope}/secrets/{APP_API_KEY}"
    await arm.role_assignments.create(scope, NAME, a_grant())
    await arm.role_assignments.create(scope, OTHER_NAME, a_grant(ROBIN.id))
    await arm.role_assignments.create(secret, NAME, a_grant())

    mine = arm.role_assignments.list_for_scope(scope, filter=f"principalId eq '{DANA.id}'")
    assert {one.scope async for one in mine} == {scope, secret}


async def test_an_assignment_cannot_be_changed_into_another(
    arm: AuthorizationManagementClient, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.create(scope, NAME, a_grant(ROBIN.id))

    assert refused.value.status_code == 400
    assert error_code(refused.value) == "RoleAssignmentUpdateNotPermitted"


@pytest.mark.parametrize(
    ("name", "grant", "code"),
    [
        ("not-a-guid", a_grant(), "InvalidRoleAssignmentId"),
        (NAME, a_grant("99999999-0000-4000-8000-000000000009"), "PrincipalNotFound"),
        (NAME, a_grant(principal_type="ServicePrincipal"), "UnmatchedPrincipalType"),
    ],
)
async def test_an_invalid_assignment_is_refused_with_its_error_code(
    arm: AuthorizationManagementClient,
    scope: str,
    name: str,
    grant: RoleAssignmentCreateParameters,
    code: str,
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.create(scope, name, grant)

    assert refused.value.status_code == 400
    assert error_code(refused.value) == code


async def test_an_unknown_role_is_refused_with_its_error_code(clients: Clients, scope: str) -> None:
    operator = await clients.authorization(OPERATOR.id)
    unknown = RoleDefinition("99999999-0000-4000-8000-000000000009", "Unknown", "")
    with pytest.raises(HttpResponseError) as refused:
        await operator.role_assignments.create(scope, NAME, a_grant(role=unknown))

    assert error_code(refused.value) == "RoleDefinitionDoesNotExist"


async def test_a_new_principal_is_found_only_after_a_while(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    sandbox.state.directory.not_replicated[DANA.id] = 2
    codes = []
    for _ in range(2):
        with pytest.raises(HttpResponseError) as refused:
            await arm.role_assignments.create(scope, NAME, a_grant())
        codes.append(error_code(refused.value))
    made = await arm.role_assignments.create(scope, NAME, a_grant())

    assert codes == ["PrincipalNotFound", "PrincipalNotFound"]
    assert made.name == NAME


async def test_a_scope_without_a_vault_is_not_found(sandbox: Sandbox, clients: Clients) -> None:
    operator = await clients.authorization(OPERATOR.id)
    with pytest.raises(ResourceNotFoundError) as refused:
        await operator.role_assignments.create(
            sandbox.seed.vault_scope("nonesuch"), NAME, a_grant()
        )

    assert error_code(refused.value) == "ResourceNotFound"


async def test_the_bot_can_assign_its_one_role_and_no_other(
    arm: AuthorizationManagementClient, scope: str
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.create(scope, NAME, a_grant(role=KEY_VAULT_READER))

    assert refused.value.status_code == 403
    assert error_code(refused.value) == "AuthorizationFailed"


async def test_the_bot_cannot_delete_an_assignment_of_another_role(
    clients: Clients, arm: AuthorizationManagementClient, scope: str
) -> None:
    operator = await clients.authorization(OPERATOR.id)
    await operator.role_assignments.create(scope, NAME, a_grant(role=KEY_VAULT_READER))
    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.delete(scope, NAME)

    assert refused.value.status_code == 403


async def test_the_bot_cannot_assign_roles_outside_its_vault(
    sandbox: Sandbox, arm: AuthorizationManagementClient
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.create(sandbox.seed.group_scope, NAME, a_grant())

    assert error_code(refused.value) == "AuthorizationFailed"


async def test_a_developer_cannot_assign_roles(clients: Clients, scope: str) -> None:
    dana = await clients.authorization(DANA.id)
    with pytest.raises(HttpResponseError) as refused:
        await dana.role_assignments.create(scope, NAME, a_grant())

    assert refused.value.status_code == 403


async def test_a_list_includes_scopes_above_and_below_by_default(
    sandbox: Sandbox, clients: Clients, arm: AuthorizationManagementClient, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    await arm.role_assignments.create(f"{scope}/secrets/{APP_API_KEY}", OTHER_NAME, a_grant())
    everything = [one async for one in arm.role_assignments.list_for_scope(scope)]
    at_scope = [one async for one in arm.role_assignments.list_for_scope(scope, filter="atScope()")]

    assert {NAME, OTHER_NAME} <= {one.name for one in everything}
    assert {one.name for one in at_scope} & {NAME, OTHER_NAME} == {NAME}
    assert "/subscriptions/00000000-0000-0000-0000-000000000001" in {one.scope for one in at_scope}
    assert not any(str(one.scope).endswith(SITE) for one in everything)


@pytest.mark.parametrize(
    "text",
    [
        f"principalId eq '{DANA.id}'",
        f"assignedTo('{DANA.id}')",
        f"atScope() and assignedTo('{DANA.id}')",
    ],
)
async def test_a_list_can_be_filtered_by_person(
    arm: AuthorizationManagementClient, scope: str, text: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    await arm.role_assignments.create(scope, OTHER_NAME, a_grant(ROBIN.id))

    assert await names(arm.role_assignments.list_for_scope(scope, filter=text)) == {NAME}


async def test_an_unsupported_filter_is_refused(
    arm: AuthorizationManagementClient, scope: str
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await names(arm.role_assignments.list_for_scope(scope, filter="colour eq 'red'"))

    assert refused.value.status_code == 400


async def test_subscriptions_groups_and_resources_can_be_listed(
    sandbox: Sandbox, clients: Clients, arm: AuthorizationManagementClient, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    operator = await clients.authorization(OPERATOR.id)
    group = sandbox.seed.resource_group
    of_subscription = await names(operator.role_assignments.list_for_subscription())
    of_group = await names(operator.role_assignments.list_for_resource_group(group))
    of_vault = await names(
        operator.role_assignments.list_for_resource(group, "Microsoft.KeyVault", "vaults", VAULT)
    )

    assert NAME in of_subscription
    assert NAME in of_group
    assert NAME in of_vault


async def test_the_api_version_is_required(sandbox: Sandbox, scope: str) -> None:
    token = await sandbox.credential(BOT.id).get_token("https://management.azure.com/.default")
    headers = {"Authorization": f"Bearer {token.token}"}
    address = f"{sandbox.base_url}{scope}/providers/Microsoft.Authorization/roleAssignments/{NAME}"
    async with sandbox.session.get(address, headers=headers) as answer:
        body = await answer.json()

    assert answer.status == 400
    assert body["error"]["code"] == "MissingApiVersionParameter"


async def test_a_request_without_a_token_fails_authentication(sandbox: Sandbox, scope: str) -> None:
    address = f"{sandbox.base_url}{scope}/providers/Microsoft.Authorization/roleAssignments"
    async with sandbox.session.get(f"{address}?api-version=2022-04-01") as answer:
        body = await answer.json()

    assert answer.status == 401
    assert body["error"]["code"] == "AuthenticationFailed"


async def test_answers_include_how_many_writes_are_left(
    arm: AuthorizationManagementClient, scope: str
) -> None:
    headers: list[str] = []
    await arm.role_assignments.create(
        scope,
        NAME,
        a_grant(),
        raw_response_hook=lambda response: headers.append(
            response.http_response.headers["x-ms-ratelimit-remaining-subscription-writes"]
        ),
    )

    assert headers == ["199"]


async def test_too_many_writes_get_a_retry_after(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str, clock: MovableClock
) -> None:
    for _ in range(200):
        sandbox.state.throttle.spend("PUT", BOT.id, clock.now)
    retry_after: list[str] = []
    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.create(
            scope,
            NAME,
            a_grant(),
            raw_response_hook=lambda response: retry_after.append(
                response.http_response.headers["Retry-After"]
            ),
        )
    clock.advance(seconds=1)
    made = await arm.role_assignments.create(scope, NAME, a_grant())

    assert refused.value.status_code == 429
    assert retry_after == ["1"]
    assert made.name == NAME


async def test_a_role_can_be_found_by_name(clients: Clients, scope: str) -> None:
    arm = await clients.authorization(BOT.id)
    role = await arm.role_definitions.get(scope, KEY_VAULT_SECRETS_USER.guid)
    named = arm.role_definitions.list(scope, filter="roleName eq 'Key Vault Reader'")
    found = [one.name async for one in named]

    assert role.role_name == "Key Vault Secrets User"
    assert found == [roles.KEY_VAULT_READER.guid]


async def test_a_long_list_comes_in_pages(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    for number in range(150):
        secret = f"{scope}/secrets/one-of-many-{number}"
        await arm.role_assignments.create(secret, NAME, a_grant())

    wanted = f"principalId eq '{DANA.id}'"
    found = [one.scope async for one in arm.role_assignments.list_for_scope(scope, filter=wanted)]

    assert len(set(found)) == 150
    assert [one.status for one in sandbox.log if one.method == "GET"] == [200, 200]


async def test_an_unknown_page_is_refused(
    sandbox: Sandbox, arm: AuthorizationManagementClient, scope: str
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await names(arm.role_assignments.list_for_scope(scope, params={"$skipToken": "next"}))

    assert error_code(refused.value) == "InvalidSkipToken"


async def test_a_full_subscription_takes_no_other_assignment(
    arm: AuthorizationManagementClient, sandbox: Sandbox, scope: str
) -> None:
    await arm.role_assignments.create(scope, NAME, a_grant())
    sandbox.state.knobs.assignment_limit = len(sandbox.state.assignments.live)

    with pytest.raises(HttpResponseError) as refused:
        await arm.role_assignments.create(scope, OTHER_NAME, a_grant(ROBIN.id))
    again = await arm.role_assignments.create(scope, NAME, a_grant())

    assert (refused.value.status_code, error_code(refused.value)) == (
        400,
        "RoleAssignmentLimitExceeded",
    )
    assert again.name == NAME
