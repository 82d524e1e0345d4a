"""The contract of the systems that issuers use, checked on the fakes and on the adapters."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox import roles
from sandbox.seed import BOT, PARTNER_APPLICATION, STORAGE_ACCOUNT, Right, default_seed
from services.azure.calls.pipeline import Pipeline
from services.azure.entra.app_passwords import GraphAppPasswords
from services.azure.storage_keys import ArmStorageKeys
from services.faults import Rejected
from services.rotation.issuers.app_registration import AppPasswords
from services.rotation.issuers.storage_account import StorageKeys
from tests.support.clock import ManualClock
from tests.support.rotation.issuer_fakes import FakeAppPasswords, FakeStorageKeys
from tests.support.sandbox import now, running_sandbox

ACCOUNT = default_seed().storage_scope(STORAGE_ACCOUNT)
NO_ACCOUNT = default_seed().storage_scope("nosuchaccount")
APPLICATION = PARTNER_APPLICATION.id
NO_APPLICATION = "60000000-0000-4000-8000-00000000ffff"
EXPIRY = datetime(2030, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Systems:
    """The systems that issue credentials."""

    keys: StorageKeys
    passwords: AppPasswords
    clock: ManualClock


def _fake() -> Systems:
    clock = ManualClock(now())
    keys, passwords = FakeStorageKeys(clock), FakeAppPasswords()
    keys.add(ACCOUNT)
    passwords.register(APPLICATION)
    return Systems(keys, passwords, clock)


async def _real(tls_dir: Path, stack: AsyncExitStack) -> Systems:
    clock, seed = ManualClock(now()), default_seed()
    everywhere = Right(BOT.id, roles.STORAGE_KEY_OPERATOR.guid, seed.group_scope)
    manager = replace(BOT, graph_permissions=("Application.ReadWrite.All",))
    application = replace(PARTNER_APPLICATION, passwords=())
    seed = replace(
        seed,
        rights=(*seed.rights, everywhere),
        service_principals=(manager, *seed.service_principals[1:]),
        applications=(application,),
        vaults=(),
        sites=(),
    ).with_vault("empty-vault")
    sandbox = await stack.enter_async_context(running_sandbox(tls_dir, seed=seed, clock=clock))
    bot, pipeline = sandbox.credential(BOT.id), Pipeline(sandbox.session)
    url, scope = sandbox.base_url, f"{sandbox.base_url}/.default"
    keys = ArmStorageKeys(bot, pipeline, endpoint=url, token_scope=scope)
    passwords = GraphAppPasswords(bot, pipeline, endpoint=url, token_scope=scope)
    stack.push_async_callback(keys.close)
    stack.push_async_callback(passwords.close)
    return Systems(keys, passwords, clock)


@pytest.fixture(scope="module")
def tls_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(params=["fake", "sandbox"])
async def systems(request: pytest.FixtureRequest, tls_dir: Path) -> AsyncIterator[Systems]:
    async with AsyncExitStack() as stack:
        yield _fake() if request.param == "fake" else await _real(tls_dir, stack)


async def test_a_storage_account_has_two_keys(systems: Systems) -> None:
    keys = await systems.keys.read(ACCOUNT)

    assert set(keys) == {"key1", "key2"}
    assert keys["key1"].value != keys["key2"].value


async def test_one_key_is_regenerated_and_the_other_stays(systems: Systems) -> None:
    before = await systems.keys.read(ACCOUNT)
    systems.clock.advance(hours=1)

    await systems.keys.regenerate(ACCOUNT, "key2")
    after = await systems.keys.read(ACCOUNT)

    assert before["key1"] == after["key1"]
    assert before["key2"].value != after["key2"].value
    assert systems.clock() == after["key2"].created_at


async def test_an_unknown_account_or_slot_is_rejected(systems: Systems) -> None:
    with pytest.raises(Rejected):
        await systems.keys.read(NO_ACCOUNT)
    with pytest.raises(Rejected):
        await systems.keys.regenerate(NO_ACCOUNT, "key1")
    with pytest.raises(Rejected):
        await systems.keys.regenerate(ACCOUNT, "key3")


async def test_a_client_secret_is_listed_with_its_name_and_id(systems: Systems) -> None:
    made, value = await systems.passwords.add(APPLICATION, "latchkey rot-one", EXPIRY)

    assert made.name == "latchkey rot-one"
    assert value.reveal()
    assert await systems.passwords.list(APPLICATION) == [made]


async def test_two_client_secrets_may_have_the_same_name(systems: Systems) -> None:
    first, one = await systems.passwords.add(APPLICATION, "latchkey rot-one", None)
    second, other = await systems.passwords.add(APPLICATION, "latchkey rot-one", None)

    assert one != other
    assert {each.key_id for each in await systems.passwords.list(APPLICATION)} == {
        first.key_id,
        second.key_id,
    }


async def test_removing_a_client_secret_leaves_the_others_and_can_be_repeated(
    systems: Systems,
) -> None:
    kept, _ = await systems.passwords.add(APPLICATION, "by hand", None)
    gone, _ = await systems.passwords.add(APPLICATION, "latchkey rot-one", None)

    await systems.passwords.remove(APPLICATION, gone.key_id)
    await systems.passwords.remove(APPLICATION, gone.key_id)

    assert await systems.passwords.list(APPLICATION) == [kept]


async def test_an_unknown_application_is_rejected(systems: Systems) -> None:
    with pytest.raises(Rejected):
        await systems.passwords.list(NO_APPLICATION)
    with pytest.raises(Rejected):
        await systems.passwords.add(NO_APPLICATION, "latchkey rot-one", None)
    with pytest.raises(Rejected):
        await systems.passwords.remove(NO_APPLICATION, "no-such-key")
