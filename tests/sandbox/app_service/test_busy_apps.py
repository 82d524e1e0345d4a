"""An app that is busy with another operation."""

from sandbox.seed import SITE, SLOT
from tests.sandbox.test_control import control
from tests.support.sandbox import Sandbox


async def test_an_app_or_a_slot_can_be_kept_busy_for_some_seconds(sandbox: Sandbox) -> None:
    status, _ = await control(
        sandbox, "PUT", f"/busy/{SITE}", {"seconds": 60, "slot": SLOT.upper()}
    )

    assert status == 204
    assert sandbox.state.sites[SITE, SLOT].busy_until is not None
    assert sandbox.state.sites[SITE, ""].busy_until is None


async def test_an_unknown_app_cannot_be_kept_busy(sandbox: Sandbox) -> None:
    status, _ = await control(sandbox, "PUT", "/busy/no-such-app", {"seconds": 60})

    assert status == 400
