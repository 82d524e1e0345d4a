"""Rotations after a grant of several secrets."""

from domain.access.request import RequestState
from services.rotation.scheduling.schedules import derived_rotation_id
from tests.support.builders import HOUR, SECRET
from tests.support.rotation.builders import ROTATED, a_rotation_policy
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld

KEPT = "kept-api-key"


async def test_each_secret_rotated_after_a_grant_is_rotated_once() -> None:
    after_grant = a_rotation_policy(after_grant=True)
    world = RotationWorld(
        after_grant,
        a_rotation_policy(secret=SECRET, after_grant=True),
        a_rotation_policy(secret=KEPT),
    )
    world.secrets.put(after_grant.vault, KEPT)
    replica = RotationReplica(world)
    await replica.give(secrets=(ROTATED, SECRET, KEPT))

    await replica.pass_time(2 * HOUR)

    assert (await replica.request()).state is RequestState.REVOKED
    followed = {
        secret: await replica.rotations.find(derived_rotation_id("req-one", secret))
        for secret in (ROTATED, SECRET, KEPT)
    }
    assert {secret: rotation.secret for secret, rotation in followed.items() if rotation} == {
        ROTATED: ROTATED,
        SECRET: SECRET,
    }
