"""Secrets that are deleted or disabled between a request and its approval."""

import pytest

from sandbox.seed import DEMO_API_KEY, VAULT
from tests.outside.scenarios import asked, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey
from tests.support.people import Seen

pytestmark = pytest.mark.in_memory


async def approved_later(bot: Latchkey, clock: ManualClock) -> Seen:
    """Let Avery approve after five minutes; return what Dana is told."""
    clock.advance(minutes=5)
    await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await bot.tick()
    return bot.sent_to(DANA)[-1]


async def test_no_access_is_claimed_to_a_secret_that_was_deleted(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    latchkey.sandbox.state.vaults[VAULT].secrets[DEMO_API_KEY].deleted_at = clock()
    told = await approved_later(latchkey, clock)

    assert told.status == "Access not granted"
    assert "There's no secret named demo-api-key in demo-vault." in told.words
    assert latchkey.audit()[-1].status == "Failed, nothing granted"
    assert latchkey.assigned(DANA) == []


async def test_no_access_is_claimed_to_a_secret_that_was_disabled(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    latchkey.sandbox.state.vaults[VAULT].secrets[DEMO_API_KEY].current.enabled = False
    told = await approved_later(latchkey, clock)

    assert "its current version is disabled, so no one can read it" in told.words
    assert latchkey.assigned(DANA) == []


async def test_a_vault_that_does_not_answer_delays_no_approved_access(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    latchkey.sandbox.break_next(refusing("GET", "/secrets/", 503))
    told = await approved_later(latchkey, clock)

    assert told.status == "Access granted"
    assert len(latchkey.assigned(DANA)) == 1
