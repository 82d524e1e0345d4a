"""A rotation without failures, and its results."""

from dataclasses import replace
from typing import Any

from domain.rotation.rotation import PLAN, Dependent, RotationState, Step, StepStatus
from services.faults import Unavailable
from services.rotation.secret_versions import CREDENTIAL_TAG, ROLE_TAG, ROTATION_TAG
from tests.services.rotation.endings import require_resolved, require_rotated
from tests.support.builders import ADA, HOUR, MINUTE, VAULT
from tests.support.clock import NINE
from tests.support.refusing import words_of
from tests.support.rotation.builders import (
    BILLING,
    BY_SCHEDULE,
    CHECKOUT,
    DAY,
    FLOATING,
    LITERAL,
    ROTATED,
    STAGING,
    a_rotation_policy,
)
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, RotationWorld

HEALTH = "https://checkout.example/health"


async def test_every_dependent_gets_the_new_value_in_its_own_form() -> None:
    world = RotationWorld()
    before = world.azure()

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    assert list(PLAN) == [record.step for record in rotation.records]
    require_rotated(world, before)
    await require_resolved(world)


async def test_each_app_is_restarted_once_and_only_for_a_change() -> None:
    shared = Dependent(CHECKOUT, "SECOND_KEY", create=True)
    world = RotationWorld(a_rotation_policy(dependents=(LITERAL, shared, FLOATING)))

    await RotationReplica(world).rotated()

    restarts = [world.apps.restarts(app) for app in (CHECKOUT, BILLING, STAGING)]
    assert restarts == [1, 0, 0]
    assert world.held(CHECKOUT, "SECOND_KEY") == world.held(CHECKOUT, "API_KEY") != OLD_VALUE


async def test_a_secret_without_dependents_is_rotated_too() -> None:
    world = RotationWorld(a_rotation_policy())

    rotation = await RotationReplica(world).rotated()

    assert rotation.state is RotationState.OVERLAPPING
    assert [is_enabled for _, is_enabled in world.azure().versions] == [True, True]


async def test_a_rotation_leaves_one_event_for_each_step() -> None:
    replica = RotationReplica(RotationWorld(a_rotation_policy(overlap=HOUR)))

    await replica.rotated()
    await replica.settle()

    done = [(event.kind, event.facts.get("step")) for event in await replica.events("rot-one")]
    assert done == [
        ("rotation_started", None),
        *(("step_done", str(step)) for step in PLAN),
        ("overlapping", None),
        ("rotated", None),
    ]


async def test_a_new_version_names_its_rotation_and_keeps_the_rest() -> None:
    world = RotationWorld(a_rotation_policy(max_age=90 * DAY))
    tags = {"owner": "payments", ROTATION_TAG: "rot-before", ROLE_TAG: "restored"}
    world.versions.put(
        VAULT.url, ROTATED, OLD_VALUE, content_type="text/x", tags=tags, expires_at=NINE + DAY
    )

    rotation = await RotationReplica(world).rotated()

    version = world.version(rotation.new_version or "")
    written = f"new {NINE.isoformat()}"
    assert version.tags == {"owner": "payments", ROTATION_TAG: "rot-one", ROLE_TAG: written}
    assert version.content_type == "text/x"
    assert version.expires_at == NINE + 90 * DAY


async def test_a_random_value_does_not_keep_an_older_credentials_name() -> None:
    world = RotationWorld(a_rotation_policy())
    world.versions.put(VAULT.url, ROTATED, OLD_VALUE, tags={CREDENTIAL_TAG: "key1"})

    rotation = await RotationReplica(world).rotated()

    assert rotation.old_credential == "key1"
    assert CREDENTIAL_TAG not in world.version("").tags


async def test_a_restored_version_equals_the_old_one_except_for_its_id() -> None:
    world = _sick()
    tags = {"owner": "payments", CREDENTIAL_TAG: "key1"}
    expires_at = NINE + 30 * DAY
    world.versions.put(
        VAULT.url, ROTATED, OLD_VALUE, content_type="text/x", tags=tags, expires_at=expires_at
    )

    rotation = await RotationReplica(world).rotated()

    version = world.version("")
    assert rotation.restored_version == version.id
    assert version.tags == tags | {ROTATION_TAG: "rot-one", ROLE_TAG: "restored"}
    assert (version.content_type, version.expires_at) == ("text/x", expires_at)


def _sick(**changes: Any) -> RotationWorld:
    checked = replace(LITERAL, health_url=HEALTH)
    world = RotationWorld(a_rotation_policy(dependents=(checked,), **changes))
    world.health.sick.add(HEALTH)
    return world


async def test_an_unhealthy_app_has_two_minutes_to_restart_before_a_roll_back() -> None:
    world = _sick()
    began = world.clock()

    rotation = await RotationReplica(world).rotated()

    [failed] = [one for one in rotation.records if one.status is StepStatus.FAILED]
    status = {record.step: record.status for record in rotation.records}
    assert rotation.state is RotationState.ROLLED_BACK
    assert HEALTH in words_of(rotation.failure)
    assert world.health.asked == [HEALTH] * 11
    assert failed.at - began == 2 * MINUTE
    assert status == {
        Step.CAPTURE: StepStatus.DONE,
        Step.ISSUE: StepStatus.DONE,
        Step.WRITE: StepStatus.UNDONE,
        Step.PROPAGATE: StepStatus.UNDONE,
        Step.VERIFY: StepStatus.FAILED,
    }


async def test_the_channel_and_the_requester_see_the_progress() -> None:
    world = RotationWorld(a_rotation_policy(overlap=HOUR))
    replica = RotationReplica(world)

    await replica.rotated()
    await replica.settle()

    assert world.message_sender.audited() == ["rotation_started", "overlapping", "rotated"]
    assert world.message_sender.sent_to(ADA.object_id) == ["overlapping"]
    assert world.message_sender.shown("audit-000000").head == await replica.rotation()


async def test_the_channel_and_the_requester_see_what_went_wrong() -> None:
    world = _sick()

    await RotationReplica(world).rotated()

    assert world.message_sender.audited() == ["rotation_started", "step_failed", "rolled_back"]
    assert world.message_sender.sent_to(ADA.object_id) == ["rolled_back"]


async def test_the_channel_sees_that_a_human_is_needed_and_the_outcome() -> None:
    world = _sick()
    world.issuer.faults.order("withdraw", Unavailable("Azure", "503"), times=FOREVER)
    replica = RotationReplica(world)
    await replica.rotate(trigger=BY_SCHEDULE)
    await replica.pass_time(HOUR)

    world.mend()
    await replica.rotations.retry(ADA, "rot-one")
    await replica.settle()

    assert world.message_sender.audited()[-3:] == ["needs_human", "retried", "rolled_back"]
    assert await replica.rotations.needing_human() == []
