"""Automatic rotations: on a schedule, before the expiry, and after a grant."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.seed import APP_API_KEY
from tests.outside.rotation_scenarios import audit, begun, contents, live, planned, versions
from tests.outside.scenarios import correlation_id
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen
from tests.support.tables.memory_table import MemoryTable

pytestmark = pytest.mark.in_memory

MONTHLY = "0 3 1 * *"
YEARLY = "0 3 1 1 *"
LATEST_START = datetime(2026, 4, 1, 3, 5, tzinfo=UTC)
"""A time by which the monthly run has started, whatever its jitter."""


def started(bot: Latchkey) -> list[Seen]:
    """Return the audit messages about started rotations, oldest first."""
    return [post for post in bot.audit() if post.status == "Rotation started"]


async def test_a_due_schedule_rotates_and_says_so(bot: Latchkey, clock: ManualClock) -> None:
    await bot.tick()
    clock.advance_to(datetime(2026, 4, 1, 2, 59, tzinfo=UTC))
    await bot.tick()
    before = started(bot)
    clock.advance_to(LATEST_START)
    await bot.tick()
    await bot.tick()

    [post] = started(bot)
    rotation_id = correlation_id(post)
    assert before == []
    assert "app-api-key in demo-vault, on its schedule" in post.words
    assert f"{MONTHLY} (UTC)" in live(bot, rotation_id).words
    assert audit(bot, rotation_id) == ["Rotation started", "Rotated"]
    assert len(versions(bot.sandbox)) == 3


async def test_a_run_that_a_restored_table_does_not_know_is_not_repeated(
    bot: Latchkey, clock: ManualClock, table: MemoryTable
) -> None:
    restored = MemoryTable(table.rows())
    clock.advance_to(LATEST_START)
    await bot.tick()
    await bot.tick()
    before = contents(bot.sandbox)
    rotation_id = correlation_id(started(bot)[0])
    await bot.stop()
    bot.use_table(restored)
    await bot.start()
    for _ in range(3):
        await bot.tick()
    clock.advance(hours=25)
    await bot.tick()

    assert audit(bot, rotation_id)[2:] == ["Rotation started", "Rotation stopped", "Not rotated"]
    assert "which the table doesn't know" in bot.audit()[-1].words
    assert contents(bot.sandbox) == before


async def test_missed_runs_happen_once(bot: Latchkey, clock: ManualClock) -> None:
    await bot.restart(ROTATION_SCHEDULE="0 * * * *")
    clock.advance(days=3)
    await bot.restart()
    for _ in range(3):
        await bot.tick()

    assert len(started(bot)) == 1
    assert len(versions(bot.sandbox)) == 3


async def test_a_restart_triggers_nothing(bot: Latchkey, clock: ManualClock) -> None:
    await bot.tick()
    before = await bot.say(AVERY, "rotations")
    for _ in range(3):
        clock.advance(hours=1)
        await bot.restart()
        await bot.tick()
    after = await bot.say(AVERY, "rotations")

    assert started(bot) == []
    assert after.words.partition("next ")[2][:20] == before.words.partition("next ")[2][:20]


async def test_a_changed_schedule_applies_from_the_next_start(
    bot: Latchkey, clock: ManualClock
) -> None:
    await bot.restart(ROTATION_SCHEDULE="30 9 * * *")
    clock.advance(minutes=35)
    await bot.tick()

    assert len(started(bot)) == 1


async def test_the_schedule_skips_a_secret_that_was_just_rotated_by_hand(
    bot: Latchkey, clock: ManualClock
) -> None:
    clock.advance_to(datetime(2026, 4, 1, 3, 0, tzinfo=UTC))
    await begun(bot)
    clock.advance_to(LATEST_START)
    await bot.tick()

    assert len(started(bot)) == 1
    assert "next on 1 May 2026" in (await bot.say(AVERY, "rotations")).words


async def test_a_secret_that_expires_soon_is_rotated_early(
    bot: Latchkey, clock: ManualClock
) -> None:
    await bot.restart(ROTATION_SCHEDULE=YEARLY)
    await bot.tick()
    clock.advance(days=51, hours=23)
    await bot.tick()
    before = started(bot)
    clock.advance(days=1)
    await bot.tick()
    await bot.tick()

    [post] = started(bot)
    assert before == []
    assert "because its current version expires soon" in post.words
    [before_it, made] = versions(bot.sandbox)[-2:]
    assert before_it.expires is not None
    assert made.expires is not None
    lived = before_it.expires - int(before_it.created.timestamp())
    assert abs(made.expires - int(made.created.timestamp()) - lived) <= 1


@pytest.mark.parametrize(
    ("rotation", "rotated"),
    [
        ("rotation.rotate_after_grant = true", (3, 3)),
        ("rotation.rotate_after_grant = true\nrotation.wait_after_grant = '10m'", (2, 3)),
        ("rotation.overlap = '1h'", (2, 2)),
    ],
)
async def test_the_rules_can_require_a_rotation_after_a_grant_ends(
    bot: Latchkey, clock: ManualClock, tmp_path: Path, rotation: str, rotated: tuple[int, int]
) -> None:
    rules = tmp_path / "policy.toml"
    rules.write_text(f'[[secret]]\nname = "{APP_API_KEY}"\n{rotation}\n', encoding="utf-8")
    await bot.restart(POLICY_FILE=str(rules))
    request = await bot.say(DANA, f"request secret {APP_API_KEY} for 2h because smoke test")
    await bot.tick()
    await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await bot.tick()
    during = len(versions(bot.sandbox))
    clock.advance(hours=2)
    await bot.tick()
    clock.advance(minutes=9)
    await bot.tick()
    await bot.tick()
    soon = len(versions(bot.sandbox))
    clock.advance(minutes=2)
    await bot.tick()
    await bot.tick()

    assert during == 2
    assert (soon, len(versions(bot.sandbox))) == rotated
    for post in started(bot):
        assert "because someone's access to it ended" in post.words
        card = live(bot, correlation_id(post))
        assert correlation_id(request) in card.words


async def test_a_grant_ending_while_a_rotation_is_blocking_is_followed_by_one_later(
    bot: Latchkey, clock: ManualClock, tmp_path: Path
) -> None:
    rules = tmp_path / "policy.toml"
    text = f'[[secret]]\nname = "{APP_API_KEY}"\nrotation.rotate_after_grant = true\n'
    rules.write_text(f"{text}rotation.second_admin = true\n", encoding="utf-8")
    await bot.restart(POLICY_FILE=str(rules))
    await bot.say(DANA, f"request secret {APP_API_KEY} for 2h because smoke test")
    await bot.tick()
    await bot.click(AVERY, bot.card_of(AVERY), "Approve")
    await bot.tick()
    await bot.click(AVERY, await planned(bot), "Rotate")
    clock.advance(hours=2)
    await bot.tick()
    clock.advance(minutes=10)
    await bot.tick()
    await bot.tick()

    in_the_way, assigned = started(bot), bot.assigned(DANA)
    await bot.click(ROBIN, bot.sent_to(ROBIN)[-1], "Deny")
    clock.advance(minutes=5)
    await bot.tick()
    await bot.tick()

    [post] = started(bot)
    assert in_the_way == []
    assert assigned == []
    assert "because someone's access to it ended" in post.words
    assert len(versions(bot.sandbox)) == 3
