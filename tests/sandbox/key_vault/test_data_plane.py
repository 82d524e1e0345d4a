"""Key Vault as seen by azure-keyvault-secrets."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.keyvault.secrets import SecretProperties
from azure.keyvault.secrets.aio import SecretClient

from sandbox.roles import KEY_VAULT_SECRETS_OFFICER
from sandbox.seed import (
    APP_API_KEY,
    BOT,
    DANA,
    DEMO_API_KEY,
    OLD_API_KEY,
    OPERATOR,
    VAULT,
    Right,
    default_seed,
)
from tests.sandbox.conftest import Clients, MovableClock, inner_error
from tests.support.sandbox import Sandbox, running_sandbox


@pytest.fixture
async def vault(clients: Clients) -> SecretClient:
    return await clients.secrets(OPERATOR.id)


async def versions_of(vault: SecretClient, name: str) -> list[SecretProperties]:
    return [one async for one in vault.list_properties_of_secret_versions(name)]


async def test_a_request_without_a_token_gets_a_challenge(sandbox: Sandbox) -> None:
    async with sandbox.session.get(f"{sandbox.base_url}/secrets/x?api-version=7.4") as answer:
        challenge = answer.headers["WWW-Authenticate"]

    assert answer.status == 401
    assert challenge == (
        f'Bearer authorization="{sandbox.base_url}/{sandbox.seed.tenant_id}",'
        ' resource="https://vault.azure.net"'
    )


async def test_a_token_for_another_resource_is_not_accepted(sandbox: Sandbox) -> None:
    token = await sandbox.credential(OPERATOR.id).get_token("https://graph.microsoft.com/.default")
    headers = {"Authorization": f"Bearer {token.token}"}
    address = f"{sandbox.base_url}/secrets/{DEMO_API_KEY}?api-version=7.4"
    async with sandbox.session.get(address, headers=headers) as answer:
        assert answer.status == 401


async def test_a_forged_token_is_not_accepted(sandbox: Sandbox) -> None:
    token = await sandbox.credential(DANA.id).get_token("https://vault.azure.net/.default")
    header, _, signature = token.token.split(".")
    claims = (await sandbox.credential(OPERATOR.id).get_token("https://vault.azure.net")).token
    forged = f"{header}.{claims.split('.')[1]}.{signature}"
    address = f"{sandbox.base_url}/secrets/{DEMO_API_KEY}?api-version=7.4"
    headers = {"Authorization": f"Bearer {forged}"}
    async with sandbox.session.get(address, headers=headers) as answer:
        assert answer.status == 401


async def test_setting_a_value_creates_the_current_version(vault: SecretClient) -> None:
    first = await vault.set_secret("new-secret", "one", tags={"rotation-id": "r1"})
    second = await vault.set_secret("new-secret", "two")

    assert (await vault.get_secret("new-secret")).value == "two"
    assert (await vault.get_secret("new-secret", first.properties.version)).value == "one"
    assert first.properties.tags == {"rotation-id": "r1"}
    assert second.properties.tags == {}


async def test_attributes_are_returned_as_set(vault: SecretClient, clock: MovableClock) -> None:
    expires = clock.now + timedelta(days=90)
    await vault.set_secret(
        "new-secret", "one", content_type="text/plain", expires_on=expires, not_before=clock.now
    )
    read = (await vault.get_secret("new-secret")).properties

    assert read.enabled
    assert read.content_type == "text/plain"
    assert read.expires_on == expires
    assert read.not_before == clock.now
    assert read.created_on == clock.now
    assert read.recovery_level == "Recoverable+Purgeable"


async def test_an_update_changes_only_the_given_fields(
    vault: SecretClient, clock: MovableClock
) -> None:
    made = await vault.set_secret("new-secret", "one", tags={"team": "web"}, content_type="a")
    clock.advance(hours=1)
    assert made.properties.version is not None
    await vault.update_secret_properties("new-secret", made.properties.version, content_type="b")
    read = (await vault.get_secret("new-secret")).properties

    assert read.content_type == "b"
    assert read.tags == {"team": "web"}
    assert read.updated_on == clock.now
    assert read.created_on == clock.now - timedelta(hours=1)


async def test_a_disabled_version_cannot_be_read_but_is_listed(vault: SecretClient) -> None:
    made = await vault.set_secret("new-secret", "one")
    await vault.update_secret_properties("new-secret", made.properties.version, enabled=False)
    with pytest.raises(HttpResponseError) as refused:
        await vault.get_secret("new-secret", made.properties.version)

    assert refused.value.status_code == 403
    assert inner_error(refused.value) == "SecretDisabled"
    assert [one.enabled for one in await versions_of(vault, "new-secret")] == [False]


async def test_a_disabled_newest_version_does_not_fall_back_to_an_older_one(
    vault: SecretClient,
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await vault.get_secret(OLD_API_KEY)

    assert inner_error(refused.value) == "SecretDisabled"
    assert len(await versions_of(vault, OLD_API_KEY)) == 2


async def test_an_unknown_secret_or_version_is_not_found(vault: SecretClient) -> None:
    with pytest.raises(ResourceNotFoundError) as no_secret:
        await vault.get_secret("nonesuch")
    with pytest.raises(ResourceNotFoundError) as no_version:
        await vault.get_secret(DEMO_API_KEY, "0" * 32)

    assert no_secret.value.error is not None
    assert no_secret.value.error.code == "SecretNotFound"
    assert no_version.value.error is not None
    assert no_version.value.error.code == "SecretNotFound"


async def test_an_unknown_secret_has_no_versions(vault: SecretClient) -> None:
    assert await versions_of(vault, "nonesuch") == []


async def test_names_ignore_case(vault: SecretClient) -> None:
    await vault.set_secret("New-Secret", "one")

    assert (await vault.get_secret("new-secret")).value == "one"


async def test_versions_come_in_pages_of_25_in_no_particular_order(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    made = [(await vault.set_secret("new-secret", str(n))).properties.version for n in range(60)]
    sandbox.state.log.clear()
    listed = [one.version for one in await versions_of(vault, "new-secret")]

    assert sorted(str(one) for one in made) == sorted(str(one) for one in listed)
    assert made != listed
    assert len(sandbox.log) == 3


async def test_listings_never_contain_a_value(sandbox: Sandbox, vault: SecretClient) -> None:
    await vault.set_secret("new-secret", "canary-value")
    token = await sandbox.credential(OPERATOR.id).get_token("https://vault.azure.net/.default")
    headers = {"Authorization": f"Bearer {token.token}"}
    texts = []
    for path in ("/secrets", "/secrets/new-secret/versions"):
        address = f"{sandbox.base_url}{path}?api-version=7.4"
        async with sandbox.session.get(address, headers=headers) as answer:
            texts.append(await answer.text())

    assert all("new-secret" in text for text in texts)
    assert not any("canary-value" in text for text in texts)


async def test_secrets_are_listed_by_name(sandbox: Sandbox, vault: SecretClient) -> None:
    listed = {one.name async for one in vault.list_properties_of_secrets()}

    assert listed == {one.name for one in sandbox.seed.vaults[0].secrets}


@pytest.mark.parametrize(
    ("name", "value", "options"),
    [
        ("under_score", "x", {}),
        ("n" * 128, "x", {}),
        ("too-big", "x" * (25 * 1024 + 1), {}),
        ("tags", "x", {"tags": {str(n): "" for n in range(16)}}),
        ("tags", "x", {"tags": {"k" * 257: ""}}),
        ("tags", "x", {"tags": {"k": "v" * 257}}),
        ("content-type", "x", {"content_type": "c" * 256}),
    ],
)
async def test_anything_over_a_limit_is_a_bad_parameter(
    vault: SecretClient, name: str, value: str, options: dict[str, Any]
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await vault.set_secret(name, value, **options)

    assert refused.value.status_code == 400
    assert refused.value.error is not None
    assert refused.value.error.code == "BadParameter"


async def test_anything_just_within_the_limits_is_accepted(vault: SecretClient) -> None:
    tags = {f"{n:0256}": "v" * 256 for n in range(15)}
    made = await vault.set_secret("n" * 127, "x" * 25 * 1024, tags=tags, content_type="c" * 255)

    assert made.properties.tags == tags


async def test_a_deleted_secret_is_recovered_with_its_versions(vault: SecretClient) -> None:
    before = {one.version for one in await versions_of(vault, DEMO_API_KEY)}
    deleted = await vault.delete_secret(DEMO_API_KEY)
    with pytest.raises(ResourceNotFoundError):
        await vault.get_secret(DEMO_API_KEY)
    listed = [one.name async for one in vault.list_deleted_secrets()]
    await vault.recover_deleted_secret(DEMO_API_KEY)

    assert deleted.scheduled_purge_date is not None
    assert listed == [DEMO_API_KEY]
    assert {one.version for one in await versions_of(vault, DEMO_API_KEY)} == before


async def test_the_name_of_a_deleted_secret_is_taken_until_it_is_purged(
    vault: SecretClient,
) -> None:
    await vault.delete_secret(DEMO_API_KEY)
    with pytest.raises(ResourceExistsError) as refused:
        await vault.set_secret(DEMO_API_KEY, "again")
    await vault.purge_deleted_secret(DEMO_API_KEY)
    await vault.set_secret(DEMO_API_KEY, "again")

    assert inner_error(refused.value) == "ObjectIsDeletedButRecoverable"
    assert (await vault.get_secret(DEMO_API_KEY)).value == "again"


async def test_deleting_a_secret_takes_a_while(
    sandbox: Sandbox, clients: Clients, clock: MovableClock
) -> None:
    sandbox.state.knobs.deletion_seconds = 10
    sandbox.state.vaults[VAULT].secrets[DEMO_API_KEY].deleted_at = clock.now
    vault = await clients.secrets(OPERATOR.id)
    with pytest.raises(ResourceExistsError) as being_deleted:
        await vault.set_secret(DEMO_API_KEY, "again")
    with pytest.raises(ResourceNotFoundError):
        await vault.get_deleted_secret(DEMO_API_KEY)
    clock.advance(seconds=10)
    with pytest.raises(ResourceExistsError) as deleted:
        await vault.set_secret(DEMO_API_KEY, "again")

    assert inner_error(being_deleted.value) == "ObjectIsBeingDeleted"
    assert inner_error(deleted.value) == "ObjectIsDeletedButRecoverable"
    assert (await vault.get_deleted_secret(DEMO_API_KEY)).name == DEMO_API_KEY


async def test_the_bot_sees_all_metadata_but_only_the_values_it_rotates(
    clients: Clients,
) -> None:
    vault = await clients.secrets(BOT.id)
    with pytest.raises(HttpResponseError) as refused:
        await vault.get_secret(DEMO_API_KEY)

    assert refused.value.status_code == 403
    assert inner_error(refused.value) == "ForbiddenByRbac"
    assert len(await versions_of(vault, DEMO_API_KEY)) == 2
    assert (await vault.get_secret(APP_API_KEY)).value


async def test_a_person_without_a_role_sees_nothing(clients: Clients) -> None:
    vault = await clients.secrets(DANA.id)
    with pytest.raises(HttpResponseError) as refused:
        await versions_of(vault, DEMO_API_KEY)

    assert inner_error(refused.value) == "ForbiddenByRbac"


async def test_each_vault_has_its_own_port_secrets_and_permissions(tls_dir: Path) -> None:
    seed = default_seed().with_vault("other-vault")
    right = Right(DANA.id, KEY_VAULT_SECRETS_OFFICER.guid, seed.vault_scope("other-vault"))
    seed = replace(seed, rights=(*seed.rights, right))
    async with running_sandbox(tls_dir, seed=seed) as sandbox, AsyncExitStack() as stack:
        clients = Clients(sandbox, stack)
        other = await clients.secrets(DANA.id, sandbox.endpoints.vault_urls["other-vault"])
        main = await clients.secrets(DANA.id)
        made = await other.set_secret(DEMO_API_KEY, "elsewhere")
        with pytest.raises(HttpResponseError) as refused:
            await main.get_secret(DEMO_API_KEY)

    assert str(made.id).startswith(sandbox.endpoints.vault_urls["other-vault"])
    assert inner_error(refused.value) == "ForbiddenByRbac"
