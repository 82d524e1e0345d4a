"""What the sandbox is for: access appears, lets a person read a value, and vanishes."""

from uuid import NAMESPACE_URL, uuid5

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters

from sandbox import roles
from sandbox.seed import BOT, DANA, DEMO_API_KEY, VAULT
from tests.sandbox.conftest import Clients
from tests.support.sandbox import Sandbox


async def test_a_granted_person_reads_the_value_until_it_is_revoked(
    sandbox: Sandbox, clients: Clients
) -> None:
    bot = await clients.authorization(BOT.id)
    dana = await clients.secrets(DANA.id)
    scope = sandbox.seed.vault_scope(VAULT)
    name = str(uuid5(NAMESPACE_URL, scope))
    wanted = RoleAssignmentCreateParameters(
        role_definition_id=f"{scope}{roles.KEY_VAULT_SECRETS_USER.id}",
        principal_id=DANA.id,
        principal_type="User",
    )

    with pytest.raises(HttpResponseError) as before:
        await dana.get_secret(DEMO_API_KEY)
    await bot.role_assignments.create(scope, name, wanted)
    granted = await dana.get_secret(DEMO_API_KEY)
    await bot.role_assignments.delete(scope, name)
    with pytest.raises(HttpResponseError) as after:
        await dana.get_secret(DEMO_API_KEY)

    assert before.value.status_code == 403
    assert granted.value
    assert after.value.status_code == 403
