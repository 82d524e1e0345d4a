"""An admin checks a rotation's plan, confirms it, and follows it to the end."""

import asyncio

import pytest

from sandbox.seed import APP_API_KEY, LITERAL_SETTING, SLOT
from tests.outside.rotation_scenarios import (
    ROTATE,
    audit,
    begun,
    changes,
    live,
    now,
    planned,
    settings,
    versions,
)
from tests.outside.scenarios import correlation_id, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.tables.held_table import HeldTable
from tests.support.teams import a_channel, a_message


async def test_the_plan_shows_the_current_state_and_each_step(bot: Latchkey) -> None:
    card = await bot.say(AVERY, f"plan {APP_API_KEY}")

    current = versions(bot.sandbox)[-1]
    assert card.title == "Rotation plan"
    assert card.status == "What a rotation would do"
    assert f"{current.id[:8]}, enabled, 31 days old" in card.words
    assert "demo-app  API_KEY\nContains the current value itself" in card.words
    assert f", disable version {current.id[:8]}" in card.words
    assert card.buttons == set()


async def test_planning_or_asking_for_confirmation_changes_nothing(bot: Latchkey) -> None:
    before = bot.sandbox.snapshot()
    await bot.say(AVERY, f"plan {APP_API_KEY}")
    await planned(bot)
    await bot.tick()

    assert changes(bot.sandbox) == []
    assert bot.sandbox.snapshot() == before
    assert bot.audit() == []


async def test_cancelling_changes_nothing(bot: Latchkey) -> None:
    cancelled = await bot.click(AVERY, await planned(bot), "Cancel")
    await bot.tick()

    assert "Cancelled. This rotation wasn't started." in cancelled.words
    assert changes(bot.sandbox) == []


async def test_a_confirmed_rotation_runs_and_updates_its_card(bot: Latchkey) -> None:
    old_value = versions(bot.sandbox)[-1].value
    plan = await planned(bot)
    clicked = await bot.click(AVERY, plan, "Rotate")
    await bot.tick()

    card = now(bot, plan)
    new = versions(bot.sandbox)[-1]
    assert plan.status == "Rotate this secret?"
    assert clicked.status == "Rotating"
    assert card.status == "Rotated, old version not retired yet"
    assert "demo-api-key" not in card.words
    assert new.value != old_value
    assert new.value == settings(bot.sandbox)[LITERAL_SETTING]
    assert new.tags["latchkey-rotation-id"] == correlation_id(card)
    assert new.tags["team"] == "web"


async def test_only_the_apps_one_setting_is_changed(bot: Latchkey) -> None:
    before = settings(bot.sandbox)
    slot_before = settings(bot.sandbox, SLOT)
    await begun(bot)

    after = settings(bot.sandbox)
    assert list(after) == list(before)
    assert {name for name in before if before[name] != after[name]} == {LITERAL_SETTING}
    assert settings(bot.sandbox, SLOT) == slot_before


async def test_the_audit_channel_has_one_live_card_and_the_complete_trail(
    bot: Latchkey, clock: ManualClock
) -> None:
    rotation_id = correlation_id(await begun(bot))
    clock.advance(hours=24)
    await bot.tick()

    assert audit(bot, rotation_id) == ["Rotation started", "Rotated", "Old version disabled"]
    assert live(bot, rotation_id).status == "Rotated"
    assert all(post.place.id == live(bot, rotation_id).place.id for post in bot.audit())
    assert [seen.status for seen in bot.sent_to(AVERY)] == ["Rotated", "Rotated"]


async def test_the_old_version_can_be_read_until_the_overlap_ends(
    bot: Latchkey, clock: ManualClock
) -> None:
    await begun(bot)
    clock.advance(hours=24, seconds=-1)
    await bot.tick()
    before_the_end = versions(bot.sandbox)[-2].enabled
    clock.advance(seconds=1)
    await bot.tick()

    assert before_the_end
    assert not versions(bot.sandbox)[-2].enabled
    assert versions(bot.sandbox)[-1].enabled


async def test_the_overlap_lasts_as_long_as_configured(bot: Latchkey, clock: ManualClock) -> None:
    await bot.restart(ROTATION_OVERLAP_HOURS="0.5")
    await begun(bot)
    clock.advance(minutes=30)
    await bot.tick()

    assert [version.enabled for version in versions(bot.sandbox)] == [False, False, True]


async def test_a_second_rotation_during_the_overlap_keeps_the_newest_version(
    bot: Latchkey, clock: ManualClock
) -> None:
    first = correlation_id(await begun(bot))
    clock.advance(hours=1)
    second = correlation_id(await begun(bot))
    clock.advance(hours=23)
    await bot.tick()
    after_the_first_overlap = [version.enabled for version in versions(bot.sandbox)]
    clock.advance(hours=1)
    await bot.tick()

    assert first != second
    assert after_the_first_overlap == [False, False, True, True]
    assert [version.enabled for version in versions(bot.sandbox)] == [False, False, False, True]
    assert audit(bot, second)[-1] == "Old version disabled"


async def test_another_admin_can_confirm_a_rotation(bot: Latchkey) -> None:
    plan = await bot.say(AVERY, ROTATE, a_channel("operations"))
    await bot.click(ROBIN, plan, "Rotate")
    await bot.tick()

    assert "requested by Robin Reviewer." in now(bot, plan).words
    assert len(versions(bot.sandbox)) == 3


async def test_two_simultaneous_confirmations_start_one_rotation(bot: Latchkey) -> None:
    plan = await bot.say(AVERY, ROTATE, a_channel("operations"))
    await asyncio.gather(bot.click(AVERY, plan, "Rotate"), bot.click(ROBIN, plan, "Rotate"))
    await bot.tick()

    assert len(versions(bot.sandbox)) == 3
    assert audit(bot, correlation_id(now(bot, plan))) == ["Rotation started", "Rotated"]


async def test_confirming_an_old_plan_again_starts_nothing(
    bot: Latchkey, clock: ManualClock
) -> None:
    plan = await planned(bot)
    await bot.click(AVERY, plan, "Rotate")
    await bot.tick()
    clock.advance(days=3)
    await begun(bot)
    clock.advance(days=3)
    again = await bot.click(AVERY, plan, "Rotate")
    await bot.tick()

    assert again.status == "Rotated"
    assert len(versions(bot.sandbox)) == 4
    assert "Last run on 5 Mar 2026" in (await bot.say(AVERY, "rotations")).words


async def test_a_message_redelivered_by_teams_shows_the_outcome(bot: Latchkey) -> None:
    message = a_message(ROTATE, AVERY)
    await bot.deliver(message)
    await bot.click(AVERY, bot.sent_to(AVERY)[-1], "Rotate")
    await bot.tick()
    await bot.restart()
    await bot.deliver(message)

    assert bot.sent_to(AVERY)[-1].status == "Rotated, old version not retired yet"
    assert bot.sent_to(AVERY)[-1].buttons == set()


async def test_only_one_rotation_can_run_at_a_time(bot: Latchkey) -> None:
    earlier = await planned(bot)
    bot.sandbox.break_next(refusing("PUT", "appsettings", 503))
    running = correlation_id(await begun(bot))
    plan = await planned(bot)
    refused = await bot.click(AVERY, earlier, "Rotate")

    assert plan.status == "It would stop: fix the marked errors first"
    assert f"{running} is running and must finish first." in plan.words
    assert plan.buttons == set()
    assert f"{APP_API_KEY} is already being rotated, under {running}." in refused.sentence


async def test_the_list_shows_each_secrets_status(bot: Latchkey, clock: ManualClock) -> None:
    before = await bot.say(AVERY, "rotations")
    await begun(bot)
    clock.advance(hours=2)
    after = await bot.say(AVERY, "rotations")

    assert before.status == "1 secret is rotated"
    assert "app-api-key in demo-vault  no run on record" in before.words
    assert "next on 1 Apr 2026" in before.words
    assert "app-api-key in demo-vault  rotated, old version not retired yet" in after.words
    assert "Last run on 2 Mar 2026, 09:00 UTC" in after.words
    assert "current version 2 hours old" in after.words


async def test_a_cancelled_plan_loses_its_buttons(bot: Latchkey) -> None:
    plan = await planned(bot)

    await bot.click(AVERY, plan, "Cancel")

    assert "Cancelled. This rotation wasn't started." in now(bot, plan).words
    assert now(bot, plan).buttons == set()


async def test_a_late_click_on_a_cancelled_plan_shows_who_cancelled_it_and_when(
    bot: Latchkey,
) -> None:
    plan = await planned(bot)
    await bot.click(AVERY, plan, "Cancel")

    answer = await bot.click(ROBIN, plan, "Rotate")
    await bot.tick()

    assert answer.sentence.startswith("Avery Approver cancelled this on 2 Mar 2026, 09:00 UTC")
    assert changes(bot.sandbox) == []


async def test_a_late_click_on_cancel_shows_the_started_rotation(bot: Latchkey) -> None:
    plan = await planned(bot)
    await bot.click(AVERY, plan, "Rotate")
    await bot.tick()

    answer = await bot.click(AVERY, plan, "Cancel")

    assert "nothing was rotated" not in answer.words
    assert answer.title == "Secret rotation"
    assert now(bot, plan).buttons == set()


async def test_a_plan_that_was_refused_and_then_cancelled_starts_nothing_later(
    bot: Latchkey, clock: ManualClock
) -> None:
    plan = await planned(bot)
    bot.sandbox.break_next(refusing("PUT", "appsettings", 503))
    await begun(bot)
    await bot.click(AVERY, plan, "Rotate")
    clock.advance(hours=1)
    await bot.tick()
    before = len(changes(bot.sandbox))

    cancelled = await bot.click(AVERY, plan, "Cancel")
    answer = await bot.click(ROBIN, plan, "Rotate")
    await bot.tick()

    assert "Cancelled. This rotation wasn't started." in cancelled.words
    assert answer.sentence.startswith("Avery Approver cancelled this on 2 Mar 2026, 10:00 UTC")
    assert len(changes(bot.sandbox)) == before


@pytest.mark.in_memory
async def test_a_plan_cancelled_while_its_rotation_is_starting_starts_nothing(
    bot: Latchkey,
) -> None:
    await bot.stop()
    table = HeldTable("workflow~rot-")
    bot.use_table(table)
    await bot.start()
    plan = await bot.say(AVERY, ROTATE, a_channel("operations"))
    starting = asyncio.create_task(bot.click(AVERY, plan, "Rotate"))
    await table.is_reached.wait()
    cancelled = await bot.click(ROBIN, plan, "Cancel")
    table.goes_on.set()
    answer = await starting
    await bot.tick()

    assert "Cancelled. This rotation wasn't started." in cancelled.words
    assert answer.sentence.startswith("Robin Reviewer cancelled this on 2 Mar 2026, 09:00 UTC")
    assert changes(bot.sandbox) == []


async def test_a_second_click_on_rotate_starts_nothing_more(bot: Latchkey) -> None:
    plan = await planned(bot)
    first = await bot.click(AVERY, plan, "Rotate")
    await bot.tick()

    second = await bot.click(ROBIN, plan, "Rotate")
    await bot.tick()

    assert correlation_id(first) == correlation_id(second)
    assert "Avery Approver" in second.words
