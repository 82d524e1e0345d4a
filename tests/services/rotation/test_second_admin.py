"""Rotations that need another admin's approval."""

import pytest

from cards.reasons.sentences import sentence_of
from domain.people import Group
from domain.policies.rule import Rules
from domain.refusals.commands import ReasonTooLong
from domain.refusals.decisions import AccountGone
from domain.refusals.people import NotAnAdmin
from domain.refusals.refusal import Refusal
from domain.refusals.rotations import (
    MayNotAgree,
    NobodyCanAgree,
    OwnRotation,
    RotationNoLongerPending,
    RotationRulesChanged,
    RotationUnderWay,
    UnknownRotation,
)
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import RotationState
from domain.typed import LONGEST_REASON
from services.rotation.rotations import AGREE_WITHIN
from tests.services.rotation.endings import require_rotated
from tests.support.builders import ADA, BO, CY, DANA, EVE, HOUR, MINUTE, SECOND, in_directory
from tests.support.refusing import refusing
from tests.support.rotation.builders import (
    DAY,
    LITERAL,
    ROTATED,
    SLOT,
    a_rotation_policy,
    monthly,
)
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, RotationWorld


def _world() -> RotationWorld:
    return RotationWorld(a_rotation_policy(dependents=DEPENDENTS, second_admin=True))


async def test_nothing_happens_before_another_admin_approves() -> None:
    world = _world()
    before = world.azure()
    replica = RotationReplica(world)

    rotation = await replica.rotated()

    assert rotation.state is RotationState.PENDING
    assert (in_directory(BO),) == rotation.terms.approvers
    assert world.azure() == before
    assert world.message_sender.audited() == ["rotation_asked"]
    assert f"approver-{BO.object_id}" in world.message_sender.posted()


async def test_another_admins_approval_starts_it() -> None:
    world = _world()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotated()

    rotation = await replica.rotations.approve(BO, "rot-one")
    await replica.settle()

    assert rotation.approved_by == BO
    assert (await replica.rotation()).state is RotationState.OVERLAPPING
    require_rotated(world, before)


async def test_a_note_that_is_too_long_decides_nothing() -> None:
    replica = RotationReplica(_world())
    await replica.rotated()
    note = "x" * (LONGEST_REASON + 1)

    for decide in (replica.rotations.approve, replica.rotations.deny):
        with pytest.raises(ReasonTooLong):
            await decide(BO, "rot-one", note)

    assert (await replica.rotation()).state is RotationState.PENDING


async def test_the_requester_cannot_approve_or_deny() -> None:
    replica = RotationReplica(_world())
    await replica.rotate()

    for answer in (replica.rotations.approve, replica.rotations.deny):
        with pytest.raises(OwnRotation):
            await answer(ADA, "rot-one")

    assert (await replica.rotation()).state is RotationState.PENDING


async def test_only_an_admin_can_approve() -> None:
    replica = RotationReplica(_world())
    await replica.rotate()

    with pytest.raises(MayNotAgree, match=BO.name):
        await replica.rotations.approve(DANA, "rot-one")

    assert (await replica.rotation()).state is RotationState.PENDING


async def test_another_admins_denial_ends_it() -> None:
    world = _world()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotate()

    await replica.rotations.deny(BO, "rot-one")
    await replica.pass_time(HOUR)

    assert (await replica.rotation()).state is RotationState.DENIED
    assert world.azure() == before
    assert await world.queued() == []
    assert world.message_sender.sent_to(ADA.object_id) == ["rotation_denied"]


async def test_it_expires_when_nobody_answers() -> None:
    world = _world()
    replica = RotationReplica(world)
    await replica.rotate()

    await replica.pass_time(AGREE_WITHIN - SECOND)
    before = (await replica.rotation()).state
    await replica.pass_time(SECOND)

    assert before is RotationState.PENDING
    assert (await replica.rotation()).state is RotationState.LAPSED
    assert world.message_sender.sent_to(ADA.object_id) == ["rotation_lapsed"]


async def test_a_late_answer_shows_the_outcome() -> None:
    replica = RotationReplica(_world())
    await replica.rotate()
    await replica.pass_time(AGREE_WITHIN)

    with refusing(RotationNoLongerPending, saying="expired"):
        await replica.rotations.approve(BO, "rot-one")


async def test_every_refusal_of_an_answer_is_about_the_rotation() -> None:
    replica = RotationReplica(_world())
    await replica.rotate()

    with pytest.raises(Refusal) as own:
        await replica.rotations.approve(ADA, "rot-one")
    with pytest.raises(Refusal) as others:
        await replica.rotations.deny(DANA, "rot-one")
    await replica.rotations.deny(BO, "rot-one")
    with pytest.raises(Refusal) as late:
        await replica.rotations.approve(BO, "rot-one")

    for caught in (own, others, late):
        assert "rotation" in sentence_of(caught.value)
        assert "request" not in sentence_of(caught.value)


async def test_it_is_approved_once() -> None:
    replica = RotationReplica(_world())
    await replica.rotate()
    await replica.rotations.approve(BO, "rot-one")

    with pytest.raises(RotationNoLongerPending):
        await replica.rotations.deny(BO, "rot-one")


async def test_an_unknown_rotation_cannot_be_approved() -> None:
    replica = RotationReplica(_world())

    with pytest.raises(UnknownRotation):
        await replica.rotations.approve(BO, "rot-none")


async def test_without_another_admin_it_is_refused_and_blocks_nothing() -> None:
    world = _world()
    replica = RotationReplica(world)
    await replica.rotate("rot-one")
    await replica.rotations.approve(BO, "rot-one")
    await replica.settle()
    world.people.disable(in_directory(BO))
    world.clock.advance(HOUR)

    with pytest.raises(NobodyCanAgree):
        await replica.rotate("rot-two")

    last = await replica.rotations.last_of(a_rotation_policy())
    assert last is not None
    assert last.id == "rot-one"


async def test_a_rotation_waiting_for_approval_holds_the_secret_until_it_expires() -> None:
    replica = RotationReplica(_world())
    await replica.rotate("rot-one")

    with refusing(RotationUnderWay, saying="rot-one"):
        await replica.rotate("rot-two")
    await replica.pass_time(AGREE_WITHIN)
    second = await replica.rotate("rot-two")

    assert second.id == "rot-two"


async def test_a_former_admin_cannot_approve_or_deny() -> None:
    world = _world()
    await RotationReplica(world).rotate()
    world.admins = (ADA,)
    replica = RotationReplica(world)  # which was started with other admins

    for answer in (replica.rotations.approve, replica.rotations.deny):
        with pytest.raises(NotAnAdmin):
            await answer(BO, "rot-one")

    assert (await replica.rotation()).state is RotationState.PENDING


async def test_an_admin_with_a_disabled_account_cannot_approve() -> None:
    world = _world()
    replica = RotationReplica(world)
    await replica.rotate()
    world.people.disable(in_directory(BO))

    with pytest.raises(AccountGone):
        await replica.rotations.approve(BO, "rot-one")

    assert (await replica.rotation()).state is RotationState.PENDING


async def test_members_of_an_admin_group_can_approve_if_they_are_admins_then() -> None:
    world = _world()
    group = Group("70000000-0000-4000-8000-000000000001", "Platform admins")
    world.administered_by = (f"group:{group.name}",)
    world.groups.add(group, *map(in_directory, (ADA, BO, CY)))
    replica = RotationReplica(world)

    rotation = await replica.rotated()
    world.groups.remove(group, in_directory(BO))
    world.groups.add(group, in_directory(EVE))
    world.clock.advance(2 * MINUTE)

    assert (rotation.terms.approvers, rotation.terms.admin_groups) == (
        (in_directory(BO), in_directory(CY)),
        (group,),
    )
    for one in (BO, DANA):
        with pytest.raises(NotAnAdmin):
            await replica.rotations.approve(one, "rot-one")
    assert (await replica.rotations.approve(EVE, "rot-one")).approved_by == EVE


TAKEN_OUT: tuple[RotationPolicy, ...] = ()
CHANGED = {
    "taken out": TAKEN_OUT,
    "another dependent": (a_rotation_policy(dependents=(LITERAL, SLOT), second_admin=True),),
    "a longer overlap": (
        a_rotation_policy(dependents=DEPENDENTS, second_admin=True, overlap=2 * DAY),
    ),
}


@pytest.mark.parametrize("rules", CHANGED.values(), ids=CHANGED.keys())
async def test_it_cannot_be_approved_once_the_rules_have_changed(
    rules: tuple[RotationPolicy, ...],
) -> None:
    world = _world()
    before = world.azure()
    await RotationReplica(world).rotated()
    world.rotate_by(*rules)
    replica = RotationReplica(world)

    with refusing(RotationRulesChanged, saying=ROTATED):
        await replica.rotations.approve(BO, "rot-one")
    await replica.settle()

    assert (await replica.rotation()).state is RotationState.PENDING
    assert world.azure() == before


async def test_it_cannot_be_approved_while_nobody_can_say_which_rules_are_accepted() -> None:
    world = _world()
    before = world.azure()
    replica = RotationReplica(world)
    await replica.rotated()
    accepted = world.policies.in_force
    nothing = Rules(defaults=accepted.defaults, rules=(), four_eyes=True, stand_in=True)
    world.policies.put_in_force(nothing)

    with refusing(RotationRulesChanged, saying=ROTATED):
        await replica.rotations.approve(BO, "rot-one")
    withheld = world.azure()
    world.policies.put_in_force(accepted)
    await replica.rotations.approve(BO, "rot-one")
    await replica.settle()

    assert withheld == before
    require_rotated(world, before)


async def test_it_can_be_denied_although_the_rules_have_changed() -> None:
    world = _world()
    await RotationReplica(world).rotated()
    world.rotate_by()
    replica = RotationReplica(world)

    await replica.rotations.deny(BO, "rot-one")

    assert (await replica.rotation()).state is RotationState.DENIED


async def test_a_schedule_that_changed_does_not_stop_an_approval() -> None:
    world = _world()
    before = world.azure()
    await RotationReplica(world).rotated()
    world.rotate_by(a_rotation_policy(dependents=DEPENDENTS, second_admin=True, schedule=monthly()))
    replica = RotationReplica(world)

    await replica.rotations.approve(BO, "rot-one")
    await replica.settle()

    require_rotated(world, before)
