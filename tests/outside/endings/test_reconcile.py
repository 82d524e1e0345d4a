"""Reconciling Azure with the bot's records after one of them was changed by someone else."""

from sandbox.seed import DEMO_API_KEY, VAULT
from tests.outside.operations.test_operations import counted, reasons
from tests.outside.scenarios import correlation_id, granted, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import DANA, ROBIN
from tests.support.latchkey import Latchkey


async def test_after_the_table_is_lost_its_grants_are_removed_and_reported(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    request_id = correlation_id(await granted(latchkey))
    await latchkey.lose_table()
    clock.advance(minutes=20)
    before = await latchkey.read(DANA, DEMO_API_KEY)
    await latchkey.reconcile()

    assert before
    assert latchkey.assigned(DANA) == []
    assert await latchkey.read(DANA, DEMO_API_KEY) is None
    told = latchkey.audit()[-1]
    assert told.status == "Orphaned access removed"
    assert f"Latchkey {request_id}: access to demo-api-key" in told.words
    assert (await counted(latchkey)).items() >= {"found": 1, "revoked": 1}.items()


async def test_an_admins_assignment_stays(latchkey: Latchkey, clock: ManualClock) -> None:
    latchkey.assign_by_hand(ROBIN)
    clock.advance(hours=1)
    await latchkey.reconcile()

    assert len(latchkey.assigned(ROBIN)) == 1
    assert latchkey.audit() == []


async def test_current_access_survives_every_reconciliation(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    clock.advance(hours=1)
    await latchkey.reconcile()
    await latchkey.restart()
    await latchkey.reconcile()

    assert await latchkey.read(DANA, DEMO_API_KEY)


async def test_access_removed_in_azure_by_an_admin_is_closed_as_out_of_band(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    assignments = latchkey.sandbox.state.assignments
    vault = latchkey.sandbox.seed.vault_scope(VAULT)
    [dana] = latchkey.assigned(DANA)
    found = assignments.get(vault, str(dana["name"]))
    assert found is not None
    assignments.remove(found, clock())
    clock.advance(minutes=20)
    await latchkey.reconcile()
    await latchkey.tick()

    assert [post.status for post in latchkey.audit()][-2:] == [
        "Access removed out of band",
        "Access revoked",
    ]
    assert "Someone else removed the role assignment in Azure" in latchkey.sent_to(DANA)[-1].words


async def test_of_two_grants_on_a_removed_assignment_none_is_said_to_open_the_secret_still(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    await granted(latchkey)
    vault = latchkey.sandbox.seed.vault_scope(VAULT)
    [shared] = latchkey.assigned(DANA)
    found = latchkey.sandbox.state.assignments.get(vault, str(shared["name"]))
    assert found is not None
    latchkey.sandbox.state.assignments.remove(found, clock())
    clock.advance(minutes=20)
    await latchkey.reconcile()
    await latchkey.tick()

    said = [post.words for post in (*latchkey.audit(), *latchkey.sent_to(DANA))]
    statuses = [post.status for post in latchkey.audit()]
    assert statuses.count("Access removed out of band") == 2
    assert statuses.count("Access revoked") == 2
    assert not any("still read" in words for words in said)


async def test_an_orphan_that_cannot_be_removed_makes_the_bot_not_ready(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    await latchkey.lose_table()
    clock.advance(minutes=20)
    latchkey.sandbox.break_next(refusing("DELETE", "roleAssignments"))
    await latchkey.reconcile()
    clock.advance(minutes=5)
    await latchkey.tick()
    overdue = await reasons(latchkey)
    latchkey.sandbox.state.faults.clear()
    clock.advance(minutes=5)
    await latchkey.tick()

    assert len(overdue) == 1
    assert overdue[0].startswith("overdue revocation: orp-")
    assert [post.status for post in latchkey.audit()][-2:] == [
        "Orphaned access can't be removed",
        "Orphaned access removed",
    ]
    assert await reasons(latchkey) == []
