"""People and their tools copy a version's tags: what they write isn't the rotation's."""

from dataclasses import replace

import pytest

from sandbox.seed import APP_API_KEY, VAULT
from tests.outside.rotation_scenarios import begun, live, now
from tests.outside.scenarios import correlation_id, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

THEIRS = "f" * 32


def write_with_copied_tags(bot: Latchkey) -> None:
    """Write a version by hand with the tags of the current one, as the portal may."""
    held = bot.sandbox.state.vaults[VAULT].secrets[APP_API_KEY].versions
    at = bot.sandbox.clock()
    held.append(replace(held[-1], id=THEIRS, value="by hand", created=at, updated=at))


def current(bot: Latchkey) -> tuple[str, str, bool]:
    version = bot.sandbox.state.vaults[VAULT].secrets[APP_API_KEY].versions[-1]
    return version.id, version.value, version.enabled


async def later(bot: Latchkey, clock: ManualClock, hours: int) -> None:
    for _ in range(hours * 6):
        clock.advance(minutes=10)
        await bot.tick()


async def test_one_written_in_the_overlap_stays_current_and_a_human_decides(
    bot: Latchkey, clock: ManualClock
) -> None:
    rotation_id = correlation_id(await begun(bot))
    clock.advance(minutes=30)
    write_with_copied_tags(bot)
    await later(bot, clock, 25)
    stopped = live(bot, rotation_id)
    await bot.say(AVERY, f"retry {rotation_id}")
    await bot.tick()

    assert stopped.status == "Needs a human"
    assert f"someone else wrote version {THEIRS} in the meantime" in stopped.words
    assert live(bot, rotation_id).status == "Rotated"
    assert current(bot) == (THEIRS, "by hand", True)


async def test_one_written_while_it_runs_is_not_undone_with_it(
    bot: Latchkey, clock: ManualClock
) -> None:
    bot.sandbox.break_next(refusing("PUT", "appsettings", 503))
    card = await begun(bot)
    clock.advance(seconds=5)
    write_with_copied_tags(bot)
    await later(bot, clock, 2)
    stopped, left = now(bot, card), current(bot)
    [*_, ours, _] = bot.sandbox.state.vaults[VAULT].secrets[APP_API_KEY].versions
    ours.enabled = False
    await bot.say(AVERY, f"retry {correlation_id(card)}")
    await bot.tick()

    assert stopped.status == "Needs a human"
    assert now(bot, card).status == "Rotation failed, rolled back"
    assert left == current(bot) == (THEIRS, "by hand", True)
