"""What Azure and Entra promise, tested on the fakes and on the adapters with a real server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest

from domain.access.assignment import Assignment
from domain.people import Group, Person
from domain.secrets import Vault
from sandbox import roles
from sandbox.seed import (
    APP_API_KEY,
    AVERY,
    BOT,
    DANA,
    DEMO_API_KEY,
    GALE,
    OLD_API_KEY,
    PAYMENTS_APPROVERS,
    PAYMENTS_ON_CALL,
    ROBIN,
    SAM,
    VAULT,
    User,
    default_seed,
)
from services.azure.authorization.assignments import ArmAssignments
from services.azure.authorization.standing import ArmStandingRoles
from services.azure.calls.pipeline import Pipeline
from services.azure.entra.graph import GraphPeople
from services.azure.entra.groups import GraphGroups
from services.azure.key_vault.secrets import KeyVaultSecrets
from services.faults import AccountDisabled, Rejected, StandingAccess
from services.ports import (
    Assignments,
    Groups,
    People,
    Secrets,
    SecretState,
    StandingRole,
    StandingRoles,
)
from tests.support.azure_fakes import (
    FakeAssignments,
    FakeGroups,
    FakePeople,
    FakeSecrets,
    FakeStandingRoles,
)
from tests.support.clock import ManualClock
from tests.support.sandbox import give_by_hand, now, running_sandbox

ROLE = roles.KEY_VAULT_SECRETS_USER
SOMEBODY_ELSES = str(UUID(int=7))


@dataclass(frozen=True, slots=True)
class Azure:
    """One Azure, with a way to create assignments behind Latchkey's back."""

    assignments: Assignments
    secrets: Secrets
    people: People
    standing: StandingRoles
    groups: Groups
    vault: Vault
    plant: Callable[[Assignment, str], None]

    @property
    def wanted(self) -> Assignment:
        return Assignment(self.vault.resource_id, DANA.id, ROLE.guid)


def _fake() -> Azure:
    seed = default_seed()
    assignments = FakeAssignments(ManualClock(now()))
    vault = Vault(VAULT, "https://vault.example", seed.vault_scope(VAULT))
    secrets = FakeSecrets()
    for secret in seed.vaults[0].secrets:
        enabled = secret.versions[-1].enabled
        secrets.put(vault, secret.name, SecretState.ENABLED if enabled else SecretState.DISABLED)
        secrets.tag(vault, secret.name, **secret.tags)
    people, groups = FakePeople(), FakeGroups()
    members: dict[str, Person | Group] = {
        each.id: Group(each.id, each.display_name) for each in seed.groups
    }
    for user in seed.users:
        guest = user.user_type == "Guest"
        person = Person(user.id, user.display_name, user.mail, guest=guest)
        members[user.id] = person
        people.add(person)
        if not user.account_enabled:
            people.disable(person)
            groups.disable(person)
    for each in seed.groups:
        groups.add(Group(each.id, each.display_name), *(members[one] for one in each.members))
    standing = FakeStandingRoles(assignments)
    return Azure(assignments, secrets, people, standing, groups, vault, assignments.plant)


@asynccontextmanager
async def _real(tls_dir: Path) -> AsyncIterator[Azure]:
    async with running_sandbox(tls_dir) as sandbox:
        url = sandbox.base_url
        pipeline, bot = Pipeline(sandbox.session), sandbox.credential(BOT.id)
        scope = f"{url}/.default"
        assignments = ArmAssignments(bot, pipeline, endpoint=url, token_scope=scope)
        people = GraphPeople(bot, pipeline, endpoint=url, token_scope=scope)
        secrets = KeyVaultSecrets(bot, pipeline)
        vault = Vault(VAULT, url, sandbox.seed.vault_scope(VAULT))
        standing = ArmStandingRoles(bot, pipeline, endpoint=url, token_scope=scope)
        groups = GraphGroups(bot, pipeline, endpoint=url, token_scope=scope)
        plant = partial(give_by_hand, sandbox)
        yield Azure(assignments, secrets, people, standing, groups, vault, plant)
        for adapter in (assignments, people, secrets, standing, groups):
            await adapter.close()


@pytest.fixture(scope="module")
def tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(params=["fake", "sandbox"])
async def azure(request: pytest.FixtureRequest, tls_dir: Path) -> AsyncIterator[Azure]:
    if request.param == "fake":
        yield _fake()
        return
    async with _real(tls_dir) as real:
        yield real


async def test_an_assignment_is_read_back_as_it_was_created(azure: Azure) -> None:
    before = now()

    await azure.assignments.create(azure.wanted, "Latchkey req-one")
    facts = await azure.assignments.read(azure.wanted)

    assert facts is not None
    assert azure.wanted == facts.assignment
    assert facts.description == "Latchkey req-one"
    assert facts.created_at is not None
    assert abs(facts.created_at - before).total_seconds() < 5


async def test_creating_an_assignment_again_changes_nothing(azure: Azure) -> None:
    await azure.assignments.create(azure.wanted, "Latchkey req-one")
    first = await azure.assignments.read(azure.wanted)

    await azure.assignments.create(azure.wanted, "Latchkey req-two")
    second = await azure.assignments.read(azure.wanted)

    assert first == second


async def test_an_assignment_never_created_does_not_exist(azure: Azure) -> None:
    assert await azure.assignments.read(azure.wanted) is None
    assert await azure.assignments.delete(azure.wanted) is False


async def test_a_deletion_says_whether_the_assignment_existed(azure: Azure) -> None:
    await azure.assignments.create(azure.wanted, "Latchkey req-one")

    assert await azure.assignments.delete(azure.wanted) is True
    assert await azure.assignments.read(azure.wanted) is None
    assert await azure.assignments.delete(azure.wanted) is False


async def test_a_deleted_assignment_can_be_created_again(azure: Azure) -> None:
    await azure.assignments.create(azure.wanted, "Latchkey req-one")
    await azure.assignments.delete(azure.wanted)

    await azure.assignments.create(azure.wanted, "Latchkey req-two")
    facts = await azure.assignments.read(azure.wanted)

    assert facts is not None
    assert facts.description == "Latchkey req-two"


async def test_a_different_scope_is_a_different_assignment(azure: Azure) -> None:
    one_secret = replace(azure.wanted, scope=azure.vault.secret_scope(APP_API_KEY))
    await azure.assignments.create(azure.wanted, "Latchkey req-one")

    await azure.assignments.create(one_secret, "Latchkey req-two")
    await azure.assignments.delete(azure.wanted)

    assert await azure.assignments.read(azure.wanted) is None
    assert await azure.assignments.read(one_secret) is not None


async def test_the_same_role_is_assigned_only_once(azure: Azure) -> None:
    azure.plant(azure.wanted, SOMEBODY_ELSES)

    with pytest.raises(StandingAccess):
        await azure.assignments.create(azure.wanted, "Latchkey req-one")

    assert await azure.assignments.read(azure.wanted) is None


async def test_standing_access_is_not_found_by_a_deletion(azure: Azure) -> None:
    azure.plant(azure.wanted, SOMEBODY_ELSES)

    assert await azure.assignments.delete(azure.wanted) is False
    with pytest.raises(StandingAccess):
        await azure.assignments.create(azure.wanted, "Latchkey req-one")


async def test_assignments_are_compared_ignoring_case(azure: Azure) -> None:
    shouted = Assignment(azure.wanted.scope.upper(), DANA.id.upper(), ROLE.guid.upper())
    azure.plant(shouted, SOMEBODY_ELSES)

    with pytest.raises(StandingAccess):
        await azure.assignments.create(azure.wanted, "Latchkey req-one")


async def test_an_assignment_in_capitals_is_found_under_our_id(azure: Azure) -> None:
    shouted = Assignment(azure.wanted.scope.upper(), DANA.id.upper(), ROLE.guid.upper())
    azure.plant(shouted, azure.wanted.id.upper())

    await azure.assignments.create(azure.wanted, "Latchkey req-one")
    facts = await azure.assignments.read(azure.wanted)

    assert facts is not None
    assert azure.wanted.id == facts.assignment.id
    assert await azure.assignments.delete(azure.wanted) is True


async def test_a_different_assignment_under_our_id_is_shown_as_it_is_and_never_changed(
    azure: Azure,
) -> None:
    another = replace(azure.wanted, principal_id=ROBIN.id)
    azure.plant(another, azure.wanted.id)

    with pytest.raises(Rejected):
        await azure.assignments.create(azure.wanted, "Latchkey req-one")
    facts = await azure.assignments.read(azure.wanted)

    assert facts is not None
    assert another == facts.assignment


async def test_assignments_with_our_ids_are_listed_with_their_descriptions(azure: Azure) -> None:
    await azure.assignments.create(azure.wanted, "Latchkey req-one: access")

    [listed] = await azure.assignments.list_ours(azure.vault.resource_id)

    assert await azure.assignments.read(azure.wanted) == listed


async def test_assignments_on_single_secrets_are_listed_with_their_vault(azure: Azure) -> None:
    one_secret = replace(azure.wanted, scope=azure.vault.secret_scope(APP_API_KEY))
    await azure.assignments.create(one_secret, "Latchkey req-one: access")

    listed = await azure.assignments.list_ours(azure.vault.resource_id.upper())

    assert [one_secret] == [facts.assignment for facts in listed]


async def test_assignments_above_a_scope_are_not_listed(azure: Azure) -> None:
    await azure.assignments.create(azure.wanted, "Latchkey req-one: access")

    assert await azure.assignments.list_ours(azure.vault.secret_scope(APP_API_KEY)) == []


async def test_assignments_by_someone_else_are_not_listed(azure: Azure) -> None:
    azure.plant(azure.wanted, SOMEBODY_ELSES)
    another = replace(azure.wanted, principal_id=ROBIN.id)
    azure.plant(another, azure.wanted.id)

    assert await azure.assignments.list_ours(azure.vault.resource_id) == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (DEMO_API_KEY, SecretState.ENABLED),
        (DEMO_API_KEY.upper(), SecretState.ENABLED),
        (OLD_API_KEY, SecretState.DISABLED),
        ("no-such-secret", SecretState.UNKNOWN),
    ],
)
async def test_a_secret_is_enabled_disabled_or_unknown(
    azure: Azure, name: str, expected: SecretState
) -> None:
    assert await azure.secrets.state(azure.vault, name) is expected


async def test_all_secrets_count_even_disabled_ones(azure: Azure) -> None:
    assert sorted(await azure.secrets.names(azure.vault)) == sorted(
        secret.name for secret in default_seed().vaults[0].secrets
    )


async def test_the_tags_of_a_secret_are_read_without_its_value(azure: Azure) -> None:
    owned = {"team": "web", "owner": AVERY.mail}

    assert await azure.secrets.tags(azure.vault, APP_API_KEY) == owned
    assert await azure.secrets.tags(azure.vault, "no-such-secret") == {}


async def test_a_guest_is_recognised(azure: Azure) -> None:
    found = await azure.people.find(GALE.id)

    assert found is not None
    assert found.guest


@pytest.mark.parametrize("who", [DANA.id, DANA.id.upper(), DANA.mail, DANA.mail.upper()])
async def test_a_person_is_found_by_object_id_and_by_email(azure: Azure, who: str) -> None:
    assert Person(DANA.id, DANA.display_name, DANA.mail) == await azure.people.find(who)


@pytest.mark.parametrize("who", ["nobody@contoso.com", str(UUID(int=9)), ""])
async def test_unknown_people_are_not_found(azure: Azure, who: str) -> None:
    assert await azure.people.find(who) is None


@pytest.mark.parametrize("who", [SAM.mail, SAM.id])
async def test_disabled_accounts_are_distinguished(azure: Azure, who: str) -> None:
    with pytest.raises(AccountDisabled):
        await azure.people.find(who)


@pytest.mark.parametrize(
    "who",
    [
        PAYMENTS_APPROVERS.id,
        PAYMENTS_APPROVERS.id.upper(),
        PAYMENTS_APPROVERS.display_name,
        f" {PAYMENTS_APPROVERS.display_name.upper()} ",
    ],
)
async def test_a_group_is_found_by_object_id_and_by_name(azure: Azure, who: str) -> None:
    assert await azure.groups.find(who) == Group(
        PAYMENTS_APPROVERS.id, PAYMENTS_APPROVERS.display_name
    )


@pytest.mark.parametrize("who", ["Payments", str(UUID(int=9)), DANA.id, "", "  "])
async def test_unknown_groups_are_not_found(azure: Azure, who: str) -> None:
    assert await azure.groups.find(who) is None


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        (AVERY, {PAYMENTS_APPROVERS.id}),
        (ROBIN, {PAYMENTS_APPROVERS.id, PAYMENTS_ON_CALL.id}),
        (DANA, set()),
    ],
)
async def test_a_person_belongs_to_groups_directly_and_through_others(
    azure: Azure, who: User, expected: set[str]
) -> None:
    groups = [PAYMENTS_APPROVERS.id, PAYMENTS_ON_CALL.id, str(UUID(int=9))]

    assert await azure.groups.memberships(who.id, groups) == expected


async def test_an_unknown_person_belongs_to_no_group(azure: Azure) -> None:
    assert await azure.groups.memberships(str(UUID(int=9)), [PAYMENTS_APPROVERS.id]) == set()


async def test_about_any_number_of_groups_can_be_asked(azure: Azure) -> None:
    groups = [str(UUID(int=number)) for number in range(50)]

    found = await azure.groups.memberships(AVERY.id, [*groups, PAYMENTS_APPROVERS.id.upper()])

    assert found == {PAYMENTS_APPROVERS.id.upper()}


async def test_the_enabled_people_in_a_group_are_listed_by_object_id(azure: Azure) -> None:
    assert await azure.groups.members(PAYMENTS_APPROVERS.id, 10) == (
        Person(AVERY.id, AVERY.display_name, AVERY.mail),
        Person(ROBIN.id, ROBIN.display_name, ROBIN.mail),
    )
    assert len(await azure.groups.members(PAYMENTS_APPROVERS.id, 1)) == 1
    assert await azure.groups.members(str(UUID(int=9)), 10) == ()


async def test_standing_access_above_a_vault_is_seen(azure: Azure) -> None:
    group = azure.vault.resource_id.partition("/providers/")[0]
    azure.plant(replace(azure.wanted, scope=group), SOMEBODY_ELSES)

    assert list(await azure.standing.of(DANA.id, azure.vault.resource_id)) == [
        StandingRole(ROLE.guid, group, by_group=False)
    ]
    assert list(await azure.standing.of(SAM.id, azure.vault.resource_id)) == []


async def test_latchkeys_own_assignments_are_not_standing_access(azure: Azure) -> None:
    await azure.assignments.create(azure.wanted, "Latchkey req-one: access to demo-api-key")

    assert list(await azure.standing.of(DANA.id, azure.vault.resource_id)) == []
