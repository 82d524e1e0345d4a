"""Rotations of credentials that another system issues, while people work in that system too."""

import re
from pathlib import Path

import pytest

from sandbox import seed
from sandbox.calls import Reply
from sandbox.faults import InjectedFault, When
from sandbox.seed import PARTNER_APPLICATION, PARTNER_CLIENT_SECRET, STORAGE_ACCOUNT, STORAGE_KEY
from sandbox.stored.storage import StoredStorageAccount
from tests.outside.rotation_scenarios import audit, contents, now, settings
from tests.outside.scenarios import correlation_id, refusing
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, a_tenant
from tests.support.latchkey import Latchkey
from tests.support.people import Seen

pytestmark = pytest.mark.in_memory

KEY_SETTING, SECRET_SETTING = "STORAGE_KEY", "CLIENT_SECRET"
RULES = f"""
[[secret]]
name = "{STORAGE_KEY}"
rotation.issuer = "storage-account"
rotation.options.account = "{a_tenant().storage_scope(STORAGE_ACCOUNT)}"
rotation.dependents = [{{ app = "{seed.SITE}", setting = "{KEY_SETTING}", create = true }}]

[[secret]]
name = "{PARTNER_CLIENT_SECRET}"
rotation.issuer = "app-registration"
rotation.options.application = "{PARTNER_APPLICATION.id}"
rotation.dependents = [{{ app = "{seed.SITE}", setting = "{SECRET_SETTING}", create = true }}]
"""


@pytest.fixture
async def issuing(bot: Latchkey, tmp_path: Path) -> Latchkey:
    """A bot whose rules rotate a storage key and a client secret."""
    rules = tmp_path / "policy.toml"
    rules.write_text(RULES, encoding="utf-8")
    await bot.restart(POLICY_FILE=str(rules))
    return bot


async def rotated(bot: Latchkey, secret: str) -> Seen:
    """Let an admin rotate a secret; return the message with its card."""
    card = await bot.click(AVERY, await bot.say(AVERY, f"rotate {secret}"), "Rotate")
    await bot.tick()
    return card


async def later(bot: Latchkey, clock: ManualClock, minutes: int) -> None:
    """Let the worker do what comes due in this time."""
    for _ in range(minutes):
        clock.advance(minutes=1)
        await bot.tick()


def account_of(bot: Latchkey) -> StoredStorageAccount:
    return bot.sandbox.state.storage_accounts[STORAGE_ACCOUNT]


async def test_a_key_that_a_person_replaces_before_the_end_is_never_called_rotated(
    issuing: Latchkey, clock: ManualClock
) -> None:
    issuing.sandbox.break_next(refusing("PUT", "appsettings", 503, times=2))
    card = await rotated(issuing, STORAGE_KEY)
    account_of(issuing).regenerate("key2", clock())
    await later(issuing, clock, 20)

    (first, _), *_, (last, _) = contents(issuing.sandbox, STORAGE_KEY)
    card = now(issuing, card)
    assert card.status == "Rotation failed, rolled back"
    assert "the credential in the new version isn't valid any more" in card.words
    assert last == first == account_of(issuing).keys["key1"].value
    assert KEY_SETTING not in settings(issuing.sandbox)


async def test_a_client_secret_that_a_person_removes_before_the_end_is_never_called_rotated(
    issuing: Latchkey, clock: ManualClock
) -> None:
    issuing.sandbox.break_next(refusing("PUT", "appsettings", 503, times=2))
    card = await rotated(issuing, PARTNER_CLIENT_SECRET)
    held = issuing.sandbox.state.applications[PARTNER_APPLICATION.id].passwords
    [made] = [one for one in held if str(one.display_name).startswith("latchkey ")]
    held.remove(made)
    await later(issuing, clock, 20)

    assert now(issuing, card).status == "Rotation failed, rolled back"
    assert SECRET_SETTING not in settings(issuing.sandbox)


def key_of(bot: Latchkey, slot: str) -> str:
    return account_of(bot).keys[slot].value


@pytest.mark.parametrize("status", [409, 503])
async def test_a_key_that_was_regenerated_in_vain_is_named(
    issuing: Latchkey, clock: ManualClock, status: int
) -> None:
    before = key_of(issuing, "key2")
    answer = Reply(status, {"error": {"code": "Conflict", "message": "not now"}})
    path = re.compile("regenerateKey")
    issuing.sandbox.break_next(
        InjectedFault("POST", path, when=When.AFTER, times=1_000, answer=answer)
    )
    card = await rotated(issuing, STORAGE_KEY)
    await later(issuing, clock, 40)

    named = "regenerated in demostorage: key2; whatever else used that key needs the new one"
    card, told = now(issuing, card), issuing.audit()[-1]
    assert key_of(issuing, "key2") != before
    assert card.status == told.status == "Rotation failed, rolled back"
    assert audit(issuing, correlation_id(card))[-1] == told.status
    assert all(named in seen.words for seen in (card, told, issuing.sent_to(AVERY)[-1]))


async def test_a_key_that_was_withdrawn_is_named(issuing: Latchkey) -> None:
    issuing.sandbox.break_next(refusing("PUT", "appsettings", 409))
    await rotated(issuing, STORAGE_KEY)

    assert "the issued credential is withdrawn; regenerated in demostorage: key2" in (
        issuing.audit()[-1].words
    )


async def test_a_refused_regeneration_names_no_key(issuing: Latchkey, clock: ManualClock) -> None:
    before = key_of(issuing, "key2")
    issuing.sandbox.break_next(refusing("POST", "regenerateKey"))
    await rotated(issuing, STORAGE_KEY)
    await later(issuing, clock, 15)

    assert key_of(issuing, "key2") == before
    assert issuing.audit()[-1].status == "Rotation failed, rolled back"
    assert "regenerated" not in issuing.audit()[-1].words
