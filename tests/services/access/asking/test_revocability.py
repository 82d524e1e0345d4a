"""No access is granted that couldn't be revoked again."""

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.request import GRANT_PATIENCE, Request, RequestState
from domain.access.revocable import LockLevel
from domain.reasons import Reason, facts_of_reason
from domain.reconciliation.orphan import OrphanState
from domain.reconciliation.reconciliation import SETTLED_AFTER
from domain.refusals.secrets import CouldNotEnd
from services.access.asking.revocability import REMEMBERED
from services.faults import NotPermitted, Unavailable
from tests.support.builders import ASSIGNMENT, DANA, HOUR, MINUTE, SECOND, VAULT, policies
from tests.support.refusing import failure_of
from tests.support.replica import Replica, World, a_draft
from tests.support.tables.crashing_table import When

GROUP, _, _ = VAULT.resource_id.partition("/providers/")
SUBSCRIPTION, _, _ = GROUP.partition("/resourceGroups/")
FOREVER = 1_000_000


async def _approved(world: World) -> Replica:
    replica = Replica(world)
    await replica.ask()
    await replica.approve()
    return replica


async def _last_facts(replica: Replica) -> dict[str, object]:
    return dict((await replica.events())[-1].facts)


@pytest.mark.parametrize(
    ("scope", "place"),
    [
        (VAULT.resource_id, "vault kv-demo"),
        (GROUP, "resource group rg-demo"),
        (SUBSCRIPTION, "subscription 5b1c0000-0000-4000-8000-000000000001"),
    ],
)
async def test_a_lock_added_after_the_approval_blocks_the_grant(scope: str, place: str) -> None:
    world = World()
    replica = await _approved(world)
    world.controls.lock(scope)

    await replica.settle()
    request = await replica.request()

    assert request.state is RequestState.FAILED
    assert failure_of(request) == (
        f"The {place} has the lock 'keep' (CanNotDelete), so access couldn't be revoked again. "
        "Nothing was granted."
    )
    assert await replica.event_kinds() == ["requested", "approved", "failed"]
    assert world.assignments.calls == []
    assert await world.leases() == []


@pytest.mark.parametrize("allow_locked", [False, True])
async def test_a_read_only_lock_blocks_the_grant_whatever_the_policy_says(
    *, allow_locked: bool
) -> None:
    world = World(rules=policies(allow_locked=allow_locked))
    replica = await _approved(world)
    world.controls.lock(GROUP, "frozen", LockLevel.READ_ONLY)

    await replica.settle()

    assert failure_of(await replica.request()) == (
        "The resource group rg-demo has the lock 'frozen' (ReadOnly), so access can be neither "
        "granted nor revoked. Nothing was granted."
    )
    assert world.assignments.calls == []


async def test_access_is_granted_under_a_lock_that_the_policy_allows() -> None:
    world = World(rules=policies(allow_locked=True))
    world.controls.lock(GROUP)

    request = await Replica(world).give()

    assert request.state is RequestState.ACTIVE


async def test_no_access_is_granted_in_a_vault_without_rbac() -> None:
    world = World(rules=policies(allow_locked=True))
    replica = await _approved(world)
    world.controls.use_access_policies(VAULT.resource_id)

    await replica.settle()

    assert failure_of(await replica.request()) == (
        "The vault kv-demo doesn't use Azure RBAC, so a role assignment would give no access "
        "to its secrets. Nothing was granted."
    )
    assert world.assignments.calls == []


async def test_access_under_a_lock_cannot_be_requested() -> None:
    world = World()
    world.controls.lock(VAULT.resource_id)
    replica = Replica(world)

    with pytest.raises(CouldNotEnd) as refused:
        await replica.ask()

    assert sentence_of(refused.value) == (
        "The vault kv-demo has the lock 'keep' (CanNotDelete), so access couldn't be revoked "
        "again. No request was made: an admin has to look into it."
    )
    assert await replica.workflows.load("req-one") is None


async def test_break_glass_access_is_refused_under_a_lock_too() -> None:
    world = World(rules=policies(break_glass=("dana@contoso.example",)))
    world.controls.lock(VAULT.resource_id)
    replica = Replica(world)

    with pytest.raises(CouldNotEnd):
        await replica.access.break_glass(DANA, a_draft(), [])


async def test_once_a_lock_is_removed_people_can_ask_at_once() -> None:
    world = World()
    world.controls.lock(VAULT.resource_id)
    replica = Replica(world)
    with pytest.raises(CouldNotEnd):
        await replica.ask()
    world.controls.unlock()

    request = await replica.ask()

    assert request.state is RequestState.PENDING


async def test_asking_again_within_a_minute_asks_azure_once() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask(request_id="req-one")

    world.clock.advance(REMEMBERED - SECOND)
    await replica.ask(request_id="req-two")
    within = len(world.controls.calls)
    world.clock.advance(SECOND)
    await replica.ask(request_id="req-three")

    assert within == 2
    assert len(world.controls.calls) == 4


@pytest.mark.parametrize("operation", ["locks", "uses_rbac"])
async def test_a_grant_waits_while_azure_does_not_list_its_locks(
    operation: str,
) -> None:
    world = World()
    replica = await _approved(world)
    down = Unavailable("Azure", "503", outcome_unknown=False)
    world.controls.faults.order(operation, down, times=2)

    await replica.settle()
    waiting = await replica.request()
    calls = list(world.assignments.calls)
    await replica.pass_time(MINUTE)

    assert (waiting.state, waiting.cause) == (RequestState.GRANTING, "503")
    assert calls == []
    assert (await replica.request()).state is RequestState.ACTIVE


@pytest.mark.parametrize("operation", ["locks", "uses_rbac"])
async def test_a_bot_without_permission_to_read_locks_still_grants_access(operation: str) -> None:
    world = World()
    refused = NotPermitted("Azure", "403 AuthorizationFailed", status=403)
    world.controls.faults.order(operation, refused, times=FOREVER)

    request = await Replica(world).give()

    assert request.state is RequestState.ACTIVE


async def test_an_outage_blocks_no_one_from_asking() -> None:
    world = World()
    world.controls.faults.order("locks", Unavailable("Azure", "503"))

    assert (await Replica(world).ask()).state is RequestState.PENDING


async def test_an_assignment_made_before_the_lock_is_removed_once_the_lock_is_gone() -> None:
    world = World()
    replica = await _approved(world)
    lost = Unavailable("Azure", "503")
    world.assignments.faults.order("create", lost, when=When.AFTER)
    await replica.settle()
    world.controls.lock(VAULT.resource_id)

    await replica.pass_time(HOUR)
    during = await replica.request()
    world.controls.unlock()
    await replica.pass_time(5 * MINUTE)

    assert during.state is RequestState.STUCK
    assert "Nothing was granted" not in failure_of(during)
    assert (await replica.request()).state is RequestState.FAILED
    assert world.assignments.all() == []


async def test_an_invisible_lock_fails_the_request_at_once() -> None:
    world = World()
    refused = NotPermitted("Azure", "403 AuthorizationFailed", status=403)
    world.controls.faults.order("locks", refused, times=FOREVER)
    world.controls.lock(GROUP, level=LockLevel.READ_ONLY)
    replica = await _approved(world)

    await replica.settle()

    assert (await replica.request()).state is RequestState.FAILED
    assert await _last_facts(replica) == {
        **facts_of_reason(Reason("assignment_locked", {"scopes": (GROUP,)})),
        "status": 409,
        "code": "ScopeLocked",
    }
    assert await world.leases() == []


async def test_access_kept_by_a_lock_is_stuck_with_that_cause_and_ends_without_the_lock() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.controls.lock(GROUP)

    await replica.pass_time(HOUR + 10 * MINUTE)
    stuck = await replica.request()
    facts = await _last_facts(replica)
    world.controls.unlock()
    await replica.pass_time(5 * MINUTE)

    assert stuck.state is RequestState.STUCK
    assert stuck.answer
    assert stuck.answer.code == "ScopeLocked"
    assert {
        "cause": "409 ScopeLocked: the resource group rg-demo is locked",
        "status": 409,
        "code": "ScopeLocked",
    }.items() <= facts.items()
    assert (await replica.request()).state is RequestState.REVOKED
    assert world.assignments.all() == []


async def test_access_someone_removed_despite_the_lock_counts_as_ended() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.controls.lock(VAULT.resource_id)
    world.assignments.forget(ASSIGNMENT.scope, ASSIGNMENT.id)

    await replica.pass_time(HOUR)

    assert (await replica.request()).state is RequestState.REVOKED


async def test_an_orphan_kept_by_a_lock_is_announced_with_its_cause_and_removed_later() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, ASSIGNMENT.id, "Latchkey req-lost: access to a secret")
    world.controls.lock(GROUP)
    world.clock.advance(SETTLED_AFTER)
    replica = Replica(world)
    await replica.reconcile.begin()

    await replica.pass_time(10 * MINUTE)
    [stuck] = await replica.workflows.listed(OrphanState.STUCK)
    told = world.message_sender.posts[-1].announcement.event
    world.controls.unlock()
    await replica.pass_time(5 * MINUTE)

    assert stuck.startswith("orp-")
    assert told
    assert {"status": 409, "code": "ScopeLocked"}.items() <= told.facts.items()
    assert world.assignments.all() == []


async def test_an_orphan_someone_removed_despite_the_lock_counts_as_ended() -> None:
    world = World()
    world.assignments.plant(ASSIGNMENT, ASSIGNMENT.id, "Latchkey req-lost: access to a secret")
    world.clock.advance(SETTLED_AFTER)
    replica = Replica(world)
    world.assignments.faults.order("delete", Unavailable("Azure", "503"), times=3)
    await replica.reconcile.begin()
    await replica.tick()
    world.controls.lock(GROUP)
    world.assignments.forget(ASSIGNMENT.scope, ASSIGNMENT.id)

    await replica.pass_time(10 * MINUTE)

    assert await replica.workflows.listed(OrphanState.STUCK) == []


async def test_waiting_for_an_earlier_grants_end_is_not_blamed_on_azure() -> None:
    world = World()
    replica = Replica(world)
    await replica.give()
    world.controls.lock(VAULT.resource_id)
    await replica.pass_time(HOUR)
    world.controls.unlock()
    world.assignments.faults.order("delete", Unavailable("Azure", "503"), times=FOREVER)

    await replica.ask(request_id="req-two")
    await replica.approve(request_id="req-two")
    await replica.pass_time(GRANT_PATIENCE)
    request: Request = await replica.request("req-two")

    assert failure_of(request) == (
        "The same access from an earlier request is still being revoked, and hadn't ended "
        "within 10 minutes. Ask again once it has ended."
    )


async def test_a_lock_found_after_an_unanswered_attempt_does_not_end_the_request_at_once() -> None:
    world = World()
    refused = NotPermitted("Azure", "403 AuthorizationFailed", status=403)
    world.controls.faults.order("locks", refused, times=FOREVER)
    world.assignments.faults.order("create", Unavailable("Azure", "503"))
    replica = await _approved(world)
    await replica.settle()
    world.controls.lock(GROUP, level=LockLevel.READ_ONLY)

    await replica.pass_time(30 * SECOND)
    soon = await replica.request()
    await replica.pass_time(5 * MINUTE)

    assert soon.state is RequestState.REVOKING
    assert (await replica.request()).state is RequestState.FAILED
    assert await world.leases() == []


async def test_several_secrets_in_one_vault_cost_one_check() -> None:
    world = World()
    replica = Replica(world)
    await replica.ask(secrets=("demo-api-key", "app-api-key"))
    await replica.approve()
    world.controls.calls.clear()

    await replica.settle()

    assert sorted(world.controls.calls) == ["locks", "uses_rbac"]
    assert (await replica.request()).state is RequestState.ACTIVE
