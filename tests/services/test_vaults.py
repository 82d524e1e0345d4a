"""Several vaults in one deployment: each one's access is granted, ended and reconciled in it."""

from dataclasses import replace

from domain.access.assignment import Assignment
from domain.access.request import RequestState
from domain.policies.rule import Rule
from domain.reconciliation.reconciliation import SETTLED_AFTER
from domain.secrets import Vault
from services.policies import Policies
from tests.support.builders import DANA, EVE, HOUR, OTHER_SECRET, ROLE, SECRET, VAULT, a_policy
from tests.support.replica import Replica, World

OTHER_VAULT = Vault(
    name="kv-other",
    url="https://kv-other.vault.azure.net",
    resource_id=VAULT.resource_id.replace("kv-demo", "kv-other"),
)


def a_world() -> World:
    """Build a world in which each of the usual secrets is in its own vault."""
    usual = a_policy()
    world = World(
        rules=Policies(
            usual,
            (
                Rule(SECRET, usual),
                Rule(OTHER_SECRET, replace(usual, secret=OTHER_SECRET, vault=OTHER_VAULT)),
            ),
        )
    )
    world.secrets.put(OTHER_VAULT, OTHER_SECRET)
    return world


def scopes(world: World) -> list[str]:
    return sorted(facts.assignment.scope for facts in world.assignments.all())


async def test_access_is_granted_and_ended_only_in_the_vault_of_its_secret() -> None:
    world = a_world()
    replica = Replica(world)
    await replica.give(DANA, "req-one", secret=SECRET, window=2 * HOUR)
    await replica.give(DANA, "req-two", secret=OTHER_SECRET, window=HOUR)

    both = scopes(world)
    await replica.pass_time(HOUR)

    assert both == [VAULT.resource_id, OTHER_VAULT.resource_id]
    assert scopes(world) == [VAULT.resource_id]


async def test_a_request_for_secrets_in_two_vaults_is_granted_and_ended_in_both() -> None:
    world = a_world()
    replica = Replica(world)

    await replica.give(secrets=(SECRET, OTHER_SECRET))
    both = scopes(world)
    await replica.pass_time(HOUR)

    assert both == [VAULT.resource_id, OTHER_VAULT.resource_id]
    assert scopes(world) == []
    assert (await replica.request()).state is RequestState.REVOKED


async def test_orphans_of_lost_tables_are_found_in_every_vault() -> None:
    world = a_world()
    for vault, who in ((VAULT, DANA), (OTHER_VAULT, EVE)):
        lost = Assignment(vault.resource_id, who.object_id, ROLE)
        world.assignments.plant(lost, lost.id, "Latchkey req-lost: access to demo-api-key")
    world.clock.advance(SETTLED_AFTER)
    replica = Replica(world)

    await replica.reconcile.begin()
    await replica.settle()

    assert scopes(world) == []
