"""The doctor names each right that the bot lacks, and says what to do about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sandbox import roles, seed
from sandbox.assignments import StoredAssignment
from sandbox.seed import BOT, PARTNER_APPLICATION, VAULT, only_this_role, site_scope
from tests.outside.group_scenarios import BY_NAME, use
from tests.support.deployment import AVERY
from tests.support.latchkey import Latchkey
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.in_memory

RULES = f"""
approvers = ["{BY_NAME}"]
[[secret]]
name = "demo-api-key"
[[secret]]
name = "app-api-key"
[secret.rotation]
dependents = [{{ app = "{seed.SITE}", setting = "{seed.LITERAL_SETTING}" }}]
[[secret]]
name = "{seed.STORAGE_KEY}"
[secret.rotation]
issuer = "storage-account"
options = {{ account = "%s" }}
[[secret]]
name = "{seed.PARTNER_CLIENT_SECRET}"
[secret.rotation]
issuer = "app-registration"
options = {{ application = "{PARTNER_APPLICATION.id}" }}
"""

SHOWS = roles.RoleDefinition("none", "shows", "", actions=("*/read",))
LISTS = replace(SHOWS, actions=("*/read", roles.LIST_KEYS))


@dataclass(frozen=True)
class Taken:
    """A right that is taken away: how, the line that shows it, and what the doctor says to do."""

    how: Callable[[Sandbox], None]
    line: str
    remedy: str


def role_on(
    role: roles.RoleDefinition,
    scope_of: Callable[[seed.Seed], str],
    left: roles.RoleDefinition | None = None,
    condition: str | None = None,
) -> Callable[[Sandbox], None]:
    """Return what takes a role of the bot away at a scope, and leaves another one if given."""

    def take(sandbox: Sandbox) -> None:
        assignments, scope = sandbox.state.assignments, scope_of(sandbox.seed)
        held = assignments.same_access(scope, BOT.id, role)
        assert isinstance(held, StoredAssignment)
        assignments.remove(held, sandbox.clock())
        if left:
            assignments.add(replace(held, role=left, condition=condition))

    return take


def of_the_vault(world: seed.Seed) -> str:
    return world.vault_scope(VAULT)


def of_the_secret(world: seed.Seed) -> str:
    return f"{world.vault_scope(VAULT)}/secrets/{seed.APP_API_KEY}"


def of_the_app(world: seed.Seed) -> str:
    return site_scope(world.group_scope, seed.SITE)


def of_the_account(world: seed.Seed) -> str:
    return world.storage_scope(seed.STORAGE_ACCOUNT)


def of_the_workspace(world: seed.Seed) -> str:
    return world.workspace_scope


def ownership(sandbox: Sandbox) -> None:
    sandbox.state.applications[PARTNER_APPLICATION.id].owners = ()


def in_graph(permission: str) -> Callable[[Sandbox], None]:
    """Return what takes one of the bot's permissions in Microsoft Graph away."""

    def take(sandbox: Sandbox) -> None:
        left = tuple(one for one in BOT.graph_permissions if one != permission)
        principals = sandbox.state.directory.service_principals
        principals[BOT.id] = replace(BOT, graph_permissions=left)

    return take


ADMINISTRATOR, USER = roles.RBAC_ADMINISTRATOR, roles.KEY_VAULT_SECRETS_USER
ONLY_OTHERS = only_this_role(roles.KEY_VAULT_ADMINISTRATOR)
NEVER_AGAIN = only_this_role(USER).replace(
    f"@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
    f" ForAnyOfAnyValues:GuidEquals {{{USER.guid}}}",
    f"@Resource[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"
    f" ForAnyOfAnyValues:GuidEquals {{{roles.OWNER.guid}}}",
)

EACH: Mapping[str, Taken] = {
    "the right to see secrets": Taken(
        role_on(roles.KEY_VAULT_READER, of_the_vault),
        "✗ Secrets of demo-vault",
        "Give the bot Key Vault Reader on demo-vault",
    ),
    "the right to assign roles": Taken(
        role_on(ADMINISTRATOR, of_the_vault),
        "✗ Granting at demo-vault",
        "Give the bot Role Based Access Control Administrator on demo-vault, with a condition",
    ),
    "the granted role in the condition": Taken(
        role_on(ADMINISTRATOR, of_the_vault, ADMINISTRATOR, ONLY_OTHERS),
        "✗ Granting at demo-vault  its condition doesn't let the bot assign Key Vault Secrets User",
        "names the roles that the rules grant there",
    ),
    "the granted role in the condition on removing": Taken(
        role_on(ADMINISTRATOR, of_the_vault, ADMINISTRATOR, NEVER_AGAIN),
        "✗ Granting at demo-vault  its condition doesn't let the bot remove Key Vault Secrets User",
        "names the roles that the rules grant there",
    ),
    "the right to write a rotated secret": Taken(
        role_on(roles.KEY_VAULT_SECRETS_OFFICER, of_the_secret),
        "✗ Rotating app-api-key",
        "Give the bot Key Vault Secrets Officer on app-api-key in demo-vault",
    ),
    "the right to change an app": Taken(
        role_on(roles.WEBSITE_CONTRIBUTOR, of_the_app),
        "✗ Setting demo-app API_KEY",
        "Give the bot Website Contributor on demo-app",
    ),
    "the role on the storage account": Taken(
        role_on(roles.STORAGE_KEY_OPERATOR, of_the_account),
        "✗ Issuer of storage-key  the bot isn't permitted to read it (403 AuthorizationFailed)",
        "Give the bot Storage Account Key Operator Service Role on demostorage",
    ),
    "the right to list keys": Taken(
        role_on(roles.STORAGE_KEY_OPERATOR, of_the_account, SHOWS),
        f"✗ Issuer of storage-key  the bot lacks {roles.LIST_KEYS}",
        "Give the bot Storage Account Key Operator Service Role on demostorage",
    ),
    "the right to renew keys": Taken(
        role_on(roles.STORAGE_KEY_OPERATOR, of_the_account, LISTS),
        f"✗ Issuer of storage-key  the bot lacks {roles.REGENERATE_KEY}",
        "Give the bot Storage Account Key Operator Service Role on demostorage",
    ),
    "ownership of the application": Taken(
        ownership,
        "✗ Issuer of partner-client-secret  the bot doesn't own the application",
        "Make the bot's identity an owner of the application",
    ),
    "the permission for owned applications": Taken(
        in_graph("Application.ReadWrite.OwnedBy"),
        "✗ Issuer of partner-client-secret",
        "Application.ReadWrite.OwnedBy in Microsoft Graph",
    ),
    "the permission to read members": Taken(
        in_graph("GroupMember.Read.All"),
        "✗ Approver group Payments approvers",
        "Give the bot's identity GroupMember.Read.All and User.Read.All in Microsoft Graph",
    ),
    "the right to ask the vaults' log": Taken(
        role_on(roles.LOG_ANALYTICS_DATA_READER, of_the_workspace),
        "✗ Log of reads",
        "Give the bot Log Analytics Data Reader on the workspace",
    ),
    "the permission to read people": Taken(
        in_graph("User.Read.All"),
        "! Admin avery@contoso.com  is Avery Approver; Microsoft Graph can't be queried",
        "User.Read.All",
    ),
}


async def test_the_doctor_names_each_right_that_is_taken_away_and_what_to_do(
    latchkey: Latchkey, tmp_path: Path, unpaced: None
) -> None:
    sandbox = latchkey.sandbox
    given = dict(sandbox.state.assignments.live)
    await latchkey.restart(
        LOG_ANALYTICS_WORKSPACE_ID=seed.WORKSPACE_ID,
        AZURE_LOG_ANALYTICS_ENDPOINT=sandbox.base_url,
    )
    await use(latchkey, tmp_path, RULES % of_the_account(sandbox.seed))

    complete = (await latchkey.say(AVERY, "doctor")).words
    said = {}
    for name, taken in EACH.items():
        taken.how(sandbox)
        said[name] = (await latchkey.say(AVERY, "doctor")).words
        sandbox.state.assignments.live = dict(given)
        sandbox.state.applications[PARTNER_APPLICATION.id].owners = (BOT.id,)
        sandbox.state.directory.service_principals[BOT.id] = BOT

    assert [name for name, taken in EACH.items() if taken.line in complete] == []
    unnamed = {name: said[name] for name, taken in EACH.items() if taken.line not in said[name]}
    assert unnamed == {}
    assert [name for name, taken in EACH.items() if taken.remedy not in said[name]] == []
