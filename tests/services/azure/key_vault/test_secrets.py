"""What the bot can see of a secret without permission to read its value."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.secrets import Vault
from sandbox.seed import APP_API_KEY, BOT, DANA, DEMO_API_KEY, OLD_API_KEY, VAULT
from services.azure.calls.pipeline import Pipeline
from services.azure.key_vault.secrets import KeyVaultSecrets
from services.faults import NotPermitted, Rejected, Unavailable
from services.ports import SecretState
from tests.services.azure.conftest import answering, dropping
from tests.support.sandbox import Sandbox

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def secrets(sandbox: Sandbox, pipeline: Pipeline) -> AsyncIterator[KeyVaultSecrets]:
    secrets = KeyVaultSecrets(sandbox.credential(BOT.id), pipeline)
    yield secrets
    await secrets.close()


def _add(sandbox: Sandbox, name: str, created: datetime, *, enabled: bool = True) -> None:
    sandbox.state.vaults[VAULT].add_version(name, "value", created, enabled=enabled)


async def test_a_secret_whose_newest_version_is_enabled_is_enabled(
    secrets: KeyVaultSecrets, vault: Vault
) -> None:
    assert await secrets.state(vault, DEMO_API_KEY) is SecretState.ENABLED


async def test_an_older_disabled_version_does_not_matter(
    secrets: KeyVaultSecrets, vault: Vault
) -> None:
    assert await secrets.state(vault, APP_API_KEY) is SecretState.ENABLED


async def test_a_disabled_newest_version_hides_the_enabled_ones_before_it(
    secrets: KeyVaultSecrets, vault: Vault
) -> None:
    assert await secrets.state(vault, OLD_API_KEY) is SecretState.DISABLED


async def test_a_name_with_an_empty_listing_is_unknown(
    secrets: KeyVaultSecrets, vault: Vault
) -> None:
    assert await secrets.state(vault, "no-such-secret") is SecretState.UNKNOWN


async def test_a_name_with_a_404_is_unknown(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault
) -> None:
    sandbox.break_next(answering(404, "SecretNotFound"))

    assert await secrets.state(vault, "no-such-secret") is SecretState.UNKNOWN


async def test_a_deleted_secret_is_unknown(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault
) -> None:
    sandbox.state.vaults[VAULT].secrets[DEMO_API_KEY].deleted_at = NOON

    assert await secrets.state(vault, DEMO_API_KEY) is SecretState.UNKNOWN


@pytest.mark.parametrize("newest_enabled", [True, False])
async def test_the_newest_version_is_found_anywhere_in_the_listing(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault, newest_enabled: bool
) -> None:
    for minute in range(60):
        _add(sandbox, "busy", NOON + timedelta(minutes=minute), enabled=not newest_enabled)
    _add(sandbox, "busy", NOON + timedelta(hours=1), enabled=newest_enabled)
    # Versions are listed in the order of their IDs, 25 per page: this one is on the last page.
    sandbox.state.vaults[VAULT].secrets["busy"].current.id = "f" * 32

    state = await secrets.state(vault, "busy")

    assert (SecretState.ENABLED if newest_enabled else SecretState.DISABLED) is state
    assert sum("/versions" in one.path and one.status == 200 for one in sandbox.log) == 3


@pytest.mark.parametrize("enabled", [(True, False), (False, True)])
async def test_one_enabled_version_of_two_from_the_same_second_is_enough(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault, enabled: tuple[bool, bool]
) -> None:
    for each in enabled:
        _add(sandbox, "tied", NOON, enabled=each)

    assert await secrets.state(vault, "tied") is SecretState.ENABLED


async def test_two_disabled_versions_from_the_same_second_are_disabled(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault
) -> None:
    for enabled, created in ((True, NOON - timedelta(days=1)), (False, NOON), (False, NOON)):
        _add(sandbox, "tied", created, enabled=enabled)

    assert await secrets.state(vault, "tied") is SecretState.DISABLED


async def test_an_expired_secret_is_not_disabled(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault
) -> None:
    sandbox.state.vaults[VAULT].secrets[DEMO_API_KEY].current.expires = 1

    assert await secrets.state(vault, DEMO_API_KEY) is SecretState.ENABLED


async def test_no_value_is_ever_read(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault
) -> None:
    await secrets.state(vault, DEMO_API_KEY)
    await secrets.names(vault)

    assert {one.path for one in sandbox.log} == {f"/secrets/{DEMO_API_KEY}/versions", "/secrets"}


async def test_all_secrets_of_a_vault_are_counted(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault
) -> None:
    before = len(await secrets.names(vault))
    for number in range(30):
        _add(sandbox, f"more-{number}", NOON)

    assert len(await secrets.names(vault)) == before + 30


async def test_a_missing_permission_to_read_metadata_raises_not_permitted(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    secrets = KeyVaultSecrets(sandbox.credential(DANA.id), pipeline)

    with pytest.raises(NotPermitted, match=r"^Key Vault: 403 ForbiddenByRbac: Caller is not"):
        await secrets.state(vault, DEMO_API_KEY)
    await secrets.close()


async def test_a_throttled_vault_is_unavailable_for_as_long_as_it_asks(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault, waits: list[float]
) -> None:
    sandbox.break_next(answering(429, "Throttled", headers={"Retry-After": "17"}))

    with pytest.raises(Unavailable) as caught:
        await secrets.state(vault, DEMO_API_KEY)

    assert caught.value.retry_after == timedelta(seconds=17)
    assert waits == []


async def test_a_vault_that_drops_connections_is_unavailable(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault
) -> None:
    sandbox.break_next(dropping())

    with pytest.raises(Unavailable, match="Key Vault: ServiceRequestError"):
        await secrets.names(vault)


async def test_an_invalid_secret_name_is_rejected(secrets: KeyVaultSecrets, vault: Vault) -> None:
    with pytest.raises(Rejected, match="400 InvalidObjectName"):
        await secrets.state(vault, "not_a_name")


async def test_each_vault_has_one_client(
    sandbox: Sandbox, secrets: KeyVaultSecrets, vault: Vault
) -> None:
    await secrets.state(vault, DEMO_API_KEY)
    await secrets.state(vault, APP_API_KEY)

    assert sum(one.status == 401 for one in sandbox.log) == 1


async def test_a_vault_in_the_cloud_cannot_ask_for_a_token_for_another_service(
    sandbox: Sandbox, pipeline: Pipeline, vault: Vault
) -> None:
    # The sandbox's challenge names vault.azure.net, and its host stands for a vault of "localhost".
    cloud = KeyVaultSecrets(sandbox.credential(BOT.id), pipeline, vault_suffix="0.0.1")
    address = Vault(vault.name, vault.url.replace("localhost", "127.0.0.1"), vault.resource_id)

    with pytest.raises(Rejected, match="doesn't match the requested domain"):
        await cloud.state(address, DEMO_API_KEY)

    assert [one.status for one in sandbox.log] == [401]
    await cloud.close()
