"""A policy that names another issuer by the next rotation: the old credential stays."""

from collections.abc import Mapping

from domain.rotation.plan import RotationPlan
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Rotation, RotationState
from services.rotation.issuers.issuer import Issuer
from services.rotation.issuers.random import RandomIssuer
from services.rotation.planner import Planner
from tests.services.rotation.faults.test_late_effects import APPLICATION, RegistrationWorld
from tests.support.refusing import words_of
from tests.support.rotation.builders import BY_ADA, DAY, ROTATED, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.tables.crashing_table import Crash

OTHER = "60000000-0000-4000-8000-000000000002"
RANDOM = a_rotation_policy()


class ChangingWorld(RegistrationWorld):
    """A world with two applications, and random values too."""

    def __init__(self) -> None:
        super().__init__()
        self.passwords.register(OTHER)

    def issuers(self, crash: Crash) -> Mapping[str, Issuer]:
        return {**super().issuers(crash), "random": RandomIssuer()}


def _of(application: str) -> RotationPolicy:
    options = (("application", application),)
    return a_rotation_policy(issuer="app-registration", options=options)


async def _rotated(world: ChangingWorld, rotation_id: str, policy: RotationPolicy) -> Rotation:
    """Rotate by a policy, until the old version is retired."""
    world.rotate_by(policy)
    replica = RotationReplica(world)
    await replica.rotated(rotation_id)
    await replica.pass_time(2 * DAY)
    return await replica.rotation(rotation_id)


async def _planned(world: ChangingWorld, policy: RotationPolicy) -> RotationPlan:
    world.rotate_by(policy)
    replica = RotationReplica(world)
    planner = Planner(
        replica.rotations, world.versions, world.dependents(), world.issuers(Crash()), world.clock
    )
    return await planner.plan(ROTATED, BY_ADA, "rot-planned")


def _said(rotation: Rotation) -> str:
    return words_of(rotation.records[-1].note)


async def test_a_client_secret_that_random_values_follow_is_named_as_not_removed() -> None:
    world = ChangingWorld()
    first = await _rotated(world, "rot-one", _of(APPLICATION))

    plan = await _planned(world, RANDOM)
    second = await _rotated(world, "rot-two", RANDOM)

    left = f"{first.credential} was not removed, since the policy no longer names"
    assert second.state is RotationState.ROTATED
    assert f"{left} app-registration {APPLICATION}, which issued it" in _said(second)
    assert world.passwords.key_ids(APPLICATION) == {first.credential}
    assert words_of(plan.notes[0]).startswith(
        f"{first.credential}, which the secret holds now, isn't removed after the overlap"
    )


async def test_a_client_secret_of_another_application_is_named_as_not_removed() -> None:
    world = ChangingWorld()
    first = await _rotated(world, "rot-one", _of(APPLICATION))

    plan = await _planned(world, _of(OTHER))
    second = await _rotated(world, "rot-two", _of(OTHER))

    assert f"{first.credential} was not removed" in _said(second)
    assert world.passwords.key_ids(APPLICATION) == {first.credential}
    assert world.passwords.key_ids(OTHER) == {second.credential}
    assert "client_secret_missing" not in {one.code for one in plan.notes}


async def test_a_client_secret_of_the_same_application_is_removed() -> None:
    world = ChangingWorld()
    await _rotated(world, "rot-one", _of(APPLICATION))

    plan = await _planned(world, _of(APPLICATION))
    second = await _rotated(world, "rot-two", _of(APPLICATION))

    assert "was not removed" not in _said(second)
    assert "credential_of_other_issuer_stays" not in {one.code for one in plan.notes}


async def test_a_rollback_in_between_does_not_hide_who_issued_the_credential() -> None:
    world = ChangingWorld()
    first = await _rotated(world, "rot-one", _of(APPLICATION))
    world.when("perform verify", world.versions.show_late)
    world.when("undo verify", world.mend)
    second = await _rotated(world, "rot-two", RANDOM)

    third = await _rotated(world, "rot-three", RANDOM)

    assert second.state is RotationState.ROLLED_BACK
    assert third.state is RotationState.ROTATED
    assert f"{first.credential} was not removed" in _said(third)
    assert APPLICATION in _said(third)


async def test_a_credential_whose_rotation_is_not_on_record_is_named_too() -> None:
    world = ChangingWorld()

    rotation = await _rotated(world, "rot-one", RANDOM)

    key_id = world.by_hand.key_id
    assert f"{key_id} was not removed, since the policy no longer names what" in _said(rotation)
    assert world.passwords.key_ids(APPLICATION) == {key_id}


async def test_random_values_that_follow_random_values_leave_nothing_behind() -> None:
    world = ChangingWorld()
    await _rotated(world, "rot-one", RANDOM)

    second = await _rotated(world, "rot-two", RANDOM)

    assert "was not removed" not in _said(second)
