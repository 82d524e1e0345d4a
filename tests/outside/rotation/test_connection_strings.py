"""A secret that apps hold in connection strings."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.faults import Action, InjectedFault, When
from sandbox.seed import APP_API_KEY, LITERAL_SETTING, SITE, SLOT
from tests.outside.rotation_scenarios import (
    begun,
    changes,
    now,
    planned,
    set_strings,
    settings,
    strings,
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
connection_string = "DefaultConnection"

[[secret.rotation.dependents]]
app = "{SITE}"
connection_string = "Pinned"

[[secret.rotation.dependents]]
app = "{SITE}"
setting = "{LITERAL_SETTING}"

[[secret.rotation.dependents]]
app = "{SITE}"
slot = "{SLOT}"
connection_string = "Added"
type = "PostgreSQL"
create = true
"""

THEIRS = ("Server=cache", "RedisCache")


def _pinned(bot: Latchkey, version: str) -> str:
    return f"@Microsoft.KeyVault(SecretUri={bot.sandbox.base_url}/secrets/{APP_API_KEY}/{version})"


@pytest.fixture
async def apps(bot: Latchkey, tmp_path: Path) -> Latchkey:
    """A bot by whose rules a secret is in three connection strings and a setting."""
    rules = tmp_path / "policy.toml"
    rules.write_text(RULES, encoding="utf-8")
    await bot.restart(POLICY_FILE=str(rules))
    old = versions(bot.sandbox)[-1]
    set_strings(
        bot.sandbox,
        DefaultConnection=(old.value, "SQLAzure"),
        Pinned=(_pinned(bot, old.id), "MySql"),
        Cache=THEIRS,
    )
    return bot


def _require_rotated(bot: Latchkey) -> None:
    """See that all hold the new version, with the types that they had."""
    new = versions(bot.sandbox)[-1]

    assert strings(bot.sandbox) == {
        "DefaultConnection": (new.value, "SQLAzure"),
        "Pinned": (_pinned(bot, new.id), "MySql"),
        "Cache": THEIRS,
    }
    assert strings(bot.sandbox, SLOT) == {"Added": (new.value, "PostgreSQL")}
    assert settings(bot.sandbox)[LITERAL_SETTING] == new.value
    assert bot.sandbox.state.sites[SITE, ""].string_resolutions["Pinned"].value == new.value


async def test_the_plan_says_how_each_holds_the_secret(apps: Latchkey) -> None:
    plan = await planned(apps)

    assert "connection string DefaultConnection\nContains the current value itself" in plan.words
    assert "connection string Pinned\nKey Vault reference, pinned to one version" in plan.words
    assert "connection string Added\nNo such connection string yet" in plan.words
    assert "3 connection strings and 1 app setting" in plan.words
    assert plan.buttons == {"Rotate", "Cancel"}


async def test_each_gets_the_new_value_and_keeps_its_type(apps: Latchkey) -> None:
    card = await begun(apps)

    assert card.status == "Rotated, old version not retired yet"
    _require_rotated(apps)


async def test_at_the_end_the_old_version_is_disabled(apps: Latchkey, clock: ManualClock) -> None:
    card = await begun(apps)
    clock.advance(hours=24)
    await apps.tick()

    assert now(apps, card).status == "Rotated"
    assert [one.enabled for one in versions(apps.sandbox)[-2:]] == [False, True]
    _require_rotated(apps)


async def test_if_one_cannot_be_changed_all_are_rolled_back(apps: Latchkey) -> None:
    before = strings(apps.sandbox), strings(apps.sandbox, SLOT), settings(apps.sandbox)
    old = versions(apps.sandbox)[-1]
    apps.sandbox.break_next(refusing("PUT", f"/slots/{SLOT}/config/connectionstrings", 409))
    card = await begun(apps)

    assert card.status == "Rotation failed, rolled back"
    assert (strings(apps.sandbox), strings(apps.sandbox, SLOT), settings(apps.sandbox)) == before
    assert apps.sandbox.state.sites[SITE, ""].string_resolutions["Pinned"].value == old.value


async def test_a_reference_that_never_resolves_rolls_back(
    apps: Latchkey, clock: ManualClock
) -> None:
    before = strings(apps.sandbox)
    # Both the plan and the start of the rotation see that it is resolved.
    refused = refusing("GET", "configreferences/connectionstrings/Pinned", 409)
    apps.sandbox.break_next(replace(refused, skip=2))
    card = await begun(apps)
    for _ in range(4):
        clock.advance(minutes=1)
        await apps.tick()

    assert now(apps, card).status == "Rotation failed, rolled back"
    assert strings(apps.sandbox) == before


async def test_one_that_holds_something_else_stops_all(apps: Latchkey) -> None:
    set_strings(apps.sandbox, DefaultConnection=("changed by hand", "SQLAzure"))
    plan = await planned(apps)

    assert plan.status == "It would stop: fix the marked errors first"
    assert "DefaultConnection\nThe setting holds a different value" in plan.words
    assert changes(apps.sandbox) == []


async def test_a_change_whose_answer_is_lost_is_found_done(
    apps: Latchkey, clock: ManualClock
) -> None:
    lost = InjectedFault(
        "PUT", re.compile("connectionstrings"), action=Action.DROP, when=When.AFTER, times=1
    )
    apps.sandbox.break_next(lost)
    card = await begun(apps)
    for _ in range(4):
        clock.advance(minutes=1)
        await apps.tick()

    assert now(apps, card).status == "Rotated, old version not retired yet"
    _require_rotated(apps)


async def test_doctor_names_a_missing_one(apps: Latchkey) -> None:
    del apps.sandbox.state.sites[SITE, ""].connection_strings["DefaultConnection"]
    report = await apps.say(AVERY, "doctor")

    assert f"Connection string {SITE} DefaultConnection" in report.words
    assert "the app's connection strings are readable, but this one isn't among" in report.words
