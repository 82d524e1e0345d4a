"""Azure locks and new permissions: what people see when access can't be granted."""

import json
from pathlib import Path

import pytest

from sandbox.roles import READ_METADATA
from sandbox.seed import BOT, RESOURCE_GROUP, VAULT
from sandbox.seed import DANA as DANA_USER
from sandbox.stored.locks import Level, StoredLock
from tests.outside.operations.test_doctor import line_of
from tests.outside.scenarios import ASKED, asked, correlation_id, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.people import Seen

pytestmark = pytest.mark.in_memory

GRANTS = "roleAssignments/"


def lock(bot: Latchkey, scope: str, level: Level = Level.CAN_NOT_DELETE) -> None:
    bot.sandbox.state.locks.append(StoredLock("keep", scope, level))


def vault_of(bot: Latchkey) -> str:
    return bot.sandbox.seed.vault_scope(VAULT)


def given_to_dana(bot: Latchkey) -> list[str]:
    held = bot.sandbox.state.assignments.live.values()
    return [one.name for one in held if one.principal_id == DANA_USER.id]


async def approve(bot: Latchkey) -> Seen:
    answer = await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await bot.tick()
    return answer


async def test_access_to_a_locked_vault_is_refused_naming_the_lock(
    latchkey: Latchkey,
) -> None:
    lock(latchkey, vault_of(latchkey))

    card = await latchkey.say(DANA, ASKED)

    assert (
        "The vault demo-vault has the lock 'keep' (CanNotDelete), so access couldn't be revoked "
        "again. No request was made: an admin has to look into it."
    ) in card.words


async def test_a_lock_added_while_a_request_is_pending_prevents_the_grant(
    latchkey: Latchkey,
) -> None:
    await asked(latchkey)
    lock(latchkey, latchkey.sandbox.seed.group_scope)
    await approve(latchkey)

    sentence = (
        f"The resource group {RESOURCE_GROUP} has the lock 'keep' (CanNotDelete), so access "
        "couldn't be revoked again. Nothing was granted."
    )
    told = latchkey.sent_to(DANA)[-1]
    assert "Access not granted" in told.words
    assert sentence in told.words
    assert sentence in latchkey.audit()[-1].words
    assert given_to_dana(latchkey) == []


async def test_a_vault_without_rbac_is_refused_instead_of_shown_as_granted(
    latchkey: Latchkey,
) -> None:
    vault = latchkey.sandbox.state.vaults[VAULT]
    vault.rbac = False
    vault.access_policies[BOT.id] = (READ_METADATA,)

    card = await latchkey.say(DANA, ASKED)

    assert "The vault demo-vault doesn't use Azure RBAC" in card.words


async def test_the_policy_file_can_allow_access_under_a_lock(
    latchkey: Latchkey, tmp_path: Path
) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[[secret]]\nname = "demo-api-key"\nallow_locked = true\n')
    await latchkey.restart(POLICY_FILE=str(path))
    lock(latchkey, vault_of(latchkey))

    await granted(latchkey)
    await latchkey.reconcile()
    examined = await latchkey.say(AVERY, "doctor")

    assert len(given_to_dana(latchkey)) == 1
    found = line_of(examined, "Locks of demo-vault")
    assert "no access is granted to" in found
    assert "demo-api-key" not in found


async def test_access_kept_by_a_lock_is_shown_as_stuck_and_ends_without_the_lock(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    lock(latchkey, vault_of(latchkey))
    clock.advance(hours=2)
    await latchkey.tick()
    clock.advance(minutes=5)
    await latchkey.tick()
    told, audited = latchkey.sent_to(DANA)[-1], latchkey.audit()[-1]
    stuck = await latchkey.say(AVERY, "stuck")
    history = await latchkey.say(AVERY, f"history {request_id}")
    status = await latchkey.say(AVERY, f"status {request_id}")

    assert "a resource lock keeps Azure from removing it. Remove the lock" in audited.words
    assert "409 ScopeLocked: the vault demo-vault is locked" in audited.words
    assert "ScopeLocked" not in told.words
    assert "a resource lock is blocking it" in stuck.words
    assert "409 ScopeLocked" in stuck.words
    assert "Azure answered 409 ScopeLocked" in history.words
    assert "409 ScopeLocked" in status.words

    latchkey.sandbox.state.locks.clear()
    clock.advance(minutes=5)
    await latchkey.tick()

    assert given_to_dana(latchkey) == []
    assert "Access revoked" in latchkey.audit()[-1].words


async def test_readiness_and_doctor_report_a_locked_vault(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    ready = await latchkey.get("/readyz")
    lock(latchkey, vault_of(latchkey))
    clock.advance(minutes=1)
    status, body = await latchkey.get("/readyz")
    examined = await latchkey.say(AVERY, "doctor")

    assert ready == (200, '{"status": "ready"}')
    assert status == 200
    note = (
        "no access is granted in demo-vault: locked_against_deletion "
        f"(scope={vault_of(latchkey)}, lock=keep, level=CanNotDelete)"
    )
    assert json.loads(body)["notes"] == [note]
    assert line_of(examined, "Locks of demo-vault").startswith("✗ ")
    assert "the vault demo-vault has the lock 'keep' (CanNotDelete)" in examined.words


async def test_an_outage_of_resource_manager_leaves_the_bot_ready(latchkey: Latchkey) -> None:
    latchkey.sandbox.break_next(refusing("GET", "/locks", status=503))

    assert await latchkey.get("/readyz") == (200, '{"status": "ready"}')


async def test_new_permissions_are_waited_for_and_people_see_it(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    latchkey.sandbox.break_next(refusing("PUT", GRANTS, times=1))
    await approve(latchkey)
    told, audited = latchkey.sent_to(DANA)[-1], latchkey.audit()[-1]
    clock.advance(minutes=1)
    await latchkey.tick()

    sentence = (
        "Azure doesn't let me grant access to demo-api-key in demo-vault yet. "
        "New permissions take a few minutes to take effect; I'll keep trying until"
    )
    assert sentence in told.words
    assert sentence in audited.words
    assert "403 AuthorizationFailed" in audited.words
    assert "AuthorizationFailed" not in told.words
    assert "Access granted" in latchkey.sent_to(DANA)[-1].words
