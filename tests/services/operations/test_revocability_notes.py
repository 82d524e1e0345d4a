"""Readiness notes about vaults where no access can be granted."""

from dataclasses import replace

from domain.policies.rule import Rule
from services.access.asking.revocability import Revocability
from services.faults import Unavailable
from services.operations.revocability_notes import FRESH, RevocabilityNotes
from services.policies import Policies
from tests.support.azure_fakes import FakeVaultControls
from tests.support.builders import SECRET, VAULT, a_policy, policies
from tests.support.clock import ManualClock

NOTE = (
    "no access is granted in kv-demo: locked_against_deletion "
    f"(scope={VAULT.resource_id}, lock=keep, level=CanNotDelete)"
)


def _noting(controls: FakeVaultControls, clock: ManualClock) -> RevocabilityNotes:
    return RevocabilityNotes(policies(), Revocability(controls, clock), clock)


async def test_a_locked_vault_is_noted_until_the_lock_is_gone() -> None:
    controls, clock = FakeVaultControls(), ManualClock()
    controls.lock(VAULT.resource_id)
    noting = _noting(controls, clock)

    await noting.look()
    during = list(noting.notes())
    controls.unlock()
    clock.advance(FRESH)
    await noting.look()

    assert during == [NOTE]
    assert list(noting.notes()) == []


async def test_a_vault_is_checked_once_a_minute() -> None:
    controls, clock = FakeVaultControls(), ManualClock()
    noting = _noting(controls, clock)

    for _ in range(3):
        await noting.look()

    assert sorted(controls.calls) == ["locks", "uses_rbac"]


async def test_a_failed_check_leaves_the_note_unchanged() -> None:
    controls, clock = FakeVaultControls(), ManualClock()
    controls.lock(VAULT.resource_id)
    noting = _noting(controls, clock)
    await noting.look()
    controls.faults.order("locks", Unavailable("Azure", "503"))

    clock.advance(FRESH)
    await noting.look()

    assert list(noting.notes()) == [NOTE]


async def test_a_vault_that_does_not_answer_hides_no_other() -> None:
    controls, clock = FakeVaultControls(), ManualClock()
    controls.lock(VAULT.resource_id)
    controls.faults.order("locks", Unavailable("Azure", "503"))
    elsewhere = replace(VAULT, name="kv-other", resource_id=f"{VAULT.resource_id}-other")
    rules = (
        Rule("a-key", a_policy(secret="a-key", vault=elsewhere)),
        Rule(SECRET, a_policy(secret=SECRET)),
    )
    both = Policies(a_policy(), rules)
    noting = RevocabilityNotes(both, Revocability(controls, clock), clock)
    await noting.look()

    assert list(noting.notes()) == [NOTE]
