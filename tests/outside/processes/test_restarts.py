"""The bot can be redeployed between any two steps without anyone noticing."""

import pytest

from sandbox.seed import DEMO_API_KEY
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey

APPROVED = [
    "Access requested",
    "Approved",
    "Access granted",
    "Access expired",
    "Access revoked",
]


async def test_a_request_survives_a_restart_between_any_two_steps(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    form = await latchkey.say(DANA, "request secret demo-api-key")
    await latchkey.restart()
    await latchkey.click(DANA, form, "Send for approval", justification="smoke test")
    await latchkey.restart()
    await latchkey.tick()
    card = latchkey.card_of(AVERY)
    await latchkey.restart()
    await latchkey.click(AVERY, card, "Approve")
    await latchkey.restart()
    await latchkey.tick()
    await latchkey.restart()
    value = await latchkey.read(DANA, DEMO_API_KEY)
    late = await latchkey.click(ROBIN, card, "Approve")
    clock.advance(hours=1)
    await latchkey.restart()
    await latchkey.tick()

    assert value
    assert "already approved by Avery Approver" in late.sentence
    assert [post.status for post in latchkey.audit()] == APPROVED
    assert [seen.status for seen in latchkey.sent_to(DANA)] == [
        "Sent for approval",
        "Access granted",
        "Access ended",
    ]
    assert latchkey.assigned(DANA) == []


@pytest.mark.parametrize("restarts_first", [False, True])
async def test_a_denial_survives_a_restart(latchkey: Latchkey, restarts_first: bool) -> None:
    await latchkey.say(DANA, "request secret demo-api-key for 2h because smoke test")
    await latchkey.tick()
    card = latchkey.card_of(AVERY)
    if restarts_first:
        await latchkey.restart()
    await latchkey.click(AVERY, card, "Deny", reason="no")
    await latchkey.restart()
    again = await latchkey.click(AVERY, card, "Approve")
    await latchkey.tick()

    assert "already denied by Avery Approver" in again.sentence
    assert latchkey.sent_to(DANA)[-1].status == "Request denied"
