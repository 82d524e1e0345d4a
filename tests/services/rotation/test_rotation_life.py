"""The life of a rotation in which nothing goes wrong."""

from domain.rotation import PLAN, RotationState
from tests.support.rotation_builders import BILLING, FLOATING
from tests.support.rotation_house import OLD_VALUE, RotationHouse, RotationWorld


async def test_every_dependent_gets_the_new_value_as_it_holds_it() -> None:
    world = RotationWorld()
    house = RotationHouse(world)
    before = world.azure()

    rotation = await house.rotated()

    after = world.azure()
    (old, (value, is_enabled)) = after.versions
    assert RotationState.OVERLAPPING is rotation.state
    assert list(PLAN) == [record.step for record in rotation.records]
    assert old == (OLD_VALUE, True)
    assert is_enabled
    assert len(value) == 64
    assert {
        "checkout-api": before.settings["checkout-api"] | {"API_KEY": value},
        "checkout-api/staging": before.settings["checkout-api/staging"] | {"API_KEY": value},
        "billing-worker": before.settings["billing-worker"]
        | {"UPSTREAM_KEY": f"@Microsoft.KeyVault(SecretUri={world.uri}/{world.current()})"},
    } == after.settings
    state = await world.apps.reference(BILLING, FLOATING.setting)
    assert state is not None
    assert state.active_version == world.current()
