"""The doctor names each right that the bot lacks, and says what to do about it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from sandbox import roles, seed
from sandbox.seed import (
    BOT,
    PARTNER_APPLICATION,
    SIGN_IN_APPLICATION,
    VAULT,
    DirectoryGroup,
    only_this_role,
    site_scope,
)
from sandbox.stored.assignments import StoredAssignment
from scripts import paths
from services.azure.blobs import SERVICE as BLOBS
from services.azure.tables import SERVICE as TABLES
from services.faults import NotPermitted
from services.storage.table import Operation, Row
from tests.outside.group_scenarios import BY_NAME, use
from tests.outside.sign_ins import PUBLIC_URL
from tests.support.deployment import AVERY
from tests.support.latchkey import Latchkey
from tests.support.sandbox import Sandbox
from tests.support.tables.memory_archive import MemoryArchive
from tests.support.tables.memory_table import MemoryTable

pytestmark = pytest.mark.in_memory

SECRETIVE = DirectoryGroup(
    "70000000-0000-4000-8000-0000000000e1", "Secretive", (seed.AVERY.id,), hides_members=True
)
PERMITTED = replace(BOT, graph_permissions=(*BOT.graph_permissions, "Member.Read.Hidden"))

RULES = f"""
approvers = ["{BY_NAME}"]
[[secret]]
name = "demo-api-key"
escalate_after = "1h"
escalation = ["group:{SECRETIVE.display_name}"]
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

STORES = {
    "RETENTION_DAYS": "400",
    "ARCHIVE_CONTAINER_URL": "https://archive.blob.core.windows.net/it",
}
SIGN_IN = {"PUBLIC_URL": PUBLIC_URL, "SIGN_IN_CLIENT_ID": SIGN_IN_APPLICATION.client_id}

SHOWS = roles.RoleDefinition("none", "shows", "", actions=("*/read",))
LISTS = replace(SHOWS, actions=("*/read", roles.LIST_KEYS))


class GuardedTable(MemoryTable):
    """A table of whose account the bot can lose its role."""

    is_closed = False

    async def get(self, partition: str, key: str) -> Row | None:
        self._refuse()
        return await super().get(partition, key)

    async def range(
        self, partition: str, start: str, stop: str, limit: int | None = None
    ) -> list[Row]:
        self._refuse()
        return await super().range(partition, start, stop, limit)

    async def transact(self, partition: str, operations: Sequence[Operation]) -> list[str]:
        self._refuse()
        return await super().transact(partition, operations)

    def _refuse(self) -> None:
        if self.is_closed:
            raise NotPermitted(TABLES, "403 AuthorizationPermissionMismatch", status=403)


class GuardedArchive(MemoryArchive):
    """An archive on whose container the bot can lose its role."""

    is_closed = False

    async def keep(self, name: str, content: bytes) -> None:
        if self.is_closed:
            raise NotPermitted(BLOBS, "403 AuthorizationPermissionMismatch", status=403)
        await super().keep(name, content)


@dataclass(frozen=True)
class Azure:
    """Where the bot has its rights: in the sandbox, and on its stores, which that doesn't have."""

    sandbox: Sandbox
    table: GuardedTable
    archive: GuardedArchive


@dataclass(frozen=True)
class Taken:
    """A right that is taken away: how, the line that shows it, and what the doctor says to do."""

    how: Callable[[Azure], None]
    line: str
    remedy: str


def role_on(
    role: roles.RoleDefinition,
    scope_of: Callable[[seed.Seed], str],
    left: roles.RoleDefinition | None = None,
    condition: str | None = None,
) -> Callable[[Azure], None]:
    """Return what takes a role of the bot away at a scope, and leaves another one if given."""

    def take(azure: Azure) -> None:
        sandbox = azure.sandbox
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


def ownership(azure: Azure) -> None:
    azure.sandbox.state.applications[PARTNER_APPLICATION.id].owners = ()


def trust_of_the_sign_in_app(azure: Azure) -> None:
    azure.sandbox.state.applications[SIGN_IN_APPLICATION.id].federated = ()


def the_table(azure: Azure) -> None:
    azure.table.is_closed = True


def the_archive(azure: Azure) -> None:
    azure.archive.is_closed = True


def in_graph(permission: str) -> Callable[[Azure], None]:
    """Return what takes one of the bot's permissions in Microsoft Graph away."""

    def take(azure: Azure) -> None:
        left = tuple(one for one in PERMITTED.graph_permissions if one != permission)
        principals = azure.sandbox.state.directory.service_principals
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
    "the permission to see hidden members": Taken(
        in_graph("Member.Read.Hidden"),
        "✗ Escalation group Secretive",
        "If it hides its members, give the bot's identity Member.Read.Hidden in Microsoft Graph",
    ),
    "the trust of the sign-in app": Taken(
        trust_of_the_sign_in_app,
        "✗ Sign-in app",
        "the bot's identity must be a federated credential of that app registration",
    ),
    "the role on the bot's own account": Taken(
        the_table,
        f"✗ Tables  {TABLES}: 403",
        "Give the bot Storage Table Data Contributor on the storage account",
    ),
    "the role on the archive": Taken(
        the_archive,
        f"✗ Archive  {BLOBS}: 403",
        "and that the bot has Storage Blob Data Contributor on it",
    ),
    "the permission to read people": Taken(
        in_graph("User.Read.All"),
        "! Admin avery@contoso.com  is Avery Approver; Microsoft Graph can't be queried",
        "User.Read.All",
    ),
}


@pytest.fixture
def table() -> GuardedTable:
    return GuardedTable()


@pytest.fixture
def azure(sandbox: Sandbox, table: GuardedTable, monkeypatch: pytest.MonkeyPatch) -> Azure:
    """All that the bot has rights on, with those that the sandbox doesn't give by itself."""
    archive = GuardedArchive()
    monkeypatch.setattr("composition.root.open_archive", lambda *_: archive)
    sandbox.state.directory.groups[SECRETIVE.id] = SECRETIVE
    sandbox.state.directory.service_principals[BOT.id] = PERMITTED
    return Azure(sandbox, table, archive)


def give_back(azure: Azure, given: Mapping[tuple[str, str], StoredAssignment]) -> None:
    state = azure.sandbox.state
    state.assignments.live = dict(given)
    state.applications[PARTNER_APPLICATION.id].owners = (BOT.id,)
    state.applications[SIGN_IN_APPLICATION.id].federated = (BOT.id,)
    state.directory.service_principals[BOT.id] = PERMITTED
    azure.table.is_closed = azure.archive.is_closed = False


async def test_the_doctor_names_each_right_that_is_taken_away_and_what_to_do(
    latchkey: Latchkey, azure: Azure, tmp_path: Path, unpaced: None
) -> None:
    sandbox = latchkey.sandbox
    given = dict(sandbox.state.assignments.live)
    await latchkey.restart(
        LOG_ANALYTICS_WORKSPACE_ID=seed.WORKSPACE_ID,
        AZURE_LOG_ANALYTICS_ENDPOINT=sandbox.base_url,
        **SIGN_IN,
        **STORES,
    )
    await use(latchkey, tmp_path, RULES % of_the_account(sandbox.seed))

    complete = (await latchkey.say(AVERY, "doctor")).words
    said = {}
    for name, taken in EACH.items():
        taken.how(azure)
        said[name] = (await latchkey.say(AVERY, "doctor")).words
        give_back(azure, given)

    assert [name for name, taken in EACH.items() if taken.line in complete] == []
    # What the table refuses is no fault of the archive's.
    assert EACH["the role on the archive"].remedy not in said["the role on the bot's own account"]
    unnamed = {name: said[name] for name, taken in EACH.items() if taken.line not in said[name]}
    assert unnamed == {}
    assert [name for name, taken in EACH.items() if taken.remedy not in said[name]] == []


def test_each_right_on_the_page_is_taken_away() -> None:
    """That of a Reader of the subscription is in `test_doctor.py`: it would show all the others."""
    page = (paths.ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    section = page.partition("## What each right is for")[2].partition("\n## ")[0]
    roles_there = re.findall(r"^\| ([A-Z][\w ]+?)(?:, with a condition)? \| ", section, re.M)
    permissions = re.findall(r"^\| `([\w.]+)`", section, re.M)
    tested = " ".join(taken.remedy for taken in EACH.values())
    wanted = {*roles_there, *permissions} - {"Role", "Permission", "Reader"}

    assert "Reader" in roles_there
    assert len(wanted) == 12
    assert {one for one in wanted if one not in tested} == set()
