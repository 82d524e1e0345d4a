"""Checks of locks and permission models."""

from domain.access.revocable import LockLevel
from domain.diagnosis import CheckStatus
from services.faults import NotPermitted
from services.operations.checks.revocable import revocability_checks
from tests.services.operations.checks.fakes import look
from tests.support.azure_fakes import FakeVaultControls
from tests.support.builders import SECRET, VAULT, policies

LOCKS = "Locks of kv-demo"
MODEL = "Permission model of kv-demo"
REFUSED = NotPermitted("Azure", "403 AuthorizationFailed", status=403)


async def test_a_vault_without_locks_and_with_rbac_is_good() -> None:
    controls = FakeVaultControls()
    found = [await one.look() for one in revocability_checks(policies(), controls)]

    assert [(str(one.subject), one.health) for one in found] == [
        (LOCKS, CheckStatus.GOOD),
        (MODEL, CheckStatus.GOOD),
    ]


async def test_a_lock_is_named_with_the_access_that_it_blocks() -> None:
    controls = FakeVaultControls()
    controls.lock(VAULT.resource_id)
    found = await look(revocability_checks(policies(), controls), LOCKS)

    assert found.health is CheckStatus.BROKEN
    assert found.seen == (
        "the vault kv-demo has the lock 'keep' (CanNotDelete): "
        "no access is granted to demo-api-key and app-api-key"
    )
    assert "allow_locked = true" in found.remedy


async def test_a_lock_that_the_policy_allows_is_doubtful() -> None:
    controls = FakeVaultControls()
    controls.lock(VAULT.resource_id)
    found = await look(revocability_checks(policies(allow_locked=True), controls), LOCKS)

    assert found.health is CheckStatus.DOUBTFUL
    assert "allow_locked still allows access to be granted" in found.seen


async def test_a_read_only_lock_cannot_be_allowed() -> None:
    controls = FakeVaultControls()
    controls.lock(VAULT.resource_id, "frozen", LockLevel.READ_ONLY)
    found = await look(revocability_checks(policies(allow_locked=True), controls), LOCKS)

    assert found.health is CheckStatus.BROKEN


async def test_a_lock_on_a_secret_that_cannot_be_requested_is_ignored() -> None:
    controls = FakeVaultControls()
    controls.lock(VAULT.secret_scope("another"))
    found = await look(revocability_checks(policies(SECRET), controls), LOCKS)

    assert found.health is CheckStatus.GOOD


async def test_a_vault_without_rbac_is_broken() -> None:
    controls = FakeVaultControls()
    controls.use_access_policies(VAULT.resource_id)
    found = await look(revocability_checks(policies(), controls), MODEL)

    assert found.health is CheckStatus.BROKEN
    assert found.seen.startswith("not Azure RBAC")


async def test_missing_permission_to_read_is_doubtful() -> None:
    controls = FakeVaultControls()
    controls.faults.order("locks", REFUSED)
    controls.faults.order("uses_rbac", REFUSED)
    checks = list(revocability_checks(policies(), controls))

    for subject in (LOCKS, MODEL):
        found = await look(checks, subject)
        assert found.health is CheckStatus.DOUBTFUL
        assert found.seen == "unknown: 403 AuthorizationFailed; access is granted anyway"
