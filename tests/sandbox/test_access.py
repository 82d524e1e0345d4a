"""The sandbox's purpose: access appears, lets a person read a value, and disappears."""

from dataclasses import dataclass

import pytest
from azure.core.exceptions import HttpResponseError
from azure.keyvault.secrets.aio import SecretClient
from azure.mgmt.authorization.v2022_04_01.aio import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters

from sandbox import roles
from sandbox.seed import APP_API_KEY, BOT, DANA, DEMO_API_KEY, VAULT
from tests.sandbox.conftest import Clients, MovableClock, inner_error
from tests.support.sandbox import Sandbox

NAME = "7a1f4d0e-0000-4000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Loan:
    """Grant and revoke permission to read values, as the bot does."""

    arm: AuthorizationManagementClient
    scope: str

    async def begin(self, description: str = "") -> None:
        wanted = RoleAssignmentCreateParameters(
            role_definition_id=roles.KEY_VAULT_SECRETS_USER.id,
            principal_id=DANA.id,
            principal_type="User",
            description=description,
        )
        await self.arm.role_assignments.create(self.scope, NAME, wanted)

    async def end(self) -> None:
        await self.arm.role_assignments.delete(self.scope, NAME)


@pytest.fixture
async def loan(sandbox: Sandbox, clients: Clients) -> Loan:
    return Loan(await clients.authorization(BOT.id), sandbox.seed.vault_scope(VAULT))


@pytest.fixture
async def dana(clients: Clients) -> SecretClient:
    return await clients.secrets(DANA.id)


async def can_read(person: SecretClient, name: str) -> bool:
    try:
        return bool((await person.get_secret(name)).value)
    except HttpResponseError as error:
        if inner_error(error) != "ForbiddenByRbac":
            raise
        return False


async def test_a_grantee_can_read_the_value_until_access_is_revoked(
    loan: Loan, dana: SecretClient
) -> None:
    before = await can_read(dana, DEMO_API_KEY)
    await loan.begin()
    during = await can_read(dana, DEMO_API_KEY)
    await loan.end()

    assert (before, during, await can_read(dana, DEMO_API_KEY)) == (False, True, False)


async def test_access_to_one_secret_opens_no_other(loan: Loan, dana: SecretClient) -> None:
    await Loan(loan.arm, f"{loan.scope}/secrets/{DEMO_API_KEY}").begin()

    assert await can_read(dana, DEMO_API_KEY)
    assert not await can_read(dana, APP_API_KEY)


async def test_read_access_does_not_allow_writes(loan: Loan, dana: SecretClient) -> None:
    await loan.begin()
    with pytest.raises(HttpResponseError) as refused:
        await dana.set_secret(DEMO_API_KEY, "mine now")

    assert inner_error(refused.value) == "ForbiddenByRbac"


async def test_grants_and_revocations_propagate_with_the_configured_delay(
    sandbox: Sandbox, loan: Loan, dana: SecretClient, clock: MovableClock
) -> None:
    sandbox.state.knobs.propagation_seconds = 300
    seen = []
    await loan.begin()
    for step in (0, 299, 1):
        clock.advance(seconds=step)
        seen.append(await can_read(dana, DEMO_API_KEY))
    await loan.end()
    for step in (0, 299, 1):
        clock.advance(seconds=step)
        seen.append(await can_read(dana, DEMO_API_KEY))

    assert seen == [False, False, True, True, True, False]


async def test_the_page_shows_who_can_read_what_and_until_when(
    sandbox: Sandbox, loan: Loan
) -> None:
    await loan.begin("Latchkey req-7f3k2m9a: access to demo-api-key, expires 2026-03-01T12:34:56Z")
    state = sandbox.snapshot()
    (shown,) = [one for one in state["role_assignments"] if one["expires"]]

    assert shown["principal_name"] == "Dana Developer"
    assert shown["role_name"] == "Key Vault Secrets User"
    assert shown["expires"] == "2026-03-01T12:34:56Z"
    assert {"vault": VAULT, "secret": DEMO_API_KEY} in state["readers"][0]["reads"]
