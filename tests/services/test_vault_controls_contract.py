"""What Azure promises about locks and permission models, tested on the fake and the adapter."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from domain.access.assignment import Assignment
from domain.access.revocable import LockLevel, ResourceLock, describe_place
from sandbox import roles
from sandbox.seed import APP_API_KEY, BOT, DANA, SITE, VAULT, default_seed
from sandbox.stored import locks
from services.azure.authorization.assignments import ArmAssignments
from services.azure.authorization.vault_controls import ArmVaultControls
from services.azure.calls.pipeline import Pipeline
from services.faults import Locked
from services.ports import Assignments, VaultControls
from tests.support.azure_fakes import FakeAssignments, FakeVaultControls
from tests.support.clock import ManualClock
from tests.support.sandbox import now, running_sandbox

SEED = default_seed()
VAULT_ID = SEED.vault_scope(VAULT)
WANTED = Assignment(VAULT_ID, DANA.id, roles.KEY_VAULT_SECRETS_USER.guid)
PLACES = [f"/subscriptions/{SEED.subscription_id}", SEED.group_scope, VAULT_ID]


@dataclass(frozen=True, slots=True)
class Azure:
    """One Azure, with a way to lock and unlock behind Latchkey's back."""

    assignments: Assignments
    controls: VaultControls
    lock: Callable[[str, LockLevel], None]
    unlock: Callable[[], None]
    use_access_policies: Callable[[], None]


def _fake() -> Azure:
    controls = FakeVaultControls()
    return Azure(
        FakeAssignments(ManualClock(now()), controls),
        controls,
        lambda scope, level: controls.lock(scope, "keep", level),
        controls.unlock,
        lambda: controls.use_access_policies(VAULT_ID),
    )


@asynccontextmanager
async def _real(tls_dir: Path) -> AsyncIterator[Azure]:
    async with running_sandbox(tls_dir) as sandbox:
        state = sandbox.state
        pipeline, bot = Pipeline(sandbox.session), sandbox.credential(BOT.id)
        url, scope = sandbox.base_url, f"{sandbox.base_url}/.default"
        assignments = ArmAssignments(bot, pipeline, endpoint=url, token_scope=scope)
        controls = ArmVaultControls(bot, pipeline, endpoint=url, token_scope=scope)

        def use_access_policies() -> None:
            state.vaults[VAULT].rbac = False

        yield Azure(
            assignments,
            controls,
            lambda place, level: state.locks.append(
                locks.StoredLock("keep", place, locks.Level(str(level)))
            ),
            state.locks.clear,
            use_access_policies,
        )
        for adapter in (assignments, controls):
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


async def test_a_vault_without_locks_has_none_and_uses_rbac(azure: Azure) -> None:
    assert await azure.controls.locks(VAULT_ID) == ()
    assert await azure.controls.uses_rbac(VAULT_ID) is True


@pytest.mark.parametrize("place", [*PLACES, f"{VAULT_ID}/secrets/{APP_API_KEY}"])
@pytest.mark.parametrize("level", list(LockLevel))
async def test_a_lock_at_above_or_below_a_vault_is_listed(
    azure: Azure, place: str, level: LockLevel
) -> None:
    azure.lock(place, level)

    assert await azure.controls.locks(VAULT_ID) == (ResourceLock("keep", level, place),)


async def test_a_lock_on_another_resource_is_not_listed(azure: Azure) -> None:
    azure.lock(SEED.site_scope(SITE), LockLevel.CAN_NOT_DELETE)

    assert await azure.controls.locks(VAULT_ID) == ()


async def test_a_vault_with_access_policies_does_not_use_rbac(azure: Azure) -> None:
    azure.use_access_policies()

    assert await azure.controls.uses_rbac(VAULT_ID) is False


@pytest.mark.parametrize("place", PLACES)
async def test_under_a_lock_an_assignment_can_be_created_but_not_deleted_until_the_lock_is_gone(
    azure: Azure, place: str
) -> None:
    azure.lock(place, LockLevel.CAN_NOT_DELETE)
    await azure.assignments.create(WANTED, "Latchkey req-one")

    with pytest.raises(Locked) as refused:
        await azure.assignments.delete(WANTED)
    kept = await azure.assignments.read(WANTED)
    azure.unlock()

    assert (refused.value.status, refused.value.code) == (409, "ScopeLocked")
    assert refused.value.scopes == (place,)
    assert refused.value.cause == f"409 ScopeLocked: the {describe_place(place)} is locked"
    assert kept is not None
    assert await azure.assignments.delete(WANTED) is True


async def test_under_a_lock_even_a_missing_assignment_cannot_be_deleted(azure: Azure) -> None:
    azure.lock(VAULT_ID, LockLevel.CAN_NOT_DELETE)

    with pytest.raises(Locked):
        await azure.assignments.delete(WANTED)


async def test_under_a_read_only_lock_no_assignment_can_be_created(azure: Azure) -> None:
    azure.lock(VAULT_ID, LockLevel.READ_ONLY)

    with pytest.raises(Locked):
        await azure.assignments.create(WANTED, "Latchkey req-one")

    assert await azure.assignments.read(WANTED) is None
