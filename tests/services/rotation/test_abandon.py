"""Rotations that can never finish: an admin abandons them, or confirms that something is gone."""

from collections.abc import Callable

import pytest

from cards.reasons.sentences import sentence_in
from domain.refusals.commands import ReasonTooLong
from domain.refusals.rotations import AbandonWithoutReason, NothingToAbandon, UnknownRotation
from domain.rotation.rotation import RotationState, Step
from domain.secrets import SecretValue
from domain.typed import LONGEST_REASON
from services.faults import Unavailable
from services.rotation.abandon import Abandonments
from services.rotation.planner import Planner
from services.workflow.workflows import LISTS
from tests.services.rotation.faults.test_late_effects import APPLICATION, RegistrationWorld
from tests.services.rotation.test_overlap import SlotWorld
from tests.support.builders import ADA, HOUR, MINUTE, VAULT
from tests.support.refusing import refusing, words_of
from tests.support.rotation.builders import BY_ADA, CHECKOUT, DAY, ROTATED
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld
from tests.support.tables.crashing_table import Crash


async def _helpless(world: RotationWorld) -> RotationReplica:
    """Rotate a secret that is purged during the rotation."""
    world.when("perform verify", world.versions.forget_all)
    replica = RotationReplica(world)
    assert (await replica.rotated()).state is RotationState.NEEDS_HUMAN
    return replica


def _abandonments(replica: RotationReplica) -> Abandonments:
    return Abandonments(replica.rotations, replica.world.versions, replica.clock)


async def test_an_abandoned_rotation_releases_its_locks_and_ends_its_alert() -> None:
    world = RotationWorld()
    replica = await _helpless(world)

    rotation = await _abandonments(replica).abandon(ADA, "rot-one", "The secret was purged")
    await replica.settle()

    [listed] = [[await replica.workflows.listed(name) for name in LISTS]]
    assert rotation.state is RotationState.ABANDONED
    assert listed == [[] for _ in LISTS]
    assert await replica.rotations.is_over("rot-one")
    assert (
        await replica.locks.acquire(CHECKOUT.id, "rot-two", replica.rotations.is_over) == "rot-two"
    )
    assert await world.queued() == []


async def test_the_event_says_who_abandoned_it_why_and_what_remains() -> None:
    replica = await _helpless(RotationWorld())

    await _abandonments(replica).abandon(ADA, "rot-one", " The secret was purged ")
    await replica.settle()

    event = (await replica.events("rot-one"))[-1]
    assert event.kind == "rotation_abandoned"
    assert event.actor == ADA
    assert event.facts["reason"] == "The secret was purged"
    assert "Couldn't read which version" in sentence_in(event, "left")
    assert "rotation_abandoned" in replica.world.message_sender.sent_to(ADA.object_id)


async def test_the_secret_can_be_rotated_again_once_it_exists_again() -> None:
    world = RotationWorld()
    replica = await _helpless(world)
    await _abandonments(replica).abandon(ADA, "rot-one", "purged")
    value = world.held(CHECKOUT, "API_KEY")
    version = world.versions.put(VAULT.url, ROTATED, value)
    world.apps.pin_all(f"{world.uri}/{version}")

    second = await replica.rotated("rot-two")

    assert second.state is RotationState.OVERLAPPING


async def test_a_rotation_that_can_still_finish_is_not_abandoned() -> None:
    replica = RotationReplica(RotationWorld())
    await replica.rotated()

    with refusing(NothingToAbandon, saying="overlapping"):
        await _abandonments(replica).abandon(ADA, "rot-one", "I do not like it")
    with pytest.raises(UnknownRotation):
        await _abandonments(replica).look("rot-none", "why not")


@pytest.mark.parametrize("reason", ["", "  ", "\u3164"])
async def test_abandoning_needs_a_reason(reason: str) -> None:
    replica = await _helpless(RotationWorld())

    with refusing(AbandonWithoutReason, saying="abandon rot-one because"):
        await _abandonments(replica).look("rot-one", reason)


async def test_a_reason_that_is_too_long_abandons_nothing() -> None:
    replica = await _helpless(RotationWorld())
    reason = "x" * (LONGEST_REASON + 1)

    for act in (
        _abandonments(replica).look("rot-one", reason),
        _abandonments(replica).abandon(ADA, "rot-one", reason),
    ):
        with refusing(ReasonTooLong, saying="has 501 characters; 500 is the most"):
            await act

    assert (await replica.rotation()).state is RotationState.NEEDS_HUMAN


def _purge_secret(world: RegistrationWorld) -> None:
    world.versions.forget_all()


def _delete_application(world: RegistrationWorld) -> None:
    world.passwords.delete(APPLICATION)


@pytest.mark.parametrize(
    ("lose", "said"),
    [
        (_purge_secret, "is gone"),
        (_delete_application, "the system that issued the old credential is gone"),
    ],
)
async def test_a_retirement_of_something_deleted_ends_after_a_retry_by_an_admin(
    lose: Callable[[RegistrationWorld], None], said: str
) -> None:
    world = RegistrationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    lose(world)
    await replica.pass_time(DAY + HOUR)
    helpless = await replica.rotation()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    ended = await replica.rotation()
    assert helpless.state is RotationState.NEEDS_HUMAN
    assert "if it was deleted on purpose, retry" in words_of(helpless.records[-1].note)
    assert ended.state is RotationState.ROTATED
    assert said in words_of(ended.records[-1].note)


async def test_a_withdrawal_of_something_deleted_ends_after_a_retry_by_an_admin() -> None:
    world = RegistrationWorld()
    world.when("perform propagate", lambda: world.passwords.delete(APPLICATION))
    world.when("perform verify", world.versions.show_late)
    world.when("undo verify", world.mend)
    replica = RotationReplica(world)
    helpless = await replica.rotated()

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    issue = next(one for one in (await replica.rotation()).records if one.step is Step.ISSUE)
    assert helpless.state is RotationState.NEEDS_HUMAN
    assert (await replica.rotation()).state is RotationState.ROLLED_BACK
    assert words_of(issue.note) == "nothing to withdraw: the system that issued it is gone"


async def test_no_app_gets_a_client_secret_that_entra_does_not_accept_yet() -> None:
    world = RegistrationWorld()
    world.sign_ins.refuse_next(4)
    tried: list[int] = []
    world.when("perform propagate", lambda: tried.append(len(world.sign_ins.tried)))
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    write = next(one for one in rotation.records if one.step is Step.WRITE)
    assert tried == [5]
    assert rotation.state is RotationState.OVERLAPPING
    assert "a sign-in with it succeeded" in words_of(write.note)
    assert len(world.versions.contents(VAULT.url, ROTATED)) == 2


async def test_a_client_secret_that_entra_never_accepts_is_withdrawn() -> None:
    world = RegistrationWorld()
    world.sign_ins.refuse_next(10_000)
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.ROLLED_BACK
    assert "doesn't accept the new client secret" in words_of(rotation.failure)
    assert world.passwords.key_ids(APPLICATION) == {world.by_hand.key_id}
    assert world.is_good()


async def test_an_old_client_secret_stays_while_the_new_one_is_not_valid() -> None:
    world = RegistrationWorld()
    replica = RotationReplica(world)
    rotation = await replica.rotated()
    await world.passwords.remove(APPLICATION, rotation.credential)

    await replica.pass_time(2 * DAY)

    stuck = await replica.rotation()
    assert stuck.state is RotationState.NEEDS_HUMAN
    assert "the old one is kept" in words_of(stuck.records[-1].note)
    assert world.passwords.key_ids(APPLICATION) == {world.by_hand.key_id}


async def test_an_old_client_secret_stays_until_a_retry_if_someone_else_wrote_a_version() -> None:
    world = RegistrationWorld()
    replica = RotationReplica(world)
    await replica.rotated()
    world.versions.put(VAULT.url, ROTATED, "written by hand")
    await replica.pass_time(2 * DAY)
    helpless = await replica.rotation()
    kept = world.by_hand.key_id in world.passwords.key_ids(APPLICATION)

    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert helpless.state is RotationState.NEEDS_HUMAN
    assert "someone else wrote version" in words_of(helpless.records[-1].note)
    assert kept
    assert (await replica.rotation()).state is RotationState.ROTATED


async def test_a_withdrawal_is_given_the_old_value() -> None:
    world = RotationWorld()
    old = SecretValue(world.value(""))
    world.when("perform verify", world.versions.show_late)
    world.when("undo verify", world.mend)

    await RotationReplica(world).rotated()

    assert world.issuer.withdrawn_for == [old]


async def _abandoned_while_retiring(world: SlotWorld, fault: Unavailable) -> RotationReplica:
    """Rotate a storage key, and abandon the rotation that can't regenerate the old one."""
    replica = RotationReplica(world)
    await replica.rotated()
    await replica.pass_time(22 * HOUR)
    world.keys.faults.order("regenerate", fault, times=FOREVER)
    while (await replica.rotation()).state is not RotationState.NEEDS_HUMAN:
        await replica.pass_time(MINUTE)
    world.keys.faults.clear()
    await _abandonments(replica).abandon(ADA, "rot-one", "I regenerate it by hand")
    await replica.settle()
    return replica


async def test_after_one_that_was_abandoned_while_retiring_the_secret_can_be_rotated_again() -> (
    None
):
    world = SlotWorld()
    fault = Unavailable("Azure", "503", outcome_unknown=False)
    replica = await _abandoned_while_retiring(world, fault)

    await replica.rotate("rot-two")
    await replica.settle()

    second = await replica.rotation("rot-two")
    assert second.state is RotationState.OVERLAPPING
    assert (await replica.rotation()).state is RotationState.ABANDONED
    assert world.value("") == world.key("key1")


async def test_a_key_is_not_issued_while_an_abandoned_rotation_may_still_regenerate_it() -> None:
    world = SlotWorld()
    replica = await _abandoned_while_retiring(world, Unavailable("Azure", "no answer in time"))

    await replica.rotate("rot-two")
    await replica.settle()
    waiting = await replica.rotation("rot-two")
    await replica.pass_time(HOUR)

    assert waiting.step is Step.ISSUE
    assert "hasn't retired its old credential yet" in words_of(waiting.last_failure)
    assert (await replica.rotation("rot-two")).state is RotationState.OVERLAPPING


async def test_the_next_plan_says_what_an_abandoned_rotation_left_valid() -> None:
    world = SlotWorld()
    old = world.current()
    fault = Unavailable("Azure", "503", outcome_unknown=False)
    replica = await _abandoned_while_retiring(world, fault)
    planner = Planner(replica.rotations, world.versions, {}, world.issuers(Crash()), world.clock)

    plan = await planner.plan(ROTATED, BY_ADA, "rot-two")

    said = words_of(plan.notes[0])
    assert not plan.is_blocked
    assert f"rot-one was abandoned in its last step: the old version {old[:8]} may" in said
