"""Each issuer with the real adapters to a running local Azure; its values go into the vault."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from domain.rotation.rotation import Rotation
from domain.secrets import SecretValue
from sandbox.seed import (
    APP_API_KEY,
    BOT,
    PARTNER_APPLICATION,
    PARTNER_CLIENT_SECRET,
    STORAGE_ACCOUNT,
    STORAGE_KEY,
    VAULT,
    default_seed,
)
from services.azure.calls.pipeline import Pipeline
from services.azure.entra.app_passwords import GraphAppPasswords
from services.azure.entra.sign_ins import EntraSignIns
from services.azure.key_vault.secret_versions import KeyVaultSecretVersions
from services.azure.storage_keys import ArmStorageKeys
from services.rotation.issuers import app_registration, random, storage_account
from services.rotation.issuers.issuer import Issuer
from services.rotation.secret_versions import CREDENTIAL_TAG
from services.rotation.step import NotYet
from tests.support.clock import ManualClock
from tests.support.refusing import words_of
from tests.support.rotation.builders import a_rotation
from tests.support.sandbox import Sandbox, running_sandbox


@dataclass(frozen=True, slots=True)
class Case:
    """A secret with the issuer of its values."""

    issuer: str
    secret: str
    options: tuple[tuple[str, str], ...]
    is_good: Callable[[Sandbox, str], bool]
    """Whether the issuing system accepts a value."""


def _is_a_key(sandbox: Sandbox, value: str) -> bool:
    account = sandbox.state.storage_accounts[STORAGE_ACCOUNT]
    return value in {key.value for key in account.keys.values()}


def _is_a_password(sandbox: Sandbox, value: str) -> bool:
    application = sandbox.state.applications[PARTNER_APPLICATION.id]
    return value in {password.value for password in application.passwords}


KEY = Case(
    storage_account.NAME,
    STORAGE_KEY,
    (("account", default_seed().storage_scope(STORAGE_ACCOUNT)),),
    _is_a_key,
)
PASSWORD = Case(
    app_registration.NAME,
    PARTNER_CLIENT_SECRET,
    (("application", PARTNER_APPLICATION.id),),
    _is_a_password,
)
RANDOM = Case(random.NAME, APP_API_KEY, (("length", "32"),), lambda *_: True)

Issued = pytest.mark.parametrize("case", [KEY, PASSWORD], ids=["key", "password"])


class Rotating:
    """What a rotation does with its issuer, and with the vault."""

    def __init__(self, sandbox: Sandbox, stack: AsyncExitStack) -> None:
        bot, pipeline = sandbox.credential(BOT.id), Pipeline(sandbox.session)
        url, scope = sandbox.base_url, f"{sandbox.base_url}/.default"
        versions = KeyVaultSecretVersions(bot, pipeline)
        keys = ArmStorageKeys(bot, pipeline, endpoint=url, token_scope=scope)
        passwords = GraphAppPasswords(bot, pipeline, endpoint=url, token_scope=scope)
        for adapter in (versions, keys, passwords):
            stack.push_async_callback(adapter.close)
        issuers: dict[str, Issuer] = {
            random.NAME: random.RandomIssuer(),
            storage_account.NAME: storage_account.StorageAccountIssuer(keys),
            app_registration.NAME: app_registration.AppRegistrationIssuer(
                passwords, EntraSignIns(bot, pipeline, token_scope=scope, authority=url)
            ),
        }
        self._vault_url = sandbox.base_url
        self._versions = versions
        self._issuers = issuers

    def issuer(self, case: Case) -> Issuer:
        return self._issuers[case.issuer]

    async def rotate(self, case: Case, rotation_id: str = "rot-one") -> Rotation:
        issuer = self._issuers[case.issuer]
        old, value = await self._versions.current(self._vault_url, case.secret)
        rotation = a_rotation(
            id=rotation_id,
            secret=case.secret,
            old_version=old.id,
            old_credential=old.tags.get(CREDENTIAL_TAG, ""),
        )
        terms = replace(rotation.terms, issuer=case.issuer, options=case.options)
        rotation = replace(rotation, terms=terms)
        prepared = await issuer.prepare(rotation, old, value)
        issued = await issuer.issue(replace(rotation, credential=prepared))
        tagged = replace(old, tags={**old.tags, CREDENTIAL_TAG: issued.credential})
        made = await self._versions.write(self._vault_url, case.secret, issued.value, tagged)
        return replace(rotation, credential=issued.credential, new_version=made)

    async def roll_back(self, rotation: Rotation) -> None:
        assert rotation.old_version
        secret = rotation.secret
        old, value = await self._versions.read(self._vault_url, secret, rotation.old_version)
        await self._versions.write(self._vault_url, secret, value, old)
        await self._issuers[rotation.terms.issuer].withdraw(rotation, value)

    async def retire(self, rotation: Rotation) -> None:
        await self._issuers[rotation.terms.issuer].retire(rotation)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def sandbox(
    tmp_path_factory: pytest.TempPathFactory, clock: ManualClock
) -> AsyncIterator[Sandbox]:
    tls_dir: Path = tmp_path_factory.mktemp("tls")
    async with running_sandbox(tls_dir, clock=clock) as running:
        yield running


@pytest.fixture
async def rotating(sandbox: Sandbox) -> AsyncIterator[Rotating]:
    async with AsyncExitStack() as stack:
        yield Rotating(sandbox, stack)


def _current(sandbox: Sandbox, case: Case) -> str:
    return sandbox.state.vaults[VAULT].secrets[case.secret].current.value


@Issued
async def test_both_credentials_are_valid_during_the_overlap_and_then_only_the_new_one(
    sandbox: Sandbox, clock: ManualClock, rotating: Rotating, case: Case
) -> None:
    old = _current(sandbox, case)

    rotation = await rotating.rotate(case)
    new = _current(sandbox, case)
    overlapping = case.is_good(sandbox, old), case.is_good(sandbox, new)
    clock.advance(days=1)
    await rotating.retire(rotation)

    assert old != new
    assert overlapping == (True, True)
    assert (case.is_good(sandbox, old), case.is_good(sandbox, new)) == (
        # Before the first rotation, nothing in the vault says which client secret it holds.
        case is PASSWORD,
        True,
    )


@Issued
async def test_from_the_second_rotation_on_the_version_names_what_to_retire(
    sandbox: Sandbox, clock: ManualClock, rotating: Rotating, case: Case
) -> None:
    first = await rotating.rotate(case)
    clock.advance(days=1)
    await rotating.retire(first)
    value = _current(sandbox, case)

    second = await rotating.rotate(case, "rot-two")
    clock.advance(days=1)
    await rotating.retire(second)

    tags = sandbox.state.vaults[VAULT].secrets[case.secret].current.tags
    assert first.credential == second.old_credential
    assert second.credential == tags[CREDENTIAL_TAG]
    assert not case.is_good(sandbox, value)
    assert case.is_good(sandbox, _current(sandbox, case))


@Issued
async def test_after_a_roll_back_the_old_credential_is_current_and_the_new_one_invalid(
    sandbox: Sandbox, rotating: Rotating, case: Case
) -> None:
    old = _current(sandbox, case)
    rotation = await rotating.rotate(case)
    new = _current(sandbox, case)

    await rotating.roll_back(rotation)

    assert _current(sandbox, case) == old
    assert case.is_good(sandbox, old)
    assert not case.is_good(sandbox, new)


async def test_a_random_value_is_written_as_the_policy_says(
    sandbox: Sandbox, rotating: Rotating
) -> None:
    old = _current(sandbox, RANDOM)

    await rotating.rotate(RANDOM)
    value = _current(sandbox, RANDOM)

    assert old != value
    assert len(value) == 32


async def test_a_client_secret_is_accepted_once_entra_knows_it_everywhere(
    sandbox: Sandbox, clock: ManualClock, rotating: Rotating
) -> None:
    sandbox.state.knobs.client_secret_seconds = 18
    rotation = await rotating.rotate(PASSWORD)
    value = SecretValue(_current(sandbox, PASSWORD))
    issuer = rotating.issuer(PASSWORD)

    with pytest.raises(NotYet, match="AADSTS7000215"):
        await issuer.test_value(rotation, value)
    clock.advance(seconds=18)

    tried = await issuer.test_value(rotation, value)

    assert words_of(tried) == "a sign-in with it succeeded"


async def test_the_client_secrets_that_remain_are_listed_as_entra_shows_them(
    sandbox: Sandbox, rotating: Rotating
) -> None:
    rotation = await rotating.rotate(PASSWORD)
    by_hand = sandbox.state.applications[PARTNER_APPLICATION.id].passwords[0]

    (remaining,) = await rotating.issuer(PASSWORD).remaining(rotation)

    assert (remaining.name, remaining.hint) == ("made by hand", by_hand.hint)
    assert remaining.ends_at == by_hand.end
