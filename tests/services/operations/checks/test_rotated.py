"""Checks of each rotated secret."""

from collections.abc import Sequence
from dataclasses import replace

from domain.diagnosis import CheckStatus
from domain.rotation.policy import RotationPolicy
from domain.rotation.rotation import Dependent
from services.operations.checks.rotated import RotationChecks
from services.ports import Permission
from tests.services.operations.checks.fakes import CONTRIBUTOR, FakeRights, InEnglish, look
from tests.support.builders import VAULT
from tests.support.rotation.builders import CHECKOUT, LITERAL, ROTATED, a_rotation_policy, monthly
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import RotationWorld


async def _look(
    subject: str, policy: RotationPolicy, permissions: Sequence[Permission] | None = None
) -> InEnglish:
    world = RotationWorld(policy)
    replica = RotationReplica(world)
    await replica.schedules.sync()
    rights = FakeRights()
    if permissions is not None:
        rights.permissions = list(permissions)
    checks = RotationChecks(rights, world.versions, world.dependents(), replica.schedules)
    return await look(checks.checks(world.policies), subject)


async def test_a_secret_that_the_bot_can_write_is_good() -> None:
    found = await _look(f"Rotating {ROTATED}", a_rotation_policy())

    assert (found.health, found.seen) == (CheckStatus.GOOD, "the bot can write it; versions: 1")


async def test_a_secret_that_does_not_exist_is_broken() -> None:
    found = await _look("Rotating forgotten", a_rotation_policy(secret="forgotten"))

    assert (found.health, found.seen) == (CheckStatus.BROKEN, "the secret has no enabled version")


async def test_permission_to_read_is_not_enough_to_rotate() -> None:
    reader = Permission(data_actions=("Microsoft.KeyVault/vaults/secrets/readMetadata/action",))
    found = await _look(f"Rotating {ROTATED}", a_rotation_policy(), [reader])

    assert found.health is CheckStatus.BROKEN
    assert "setSecret" in found.seen
    assert found.remedy == f"Give the bot Key Vault Secrets Officer on {ROTATED} in {VAULT.name}."


async def test_a_dependent_whose_settings_can_be_written_is_good() -> None:
    found = await _look(f"Setting {LITERAL}", a_rotation_policy(dependents=(LITERAL,)))

    assert found.health is CheckStatus.GOOD


async def test_a_setting_that_does_not_exist_is_broken_and_the_nearest_name_is_suggested() -> None:
    absent = Dependent(CHECKOUT, "API_KYE")
    found = await _look(f"Setting {absent}", a_rotation_policy(dependents=(absent,)))

    assert found.health is CheckStatus.BROKEN
    assert "did you mean API_KEY?" in found.remedy


async def test_a_setting_that_a_rotation_will_add_is_good() -> None:
    absent = Dependent(CHECKOUT, "NEW_KEY", create=True)
    found = await _look(f"Setting {absent}", a_rotation_policy(dependents=(absent,)))

    assert found.health is CheckStatus.GOOD


async def test_a_setting_with_different_case_is_found() -> None:
    spelt = Dependent(CHECKOUT, "api_Key")
    found = await _look(f"Setting {spelt}", a_rotation_policy(dependents=(spelt,)))

    assert found.health is CheckStatus.GOOD


async def test_a_dependent_that_the_bot_cannot_write_is_broken() -> None:
    reader = replace(CONTRIBUTOR, actions=("Microsoft.Web/sites/config/list/action",))
    found = await _look(f"Setting {LITERAL}", a_rotation_policy(dependents=(LITERAL,)), [reader])

    assert (found.health, found.seen) == (
        CheckStatus.BROKEN,
        "the bot lacks Microsoft.Web/sites/config/write",
    )


async def test_the_next_run_of_a_schedule_is_shown() -> None:
    found = await _look(f"Schedule of {ROTATED}", a_rotation_policy(schedule=monthly()))

    assert found.health is CheckStatus.GOOD
    assert found.seen.startswith("next run on 1 Apr 2026, ")


async def test_a_secret_without_a_schedule_is_good_too() -> None:
    found = await _look(f"Schedule of {ROTATED}", a_rotation_policy())

    assert found.health is CheckStatus.GOOD
    assert found.seen.startswith("none:")
