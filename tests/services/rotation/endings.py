"""What vault and apps have to look like at the end of a rotation."""

from domain.rotation.rotation import RotationState
from tests.support.rotation.builders import BILLING, FLOATING
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import OLD_VALUE, Azure, RotationWorld


def require_rotated(world: RotationWorld, before: Azure, *, retired: bool = False) -> None:
    """Require one new version in all dependents, and no other change."""
    after = world.azure()
    value, _ = after.versions[-1]
    pinned = f"@Microsoft.KeyVault(SecretUri={world.uri}/{world.current()})"
    expected = {app: dict(settings) for app, settings in before.settings.items()}
    expected["checkout-api"]["API_KEY"] = value
    expected["checkout-api/staging"]["API_KEY"] = value
    expected["billing-worker"]["UPSTREAM_KEY"] = pinned

    assert ((OLD_VALUE, not retired), (value, True)) == after.versions
    assert value != OLD_VALUE
    assert after.settings == expected


def require_rolled_back(world: RotationWorld, before: Azure) -> None:
    """Require no change except a disabled bad version and the old value on top of it."""
    after = world.azure()
    written = after.versions[len(before.versions) :]

    assert after.versions[: len(before.versions)] == before.versions
    assert [is_enabled for _, is_enabled in written] in ([], [False, True])
    assert after.versions[-1] == (OLD_VALUE, True)
    assert before.settings == after.settings


async def require_resolved(world: RotationWorld) -> None:
    """Require that the unversioned reference resolves to the current value."""
    state = await world.apps.reference(BILLING, FLOATING.setting)

    assert state is not None
    assert state.status == "Resolved"
    assert world.value(state.active_version or "") == world.value(world.current())


async def require_ended(
    replica: RotationReplica, before: Azure, rotation_id: str = "rot-one"
) -> None:
    """Require that a rotation is fully rotated or fully rolled back."""
    rotation = await replica.rotation(rotation_id)

    assert rotation.state in {RotationState.ROTATED, RotationState.ROLLED_BACK}
    if rotation.state is RotationState.ROTATED:
        require_rotated(replica.world, before, retired=True)
    else:
        require_rolled_back(replica.world, before)
    await require_resolved(replica.world)
