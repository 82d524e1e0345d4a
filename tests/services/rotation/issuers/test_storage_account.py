"""Storage account keys: the idle one is regenerated while the other is in use."""

from dataclasses import replace

import pytest

from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from services.faults import Rejected, Unavailable
from services.rotation.issuers.issuer import Issued
from services.rotation.issuers.storage_account import StorageAccountIssuer, check_options
from services.rotation.secret_versions import Version
from tests.support.clock import ManualClock
from tests.support.refusing import words_of
from tests.support.rotation.builders import a_rotation
from tests.support.rotation.issuer_fakes import FakeStorageKeys
from tests.support.tables.crashing_table import When

ACCOUNT = (
    "/subscriptions/5b1c0000-0000-4000-8000-000000000001/resourceGroups/rg-demo"
    "/providers/Microsoft.Storage/storageAccounts/demodata"
)
OLD = Version(id="old", enabled=True, created_at=None)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def keys(clock: ManualClock) -> FakeStorageKeys:
    keys = FakeStorageKeys(clock)
    keys.add(ACCOUNT)
    clock.advance(days=30)
    return keys


@pytest.fixture
def issuer(keys: FakeStorageKeys) -> StorageAccountIssuer:
    return StorageAccountIssuer(keys)


def _rotation(credential: str = "", **options: str) -> Rotation:
    rotation = a_rotation(credential=credential)
    given = {"account": ACCOUNT} | {name.replace("_", "-"): one for name, one in options.items()}
    return replace(rotation, terms=replace(rotation.terms, options=tuple(given.items())))


def _string(key: SecretValue, suffix: str = "core.windows.net") -> SecretValue:
    return SecretValue(
        f"DefaultEndpointsProtocol=https;AccountName=demodata;AccountKey={key.reveal()}"
        f";EndpointSuffix={suffix}"
    )


@pytest.mark.parametrize(("used", "idle"), [("key1", "key2"), ("key2", "key1")])
async def test_the_idle_key_is_regenerated_and_issued(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer, used: str, idle: str
) -> None:
    in_use, before = keys.value(ACCOUNT, used), keys.value(ACCOUNT, idle)

    credential = await issuer.prepare(_rotation(), OLD, in_use)
    issued = await issuer.issue(_rotation(credential))

    assert idle == credential
    assert Issued(keys.value(ACCOUNT, idle), idle) == issued
    assert before != issued.value
    assert keys.value(ACCOUNT, used) == in_use


async def test_preparing_again_chooses_the_same_key(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    slot = await issuer.prepare(_rotation(), OLD, keys.value(ACCOUNT, "key1"))

    assert await issuer.issue(_rotation(slot)) == await issuer.issue(_rotation(slot))


async def test_a_secret_that_holds_neither_key_stops_it_before_anything_is_changed(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    before = await keys.read(ACCOUNT)

    with pytest.raises(Rejected, match="demodata: no_key_in_use"):
        await issuer.prepare(_rotation(), OLD, SecretValue("something else"))

    assert await keys.read(ACCOUNT) == before


async def test_a_connection_string_gets_the_new_key_and_is_otherwise_unchanged(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    held = _string(keys.value(ACCOUNT, "key1"))

    slot = await issuer.prepare(_rotation(format="connection-string"), OLD, held)
    issued = await issuer.issue(_rotation(slot, format="connection-string"))

    assert slot == "key2"
    assert _string(keys.value(ACCOUNT, "key2")) == issued.value


async def test_a_connection_string_of_another_cloud_gets_its_suffix(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    options = {"format": "connection-string", "endpoint_suffix": "core.chinacloudapi.cn"}
    held = _string(keys.value(ACCOUNT, "key1"), "core.chinacloudapi.cn")

    slot = await issuer.prepare(_rotation(**options), OLD, held)
    issued = await issuer.issue(_rotation(slot, **options))

    assert _string(keys.value(ACCOUNT, "key2"), "core.chinacloudapi.cn") == issued.value


async def test_the_parts_of_a_connection_string_may_be_in_any_order(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    key = keys.value(ACCOUNT, "key2").reveal()
    held = (
        f"EndpointSuffix=core.windows.net; accountkey={key};AccountName=demodata;"
        "DefaultEndpointsProtocol=https;"
    )

    slot = await issuer.prepare(_rotation(format="connection-string"), OLD, SecretValue(held))

    assert slot == "key1"


async def test_the_account_may_be_written_in_capitals_in_the_policy(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    options = {"account": ACCOUNT.replace("demodata", "DemoData"), "format": "connection-string"}
    keys.add(options["account"])
    held = _string(keys.value(options["account"], "key1"))

    slot = await issuer.prepare(_rotation(**options), OLD, held)
    issued = await issuer.issue(_rotation(slot, **options))

    assert _string(keys.value(options["account"], "key2")) == issued.value


_PLAIN = _string(SecretValue("x")).reveal()


@pytest.mark.parametrize(
    "held",
    [
        "key1",
        _PLAIN.replace("demodata", "another"),
        _PLAIN.replace("https", "http"),
        f"{_PLAIN};BlobEndpoint=https://files.example",
    ],
)
async def test_a_connection_string_that_would_lose_something_is_rejected(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer, held: str
) -> None:
    before = await keys.read(ACCOUNT)

    with pytest.raises(Rejected, match="other_connection_string"):
        await issuer.prepare(_rotation(format="connection-string"), OLD, SecretValue(held))

    assert await keys.read(ACCOUNT) == before


async def test_withdrawing_invalidates_the_issued_key_and_keeps_the_one_in_use(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    in_use = keys.value(ACCOUNT, "key1")
    slot = await issuer.prepare(_rotation(), OLD, in_use)
    issued = await issuer.issue(_rotation(slot))

    await issuer.withdraw(_rotation(slot), None)

    assert keys.value(ACCOUNT, "key1") == in_use
    assert issued.value not in (keys.value(ACCOUNT, slot) for slot in ("key1", "key2"))


async def test_nothing_is_withdrawn_if_nothing_was_prepared(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    before = await keys.read(ACCOUNT)

    await issuer.withdraw(_rotation(), None)

    assert await keys.read(ACCOUNT) == before


async def test_retiring_invalidates_the_old_key_and_keeps_the_new_one(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer, clock: ManualClock
) -> None:
    old = keys.value(ACCOUNT, "key1")
    slot = await issuer.prepare(_rotation(), OLD, old)
    issued = await issuer.issue(_rotation(slot))
    clock.advance(days=1)

    await issuer.retire(_rotation(slot))

    assert old != keys.value(ACCOUNT, "key1")
    assert keys.value(ACCOUNT, slot) == issued.value


async def test_a_late_retirement_does_not_touch_the_key_of_the_next_rotation(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer, clock: ManualClock
) -> None:
    first = await issuer.prepare(_rotation(), OLD, keys.value(ACCOUNT, "key1"))
    clock.advance(hours=1)
    second = await issuer.prepare(_rotation(), OLD, keys.value(ACCOUNT, first))
    current = keys.value(ACCOUNT, second)
    clock.advance(days=1)

    await issuer.retire(_rotation(first))

    assert second == "key1"
    assert keys.value(ACCOUNT, second) == current


async def test_an_unchanged_key_does_not_count_as_regenerated(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forget(account: str, slot: str) -> None:
        """Answer with success, and do nothing."""

    monkeypatch.setattr(keys, "regenerate", forget)

    with pytest.raises(Unavailable, match="key_unchanged"):
        await issuer.prepare(_rotation(), OLD, keys.value(ACCOUNT, "key1"))


async def test_another_try_repairs_whatever_a_lost_answer_left(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    in_use = keys.value(ACCOUNT, "key1")
    keys.faults.order("regenerate", Unavailable("fake", "504"), when=When.AFTER)

    with pytest.raises(Unavailable):
        await issuer.prepare(_rotation(), OLD, in_use)
    slot = await issuer.prepare(_rotation(), OLD, in_use)

    assert slot == "key2"
    assert keys.value(ACCOUNT, "key1") == in_use


async def test_without_a_recorded_slot_nothing_is_issued_or_retired(
    issuer: StorageAccountIssuer,
) -> None:
    with pytest.raises(ValueError, match="no key"):
        await issuer.issue(_rotation())
    with pytest.raises(ValueError, match="no key"):
        await issuer.retire(_rotation())


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ((), "account: is required"),
        ((("account", ""),), "account: is required"),
        ((("account", "demodata"),), "account: the resource id of a storage account is expected"),
        (
            (("account", ACCOUNT), ("format", "json")),
            "format: key or connection-string is expected",
        ),
        (
            (("account", ACCOUNT), ("slot", "key1")),
            "slot: no such option; there are account, endpoint-suffix, format",
        ),
    ],
)
async def test_invalid_options_are_named(
    issuer: StorageAccountIssuer, options: tuple[tuple[str, str], ...], fault: str
) -> None:
    rotation = a_rotation()
    rotation = replace(rotation, terms=replace(rotation.terms, options=options))

    assert check_options(options) == [fault]
    with pytest.raises(Rejected, match=fault):
        await issuer.prepare(rotation, OLD, SecretValue("x"))


def test_valid_options_have_no_errors() -> None:
    assert check_options((("account", ACCOUNT), ("format", "connection-string"))) == []


async def test_a_plan_names_the_key_to_regenerate_and_who_loses_access(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    before = keys.value(ACCOUNT, "key1"), keys.value(ACCOUNT, "key2")

    previewed = await issuer.preview(_rotation(), OLD, keys.value(ACCOUNT, "key1"))

    text = " ".join(map(words_of, previewed.notes))
    assert text.startswith("key2 of demodata is regenerated immediately.")
    assert "every SAS token signed with it" in text
    assert "No other secret that Latchkey rotates holds key2." in text
    assert previewed.faults == ()
    assert (keys.value(ACCOUNT, "key1"), keys.value(ACCOUNT, "key2")) == before


async def test_a_key_that_another_secret_holds_is_not_regenerated(keys: FakeStorageKeys) -> None:
    async def holders(rotation: Rotation, slot: str, key: SecretValue) -> tuple[str, ...]:
        return ("reports-storage",) if slot == "key2" else ()

    issuer = StorageAccountIssuer(keys, holders)
    held, idle = keys.value(ACCOUNT, "key1"), keys.value(ACCOUNT, "key2")
    previewed = await issuer.preview(_rotation(), OLD, held)

    with pytest.raises(Rejected, match="reports-storage"):
        await issuer.prepare(_rotation(), OLD, held)

    assert "reports-storage" in words_of(previewed.faults[0])
    assert keys.value(ACCOUNT, "key2") == idle


async def test_the_old_key_is_not_regenerated_while_another_secret_holds_it(
    keys: FakeStorageKeys,
) -> None:
    sharing = ["app-config"]

    async def holders(rotation: Rotation, slot: str, key: SecretValue) -> tuple[str, ...]:
        return tuple(sharing) if key == shared else ()

    issuer = StorageAccountIssuer(keys, holders)
    shared = keys.value(ACCOUNT, "key1")
    previewed = await issuer.preview(_rotation(), OLD, shared)
    slot = await issuer.prepare(_rotation(), OLD, shared)

    with pytest.raises(Rejected, match="app-config"):
        await issuer.retire(_rotation(slot))
    kept = keys.value(ACCOUNT, "key1")
    sharing.clear()
    await issuer.retire(_rotation(slot))

    text = " ".join(map(words_of, previewed.notes))
    assert "Other secrets hold key1 too: app-config. Give them the new key" in text
    assert previewed.faults == ()
    assert kept == shared
    assert keys.value(ACCOUNT, "key1") != shared


async def test_a_key_is_alive_while_the_account_has_it(
    keys: FakeStorageKeys, issuer: StorageAccountIssuer
) -> None:
    key = keys.value(ACCOUNT, "key2")
    before = await issuer.is_alive(_rotation(), "key2", key)

    await keys.regenerate(ACCOUNT, "key2")

    assert before
    assert not await issuer.is_alive(_rotation(), "key2", key)
