"""Expiry, tags, certificates, deleted secrets and structured values, as admins see them."""

import json
from pathlib import Path

import pytest

from sandbox.seed import APP_API_KEY, LITERAL_SETTING, VAULT
from sandbox.stored.vaults import StoredSecret
from tests.outside.rotation_scenarios import (
    begun,
    changes,
    contents,
    planned,
    set_by_hand,
    settings,
    versions,
)
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY
from tests.support.latchkey import Latchkey
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.in_memory

CANARY = "canary-5e0c7c1f"
VALUE = json.dumps({"user": "app", "password": CANARY}, indent=2)


def secret(sandbox: Sandbox) -> StoredSecret:
    return sandbox.state.vaults[VAULT].secrets[APP_API_KEY]


def hold(sandbox: Sandbox, value: str, content_type: str | None = None) -> None:
    """Put a value into the vault and the app's setting by hand."""
    vault = sandbox.state.vaults[VAULT]
    vault.add_version(APP_API_KEY, value, sandbox.clock(), content_type=content_type)
    set_by_hand(sandbox, **{LITERAL_SETTING: value})


async def test_the_plan_shows_the_old_and_new_expiry_and_the_vault_gets_the_new_one(
    bot: Latchkey,
) -> None:
    plan = await planned(bot)
    await begun(bot)

    old, new = versions(bot.sandbox)[-2:]
    assert "New version expires" in plan.words
    assert ": valid for as long as the current version" in plan.words
    assert old.expires is not None
    assert new.expires is not None
    lived = old.expires - int(old.created.timestamp())
    assert abs(new.expires - int(new.created.timestamp()) - lived) <= 1


async def test_too_many_tags_stop_the_plan_before_anything_is_written(bot: Latchkey) -> None:
    secret(bot.sandbox).current.tags = {f"tag-{number}": "x" for number in range(14)}

    plan = await planned(bot)

    assert "14 tags of its own, and Latchkey adds 2: Key Vault takes 15 in all" in plan.words
    assert "Rotate" not in plan.buttons
    assert changes(bot.sandbox) == []


async def test_thirteen_tags_are_kept_through_a_rotation(bot: Latchkey) -> None:
    theirs = {f"tag-{number}": "x" for number in range(13)}
    secret(bot.sandbox).current.tags = dict(theirs)

    await begun(bot)

    assert theirs.items() <= versions(bot.sandbox)[-1].tags.items()


async def test_a_certificates_secret_is_recognised(bot: Latchkey) -> None:
    secret(bot.sandbox).is_managed = True

    plan = await planned(bot)

    assert "belongs to a certificate" in plan.words
    assert changes(bot.sandbox) == []


async def test_a_deleted_secret_is_recognised_with_what_to_do(bot: Latchkey) -> None:
    secret(bot.sandbox).deleted_at = bot.sandbox.clock()

    plan = await planned(bot)

    words = f"az keyvault secret recover --vault-name {VAULT} --name {APP_API_KEY}"
    assert words in plan.words


@pytest.mark.parametrize("content_type", ["application/json", None])
async def test_a_structured_value_is_not_replaced_as_a_whole(
    bot: Latchkey, content_type: str | None
) -> None:
    hold(bot.sandbox, VALUE, content_type)
    before = contents(bot.sandbox)

    plan = await planned(bot)

    assert "name the part to rotate in the policy, with field =" in plan.words
    assert CANARY not in plan.words
    assert contents(bot.sandbox) == before


async def test_a_part_is_rotated_in_the_vault_and_in_the_app(
    bot: Latchkey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = tmp_path / "policy.toml"
    rules.write_text(f'[[secret]]\nname = "{APP_API_KEY}"\nrotation.field = "/password"\n')
    await bot.restart(POLICY_FILE=str(rules))
    hold(bot.sandbox, VALUE, "application/json")

    plan = await planned(bot)
    card = await begun(bot)

    made = versions(bot.sandbox)[-1]
    new = json.loads(made.value)["password"]
    assert "field /password" in plan.words
    assert made.value == VALUE.replace(CANARY, new)
    assert made.content_type == "application/json"
    assert settings(bot.sandbox)[LITERAL_SETTING] == made.value
    for told in (plan.words, card.words, caplog.text):
        assert CANARY not in told
        assert new not in told


async def test_an_expiry_that_cannot_be_checked_is_reported_once_listed_and_counted(
    bot: Latchkey, clock: ManualClock
) -> None:
    secret(bot.sandbox).current.enabled = False
    await bot.restart()
    for _ in range(4):
        await bot.tick()
        clock.advance(hours=25)
    await bot.tick()

    told = [post for post in bot.audit() if post.status == "Expiry not watched"]
    stuck = await bot.say(AVERY, "stuck")
    listed = await bot.say(AVERY, "rotations")
    _, metrics = await bot.get("/metrics")
    assert len(told) == 1
    assert "its current version is disabled" in told[0].words
    assert "can't be checked: its current version is disabled." in stuck.words
    assert "Its expiry can't be checked since" in listed.words
    assert 'state="unwatched"} 1.0' in metrics
