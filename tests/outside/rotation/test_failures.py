"""Failing rotations: they stop, are rolled back, or need a human."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import APP_API_KEY, LITERAL_SETTING, SITE, VAULT
from tests.outside.rotation_scenarios import (
    audit,
    begun,
    changes,
    contents,
    live,
    now,
    planned,
    set_by_hand,
    settings,
    versions,
)
from tests.outside.scenarios import correlation_id, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, ROBIN
from tests.support.latchkey import Latchkey
from tests.support.people import Seen

pytestmark = pytest.mark.in_memory

NO_SETTINGS = refusing("PUT", "appsettings", 409)


async def wait_for_retries(bot: Latchkey, clock: ManualClock, times: int) -> None:
    """Let this many retries come due, whatever their outcome."""
    for _ in range(times):
        clock.advance(minutes=5)
        await bot.tick()


async def helpless(bot: Latchkey, clock: ManualClock) -> Seen:
    """Let a rotation and its rollback fail until it needs a human; return its card."""
    bot.sandbox.break_next(refusing("PUT", "appsettings"))
    bot.sandbox.break_next(refusing("PATCH", f"/secrets/{APP_API_KEY}"))
    card = await begun(bot)
    await wait_for_retries(bot, clock, 7)
    return now(bot, card)


async def needing_a_human(bot: Latchkey) -> float:
    """Return the counted rotations that need a human."""
    _, body = await bot.get("/metrics")
    [counted] = [
        sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
        if sample.labels.get("state") == "needs_human"
    ]
    return counted


async def test_the_plan_reports_a_setting_that_was_changed_by_hand(bot: Latchkey) -> None:
    set_by_hand(bot.sandbox, **{LITERAL_SETTING: "changed by hand"})
    plan = await planned(bot)

    assert plan.status == "It would stop: fix the marked errors first"
    assert "demo-app  API_KEY\nThe setting holds a different value than the secret's" in plan.words
    assert plan.buttons == set()
    assert "changed by hand" not in str(plan.card)


async def test_a_setting_changed_since_the_plan_stops_the_rotation(bot: Latchkey) -> None:
    plan = await planned(bot)
    set_by_hand(bot.sandbox, **{LITERAL_SETTING: "changed by hand"})
    await bot.click(AVERY, plan, "Rotate")
    await bot.tick()

    card = now(bot, plan)
    assert card.status == "Stopped, nothing changed"
    assert (
        "demo-app API_KEY holds a different value than the secret's current version" in card.words
    )
    assert changes(bot.sandbox) == []
    assert settings(bot.sandbox)[LITERAL_SETTING] == "changed by hand"
    assert audit(bot, correlation_id(card))[-1] == "Not rotated"


@pytest.mark.parametrize("status", [404, 409])
async def test_if_azure_refuses_the_new_setting_everything_is_restored(
    bot: Latchkey, status: int
) -> None:
    before, old = settings(bot.sandbox), versions(bot.sandbox)[-1]
    bot.sandbox.break_next(refusing("PUT", "appsettings", status))
    card = await begun(bot)

    [*_, bad, restored] = versions(bot.sandbox)
    assert card.status == "Rotation failed, rolled back"
    assert f"App Service: {status} AuthorizationFailed" in card.words
    assert settings(bot.sandbox) == before
    assert (restored.value, restored.enabled) == (old.value, True)
    assert (restored.expires, restored.tags["team"]) == (old.expires, "web")
    assert not bad.enabled
    assert old.enabled


async def test_a_rollback_is_announced_with_its_cause_and_correlation_id(
    bot: Latchkey,
) -> None:
    bot.sandbox.break_next(NO_SETTINGS)
    rotation_id = correlation_id(await begun(bot))

    told = bot.audit()[-1]
    assert audit(bot, rotation_id) == [
        "Rotation started",
        "Rotation failed, rolling back",
        "Rotation failed, rolled back",
    ]
    assert "409 AuthorizationFailed" in told.words
    assert live(bot, rotation_id).status == "Rotation failed, rolled back"
    assert bot.sent_to(AVERY)[-1].status == "Not rotated"


async def test_a_rollback_does_not_claim_what_others_changed_meanwhile(
    bot: Latchkey, clock: ManualClock
) -> None:
    bot.sandbox.break_next(refusing("PUT", "appsettings", 503, times=2))
    await begun(bot)
    del bot.sandbox.state.sites[SITE, ""].settings[LITERAL_SETTING]
    await wait_for_retries(bot, clock, 2)

    told = bot.audit()[-1]
    assert "What it changed is undone, but not every dependent is as it was." in told.words
    assert "Dependents\nleft as someone else set them: demo-app API_KEY" in told.words
    assert "left as someone else set them: demo-app API_KEY" in bot.sent_to(AVERY)[-1].words


async def test_a_rollback_does_not_claim_the_old_value_where_someone_elses_version_stays(
    bot: Latchkey, clock: ManualClock
) -> None:
    bot.sandbox.break_next(refusing("PUT", "appsettings", 503))
    rotation_id = correlation_id(await begun(bot))
    [*_, bad] = held = bot.sandbox.state.vaults[VAULT].secrets[APP_API_KEY].versions
    held.append(replace(bad, id="f" * 32, value="by hand", tags={}))
    await wait_for_retries(bot, clock, 12)
    bad.enabled = False
    await bot.say(AVERY, f"retry {rotation_id}")
    await bot.tick()

    told = bot.audit()[-1]
    assert told.status == "Rotation failed, rolled back"
    assert "the version that someone else wrote stays current" in told.words
    assert "Current version\nffffffff" in told.words


async def test_a_new_permission_is_waited_for_and_the_card_shows_until_when(
    bot: Latchkey, clock: ManualClock
) -> None:
    bot.sandbox.break_next(refusing("PUT", "appsettings"))
    card = await begun(bot)
    await wait_for_retries(bot, clock, 1)
    waiting = now(bot, card)
    bot.sandbox.state.faults.clear()
    await wait_for_retries(bot, clock, 1)

    assert "App Service still refuses this: 403 AuthorizationFailed" in waiting.words
    assert "New permissions take a few minutes to take effect; trying until" in waiting.words
    assert now(bot, card).status == "Rotated, old version not retired yet"


async def test_a_permission_that_never_comes_rolls_back_after_ten_minutes(
    bot: Latchkey, clock: ManualClock
) -> None:
    before = settings(bot.sandbox)
    bot.sandbox.break_next(refusing("PUT", "appsettings"))
    card = await begun(bot)
    await wait_for_retries(bot, clock, 3)

    assert now(bot, card).status == "Rotation failed, rolled back"
    assert "App Service: 403 AuthorizationFailed" in now(bot, card).words
    assert settings(bot.sandbox) == before


async def test_a_busy_app_is_waited_for(bot: Latchkey, clock: ManualClock) -> None:
    site = bot.sandbox.state.sites[SITE, ""]
    site.busy_until = bot.sandbox.clock() + timedelta(minutes=7)
    card = await begun(bot)
    await wait_for_retries(bot, clock, 1)
    waiting = now(bot, card)
    await wait_for_retries(bot, clock, 1)

    assert "409 Conflict: the app is busy with another operation; trying until" in waiting.words
    assert now(bot, card).status == "Rotated, old version not retired yet"


async def test_an_unknown_setting_stops_the_plan_and_suggests_the_nearest(
    bot: Latchkey,
) -> None:
    await bot.restart(DEPENDENT_APP_SETTING="API_KYE")
    plan = await planned(bot)

    assert plan.status == "It would stop: fix the marked errors first"
    assert f"doesn't exist in the app (did you mean {LITERAL_SETTING}?)" in plan.words
    assert plan.buttons == set()


async def test_a_setting_in_another_case_keeps_the_apps_spelling(
    bot: Latchkey,
) -> None:
    await bot.restart(DEPENDENT_APP_SETTING=LITERAL_SETTING.lower())
    names = set(settings(bot.sandbox))
    card = await begun(bot)

    assert card.status == "Rotated, old version not retired yet"
    assert settings(bot.sandbox)[LITERAL_SETTING] == versions(bot.sandbox)[-1].value
    assert set(settings(bot.sandbox)) == names


async def test_a_temporary_error_is_retried(bot: Latchkey, clock: ManualClock) -> None:
    bot.sandbox.break_next(refusing("PUT", "appsettings", 503, times=2))
    card = await begun(bot)
    await wait_for_retries(bot, clock, 3)

    assert card.status == "Rotating, retrying a step"
    assert now(bot, card).status == "Rotated, old version not retired yet"
    assert len(versions(bot.sandbox)) == 3


async def test_a_write_whose_answer_was_lost_creates_no_second_version(
    bot: Latchkey, clock: ManualClock
) -> None:
    bot.sandbox.break_next(
        InjectedFault("PUT", re.compile(f"/secrets/{APP_API_KEY}"), Action.DROP, When.AFTER)
    )
    card = await begun(bot)
    await wait_for_retries(bot, clock, 1)

    made = [one for one in versions(bot.sandbox) if "latchkey-rotation-id" in one.tags]
    assert now(bot, card).status == "Rotated, old version not retired yet"
    assert [one.enabled for one in made] == [True]
    assert versions(bot.sandbox)[-1].value == settings(bot.sandbox)[LITERAL_SETTING]


async def test_a_permanent_error_is_not_retried_forever(bot: Latchkey, clock: ManualClock) -> None:
    before = settings(bot.sandbox)
    bot.sandbox.break_next(refusing("PUT", "appsettings", 503))
    card = await begun(bot)
    await wait_for_retries(bot, clock, 6)

    assert now(bot, card).status == "Rotation failed, rolled back"
    assert settings(bot.sandbox) == before


async def test_after_a_rollback_it_can_be_rotated_again(bot: Latchkey) -> None:
    bot.sandbox.break_next(refusing("PUT", "appsettings", 409, times=1))
    failed = await begun(bot)
    card = await begun(bot)

    assert failed.status == "Rotation failed, rolled back"
    assert card.status == "Rotated, old version not retired yet"
    assert versions(bot.sandbox)[-1].value == settings(bot.sandbox)[LITERAL_SETTING]


async def test_after_a_rollback_the_next_rotation_disables_every_version_with_the_old_value(
    bot: Latchkey, clock: ManualClock
) -> None:
    [*_, before] = versions(bot.sandbox)
    bot.sandbox.break_next(refusing("PUT", "appsettings", 409, times=1))
    await begun(bot)
    card = await begun(bot)
    clock.advance(hours=24)
    await bot.tick()

    enabled = [version.value for version in versions(bot.sandbox) if version.enabled]
    assert enabled == [settings(bot.sandbox)[LITERAL_SETTING]]
    shown = f"what held the same value is disabled too: {before.id[:8]}"
    assert shown in now(bot, card).words


async def test_if_the_rollback_fails_too_every_view_says_it_needs_a_human(
    bot: Latchkey, clock: ManualClock
) -> None:
    card = await helpless(bot, clock)
    rotation_id = correlation_id(card)
    listed = await bot.say(ROBIN, "rotations")
    plan = await planned(bot)

    assert card.status == "Needs a human"
    assert audit(bot, rotation_id)[-1] == "Rotation needs a human"
    assert "Key Vault: 403" in bot.audit()[-1].words
    assert bot.sent_to(AVERY)[-2].status == "Your rotation needs a human"
    assert listed.status == "1 secret needs a human"
    assert rotation_id in listed.words
    assert f"{rotation_id} needs a human and must finish first" in plan.words
    assert await needing_a_human(bot) == 1


async def test_the_stuck_list_says_what_the_rollback_could_not_do(
    bot: Latchkey, clock: ManualClock
) -> None:
    await helpless(bot, clock)
    listed = await bot.say(AVERY, "stuck")

    assert "since 2 Mar 2026, 09:20 UTC\n" in listed.words
    assert "Key Vault: 403 AuthorizationFailed" in listed.words
    assert "App Service" not in listed.words


async def test_a_rotation_that_needs_a_human_leaves_the_bot_ready(
    bot: Latchkey, clock: ManualClock
) -> None:
    await helpless(bot, clock)
    clock.advance(hours=1)
    bot.sandbox.state.faults.clear()
    await bot.tick()

    assert await bot.get("/readyz") == (200, '{"status": "ready"}')


async def test_nothing_is_retried_until_a_human_says_so(bot: Latchkey, clock: ManualClock) -> None:
    await helpless(bot, clock)
    before = len(changes(bot.sandbox))
    clock.advance(days=2)
    await bot.tick()

    assert len(changes(bot.sandbox)) == before


async def test_any_admin_can_retry_and_it_continues_where_it_stopped(
    bot: Latchkey, clock: ManualClock
) -> None:
    before, old = settings(bot.sandbox), versions(bot.sandbox)[-1]
    rotation_id = correlation_id(await helpless(bot, clock))
    bot.sandbox.state.faults.clear()
    refused = await bot.say(DANA, f"retry {rotation_id}")
    answer = await bot.say(ROBIN, f"retry {rotation_id}")
    await bot.tick()

    assert "Only admins can do that." in refused.words
    assert answer.status == "Rotation failed, rolling back"
    assert live(bot, rotation_id).status == "Rotation failed, rolled back"
    assert audit(bot, rotation_id)[-2:] == ["Rotation retried", "Rotation failed, rolled back"]
    assert settings(bot.sandbox) == before
    assert versions(bot.sandbox)[-1].value == old.value
    assert [one.enabled for one in versions(bot.sandbox)] == [False, True, False, True]
    assert await needing_a_human(bot) == 0


async def test_the_button_in_the_audit_channel_retries_too(
    bot: Latchkey, clock: ManualClock
) -> None:
    rotation_id = correlation_id(await helpless(bot, clock))
    bot.sandbox.state.faults.clear()
    card = live(bot, rotation_id)
    await bot.click(ROBIN, card, "Retry")
    await bot.tick()

    assert card.buttons == {"Retry"}
    assert live(bot, rotation_id).status == "Rotation failed, rolled back"
    assert live(bot, rotation_id).buttons == set()


async def test_an_old_version_that_cannot_be_disabled_needs_a_human_too(
    bot: Latchkey, clock: ManualClock
) -> None:
    first = correlation_id(await begun(bot))
    clock.advance(hours=23)
    second = correlation_id(await begun(bot))
    bot.sandbox.break_next(refusing("PATCH", f"/secrets/{APP_API_KEY}"))
    clock.advance(hours=1)
    await bot.tick()
    await wait_for_retries(bot, clock, 7)
    listed = await bot.say(AVERY, "rotations")
    bot.sandbox.state.faults.clear()
    await bot.say(AVERY, f"retry {first}")
    await bot.tick()

    assert listed.status == "1 secret needs a human"
    assert first in listed.words
    assert second not in listed.words
    assert live(bot, first).status == "Rotated"
    assert contents(bot.sandbox)[1][1] is False
