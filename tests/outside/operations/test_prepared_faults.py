"""What the local Azure's page says about each of its buttons is what people then see."""

import pytest

from sandbox.prepared import BY_KEY
from tests.outside.rotation_scenarios import begun, now
from tests.outside.scenarios import ASKED, asked, granted
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory


def switch_on(bot: Latchkey, key: str) -> None:
    BY_KEY[key].switch_on(bot.sandbox.state)


def switch_off(bot: Latchkey, key: str) -> None:
    BY_KEY[key].switch_off(bot.sandbox.state)


async def test_a_rotation_whose_settings_are_refused_is_rolled_back(bot: Latchkey) -> None:
    switch_on(bot, "settings-refused")

    card = await begun(bot)
    await bot.tick()

    assert now(bot, card).status == "Rotation failed, rolled back"


async def test_a_rotation_that_cannot_be_undone_needs_a_human_within_two_minutes(
    bot: Latchkey, clock: ManualClock
) -> None:
    switch_on(bot, "undo-refused")

    card = await begun(bot)
    for _ in range(64):
        await bot.tick()
        clock.advance(seconds=2)
    await bot.tick()

    assert now(bot, card).status == "Needs a human"
    assert "doesn't accept Latchkey's network address" in now(bot, card).words


async def test_a_grant_whose_answer_is_lost_is_made_once(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await asked(latchkey)
    switch_on(latchkey, "grant-unanswered")

    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    clock.advance(seconds=10)
    await latchkey.tick()

    assert len(latchkey.assigned(DANA)) == 1
    assert latchkey.sent_to(DANA)[-1].status == "Access granted"
    assert [post.status for post in latchkey.audit()].count("Access granted") == 1


async def test_access_that_cannot_be_ended_raises_the_alarm_and_ends_once_it_can(
    latchkey: Latchkey, clock: ManualClock
) -> None:
    await granted(latchkey)
    switch_on(latchkey, "revocation-refused")
    for minutes in (120, 5, 1):
        clock.advance(minutes=minutes)
        await latchkey.tick()
    alarms = [post.status for post in latchkey.audit()]
    held = latchkey.assigned(DANA)
    switch_off(latchkey, "revocation-refused")
    clock.advance(minutes=5)
    await latchkey.tick()

    assert len(held) == 1
    assert alarms[-1] == "Revocation stuck"
    assert latchkey.assigned(DANA) == []
    assert latchkey.audit()[-1].status == "Access revoked"


async def test_no_access_is_granted_while_the_vault_is_locked(latchkey: Latchkey) -> None:
    switch_on(latchkey, "vault-locked")
    locked = await latchkey.say(DANA, ASKED)
    switch_off(latchkey, "vault-locked")
    unlocked = await latchkey.say(DANA, ASKED)

    assert "so access couldn't be revoked again. No request was made" in locked.words
    assert unlocked.status == "Sent for approval"
