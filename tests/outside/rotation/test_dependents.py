"""One secret used by several apps in different ways."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.calls import Reply
from sandbox.faults import InjectedFault
from sandbox.seed import APP_API_KEY, LITERAL_SETTING, SITE, SLOT, VAULT
from tests.outside.rotation_scenarios import (
    begun,
    changes,
    now,
    planned,
    set_by_hand,
    settings,
    versions,
)
from tests.outside.scenarios import refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY
from tests.support.latchkey import Latchkey

pytestmark = pytest.mark.in_memory

RULES = f"""
[[secret]]
name = "{APP_API_KEY}"

[[secret.rotation.dependents]]
app = "{SITE}"
setting = "{LITERAL_SETTING}"

[[secret.rotation.dependents]]
app = "{SITE}"
setting = "FLOATING"

[[secret.rotation.dependents]]
app = "{SITE}"
setting = "PINNED"

[[secret.rotation.dependents]]
app = "{SITE}"
slot = "{SLOT}"
setting = "{LITERAL_SETTING}"

[[secret.rotation.dependents]]
app = "{SITE}"
slot = "{SLOT}"
setting = "NEW_HERE"
create = true
"""

FLOATING = f"@Microsoft.KeyVault(VaultName={VAULT};SecretName={APP_API_KEY})"
OURS = {LITERAL_SETTING, "FLOATING", "PINNED", "NEW_HERE"}


def _pinned(bot: Latchkey, version: str) -> str:
    return f"@Microsoft.KeyVault(SecretUri={bot.sandbox.base_url}/secrets/{APP_API_KEY}/{version})"


def _resolved(bot: Latchkey, setting: str) -> tuple[str, str | None]:
    """Return a reference's status in App Service, and the value that the app sees."""
    resolution = bot.sandbox.state.sites[SITE, ""].resolutions[setting]
    return resolution.status, resolution.value


@pytest.fixture
async def apps(bot: Latchkey, tmp_path: Path) -> Latchkey:
    """A bot whose rules have a secret in five settings of an app and its slot."""
    rules = tmp_path / "policy.toml"
    rules.write_text(RULES, encoding="utf-8")
    await bot.restart(POLICY_FILE=str(rules))
    pinned = _pinned(bot, versions(bot.sandbox)[-1].id)
    set_by_hand(bot.sandbox, FLOATING=FLOATING, PINNED=pinned)
    return bot


async def test_the_plan_shows_how_each_setting_holds_the_secret_and_what_will_change(
    apps: Latchkey,
) -> None:
    plan = await planned(apps)

    assert "demo-app  API_KEY\nContains the current value itself" in plan.words
    assert "demo-app  FLOATING\nKey Vault reference to the current version" in plan.words
    assert "demo-app  PINNED\nKey Vault reference, pinned to one version" in plan.words
    assert "demo-app/staging  API_KEY\nContains the current value itself" in plan.words
    assert "demo-app/staging  NEW_HERE\nNo such setting yet" in plan.words
    assert plan.buttons == {"Rotate", "Cancel"}


async def test_each_setting_gets_the_new_value_in_its_own_form(apps: Latchkey) -> None:
    card = await begun(apps)

    new = versions(apps.sandbox)[-1]
    app, slot = settings(apps.sandbox), settings(apps.sandbox, SLOT)
    assert card.status == "Rotated, old version not retired yet"
    assert (app[LITERAL_SETTING], slot[LITERAL_SETTING]) == (new.value, new.value)
    assert slot["NEW_HERE"] == new.value
    assert (app["FLOATING"], app["PINNED"]) == (FLOATING, _pinned(apps, new.id))
    assert _resolved(apps, "FLOATING") == _resolved(apps, "PINNED") == ("Resolved", new.value)


async def test_all_other_settings_stay_unchanged(apps: Latchkey) -> None:
    before = {slot: settings(apps.sandbox, slot) for slot in ("", SLOT)}
    await begun(apps)

    for slot, held in before.items():
        after = settings(apps.sandbox, slot)
        changed = {name for name in held | after if held.get(name) != after.get(name)}
        assert changed <= OURS


async def test_an_app_restarts_once_however_many_of_its_settings_change(
    apps: Latchkey,
) -> None:
    await begun(apps)

    assert {slot: apps.sandbox.state.sites[SITE, slot].restarts for slot in ("", SLOT)} == {
        "": 1,
        SLOT: 1,
    }


async def test_if_one_cannot_be_changed_all_are_restored(apps: Latchkey) -> None:
    before = {slot: settings(apps.sandbox, slot) for slot in ("", SLOT)}
    old = versions(apps.sandbox)[-1]
    apps.sandbox.break_next(refusing("PUT", f"/slots/{SLOT}/config/appsettings", 409))
    card = await begun(apps)

    assert card.status == "Rotation failed, rolled back"
    assert {slot: settings(apps.sandbox, slot) for slot in ("", SLOT)} == before
    assert _resolved(apps, "FLOATING") == _resolved(apps, "PINNED") == ("Resolved", old.value)


async def test_a_reference_that_never_resolves_rolls_back(
    apps: Latchkey, clock: ManualClock
) -> None:
    before = settings(apps.sandbox)
    denied = Reply(200, {"properties": {"status": "AccessToKeyVaultDenied"}})
    path = re.compile("configreferences/appsettings/PINNED")
    # Both the plan and the start of the rotation see that it is resolved.
    apps.sandbox.break_next(InjectedFault("GET", path, answer=denied, times=1_000, skip=2))
    card = await begun(apps)
    for _ in range(4):
        clock.advance(minutes=1)
        await apps.tick()

    card = now(apps, card)
    assert card.status == "Rotation failed, rolled back"
    assert "the reference isn't resolved: AccessToKeyVaultDenied" in card.words
    assert settings(apps.sandbox) == before


async def test_one_setting_with_another_value_stops_the_rotation(apps: Latchkey) -> None:
    set_by_hand(apps.sandbox, SLOT, **{LITERAL_SETTING: "changed by hand"})
    plan = await planned(apps)

    assert plan.status == "It would stop: fix the marked errors first"
    assert "demo-app/staging  API_KEY\nThe setting holds a different value" in plan.words
    assert changes(apps.sandbox) == []


@pytest.mark.parametrize("name", ["FLOATING", "PINNED"])
async def test_a_reference_that_is_broken_already_stops_the_plan(apps: Latchkey, name: str) -> None:
    break_reference(apps, name)
    plan = await planned(apps)

    assert plan.status == "It would stop: fix the marked errors first"
    assert f"demo-app  {name}\n" in plan.words
    assert "App Service can't resolve the reference: MSINotEnabled" in plan.words
    assert plan.buttons == set()


async def test_a_reference_whose_version_azure_does_not_say_stops_the_plan(
    apps: Latchkey,
) -> None:
    apps.sandbox.state.sites[SITE, ""].says_active_versions = False
    plan = await planned(apps)

    assert plan.status == "It would stop: fix the marked errors first"
    [marked] = [line for line in plan.words.splitlines() if "doesn't say which version" in line]
    assert "App Service doesn't say which version the reference resolves to" in marked
    assert plan.buttons == set()


async def test_a_reference_that_breaks_after_the_plan_stops_the_rotation_before_it_writes(
    apps: Latchkey,
) -> None:
    plan = await planned(apps)
    break_reference(apps, "FLOATING")
    card = await apps.click(AVERY, plan, "Rotate")
    await apps.tick()

    card = now(apps, card)
    assert card.status == "Stopped, nothing changed"
    assert "App Service can't resolve the reference: MSINotEnabled" in card.words
    assert changes(apps.sandbox) == []


def break_reference(bot: Latchkey, name: str) -> None:
    """Let a reference not resolve since the app has lost its identity."""
    site = bot.sandbox.state.sites[SITE, ""]
    site.resolutions[name] = replace(site.resolutions[name], status="MSINotEnabled", value=None)
