"""App settings and Key Vault references as seen by azure-mgmt-web."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.rest import HttpRequest
from azure.keyvault.secrets.aio import SecretClient
from azure.mgmt.web.aio import WebSiteManagementClient
from azure.mgmt.web.models import StringDictionary

from sandbox.seed import (
    APP_API_KEY,
    APP_IDENTITY,
    BOT,
    DANA,
    DEMO_DB_PASSWORD,
    LITERAL_SETTING,
    OPERATOR,
    PINNED_SETTING,
    REPORTING_TOKEN,
    RESOURCE_GROUP,
    SITE,
    SLOT,
    UNVERSIONED_SETTING,
    VAULT,
)
from sandbox.snapshot import digest
from tests.sandbox.conftest import Clients, MovableClock, error_code
from tests.support.sandbox import Sandbox


@pytest.fixture
async def web(clients: Clients) -> WebSiteManagementClient:
    return await clients.web(BOT.id)


@pytest.fixture
async def vault(clients: Clients) -> SecretClient:
    return await clients.secrets(OPERATOR.id)


async def settings_of(web: WebSiteManagementClient) -> dict[str, str]:
    listed = await web.web_apps.list_application_settings(RESOURCE_GROUP, SITE)
    return dict(listed.properties or {})


async def change(web: WebSiteManagementClient, **changed: str) -> None:
    merged = {**await settings_of(web), **changed}
    await web.web_apps.update_application_settings(
        RESOURCE_GROUP, SITE, StringDictionary(properties=merged)
    )


async def refresh(web: WebSiteManagementClient, sandbox: Sandbox) -> None:
    address = f"{sandbox.seed.site_scope(SITE)}/config/configreferences/appsettings/refresh"
    answer = await web._client.send_request(
        HttpRequest("POST", f"{sandbox.base_url}{address}?api-version=2022-03-01")
    )
    answer.raise_for_status()


async def status_of(web: WebSiteManagementClient, key: str) -> tuple[str | None, str | None]:
    reference = await web.web_apps.get_app_setting_key_vault_reference(RESOURCE_GROUP, SITE, key)
    return reference.status, reference.active_version


async def test_settings_are_listed_with_their_values(
    web: WebSiteManagementClient, vault: SecretClient
) -> None:
    settings = await settings_of(web)

    assert len(settings) == 6
    assert (await vault.get_secret(APP_API_KEY)).value == settings[LITERAL_SETTING]


async def test_a_put_replaces_all_settings(web: WebSiteManagementClient) -> None:
    await web.web_apps.update_application_settings(
        RESOURCE_GROUP, SITE, StringDictionary(properties={"ONLY": "this"})
    )

    assert await settings_of(web) == {"ONLY": "this"}


async def test_a_change_restarts_the_app_and_leaves_its_slot_alone(
    sandbox: Sandbox, web: WebSiteManagementClient
) -> None:
    slot = await web.web_apps.list_application_settings_slot(RESOURCE_GROUP, SITE, SLOT)
    await change(web, LOG_LEVEL="debug")
    after = await web.web_apps.list_application_settings_slot(RESOURCE_GROUP, SITE, SLOT)

    assert sandbox.state.sites[(SITE, "")].restarts == 1
    assert sandbox.state.sites[(SITE, SLOT)].restarts == 0
    assert after.properties == slot.properties


async def test_a_slot_has_its_own_settings(sandbox: Sandbox, web: WebSiteManagementClient) -> None:
    app = await settings_of(web)
    await web.web_apps.update_application_settings_slot(
        RESOURCE_GROUP, SITE, SLOT, StringDictionary(properties={"ONLY": "the slot"})
    )

    assert sandbox.state.sites[(SITE, SLOT)].settings == {"ONLY": "the slot"}
    assert await settings_of(web) == app
    assert sandbox.state.sites[(SITE, SLOT)].restarts == 1


async def test_an_unversioned_reference_keeps_its_version_until_it_is_refreshed(
    sandbox: Sandbox, web: WebSiteManagementClient, vault: SecretClient
) -> None:
    old = (await vault.get_secret(DEMO_DB_PASSWORD)).properties.version
    new = (await vault.set_secret(DEMO_DB_PASSWORD, "changed")).properties.version
    before = await status_of(web, UNVERSIONED_SETTING)
    await refresh(web, sandbox)
    after = await status_of(web, UNVERSIONED_SETTING)

    assert before == ("Resolved", old)
    assert after == ("Resolved", new)
    assert sandbox.state.sites[(SITE, "")].restarts == 0


async def test_a_restart_re_resolves_references(
    web: WebSiteManagementClient, vault: SecretClient
) -> None:
    new = (await vault.set_secret(DEMO_DB_PASSWORD, "changed")).properties.version
    await change(web, LOG_LEVEL="debug")

    assert await status_of(web, UNVERSIONED_SETTING) == ("Resolved", new)


async def test_references_are_re_resolved_after_a_day(
    web: WebSiteManagementClient, vault: SecretClient, clock: MovableClock
) -> None:
    new = (await vault.set_secret(DEMO_DB_PASSWORD, "changed")).properties.version
    clock.advance(hours=24)

    assert await status_of(web, UNVERSIONED_SETTING) == ("Resolved", new)


async def test_a_pinned_reference_stays_at_its_version(
    sandbox: Sandbox, web: WebSiteManagementClient, vault: SecretClient
) -> None:
    old = (await vault.get_secret(REPORTING_TOKEN)).properties.version
    await vault.set_secret(REPORTING_TOKEN, "changed")
    await refresh(web, sandbox)

    assert await status_of(web, PINNED_SETTING) == ("Resolved", old)


async def test_both_spellings_resolve(
    sandbox: Sandbox, web: WebSiteManagementClient, vault: SecretClient
) -> None:
    version = (await vault.get_secret(APP_API_KEY)).properties.version
    uri = f"{sandbox.base_url}/secrets/{APP_API_KEY}"
    spellings = {
        "A": f"@Microsoft.KeyVault(SecretUri={uri})",
        "B": f"@Microsoft.KeyVault(SecretUri={uri}/)",
        "C": f"@Microsoft.KeyVault(SecretUri={uri}/{version})",
        "D": f"@Microsoft.KeyVault(VaultName={VAULT};SecretName={APP_API_KEY})",
        "E": f"@microsoft.keyvault(VaultName={VAULT}; SecretName={APP_API_KEY};"
        f" SecretVersion={version})",
        "F": f"@Microsoft.KeyVault(SecretUri=https://{VAULT}.vault.azure.net/secrets/{APP_API_KEY})",
    }
    await change(web, **spellings)

    assert {await status_of(web, key) for key in spellings} == {("Resolved", version)}


@pytest.mark.parametrize(
    ("inside", "status"),
    [
        (f"VaultName={VAULT};SecretName=nonesuch", "SecretNotFound"),
        (
            f"VaultName={VAULT};SecretName={APP_API_KEY};SecretVersion={'0' * 32}",
            "SecretVersionNotFound",
        ),
        ("VaultName=nonesuch;SecretName=x", "VaultNotFound"),
        ("SecretUri=https://nonesuch.vault.azure.net/secrets/x", "VaultNotFound"),
        ("SecretUri=http://[", "InvalidSyntax"),
        ("SecretUri=https://localhost/keys/x", "InvalidSyntax"),
        ("SecretName=x", "InvalidSyntax"),
    ],
)
async def test_a_reference_that_cannot_be_resolved_says_why(
    sandbox: Sandbox, web: WebSiteManagementClient, inside: str, status: str
) -> None:
    text = f"@Microsoft.KeyVault({inside})"
    await change(web, BROKEN=text)

    assert await status_of(web, "BROKEN") == (status, None)
    assert sandbox.state.sites[(SITE, "")].seen_by_the_app("BROKEN") == text


async def test_a_disabled_version_does_not_resolve(
    web: WebSiteManagementClient, vault: SecretClient
) -> None:
    made = await vault.set_secret(DEMO_DB_PASSWORD, "changed")
    await vault.update_secret_properties(DEMO_DB_PASSWORD, made.properties.version, enabled=False)
    await change(web, LOG_LEVEL="debug")

    assert await status_of(web, UNVERSIONED_SETTING) == ("AccessToKeyVaultDenied", None)


async def test_an_app_without_permission_or_identity_resolves_nothing(
    sandbox: Sandbox, web: WebSiteManagementClient, clock: MovableClock
) -> None:
    assignments = sandbox.state.assignments
    for one in list(assignments.live.values()):
        if one.principal_id == APP_IDENTITY.id:
            assignments.remove(one, clock.now)
    await refresh(web, sandbox)
    without_rights = await status_of(web, UNVERSIONED_SETTING)
    sandbox.state.sites[(SITE, "")].identity = None
    await refresh(web, sandbox)

    assert without_rights == ("AccessToKeyVaultDenied", None)
    assert await status_of(web, UNVERSIONED_SETTING) == ("MSINotEnabled", None)


async def test_all_references_are_listed_but_literals_are_not(
    web: WebSiteManagementClient,
) -> None:
    listed = web.web_apps.get_app_settings_key_vault_references(RESOURCE_GROUP, SITE)
    names = {one.name async for one in listed}
    with pytest.raises(ResourceNotFoundError):
        await status_of(web, LITERAL_SETTING)

    assert names == {UNVERSIONED_SETTING, PINNED_SETTING}


async def test_a_slot_has_its_own_references(
    web: WebSiteManagementClient,
) -> None:
    reference = await web.web_apps.get_app_setting_key_vault_reference_slot(
        RESOURCE_GROUP, SITE, PINNED_SETTING, SLOT
    )

    assert reference.status == "Resolved"
    assert reference.secret_name == REPORTING_TOKEN


async def test_the_app_sees_the_value_behind_a_reference(
    sandbox: Sandbox, vault: SecretClient
) -> None:
    value = (await vault.get_secret(DEMO_DB_PASSWORD)).value
    site = next(one for one in sandbox.snapshot()["sites"] if not one["slot"])
    seen = next(one for one in site["settings"] if one["key"] == UNVERSIONED_SETTING)

    assert seen["seen_sha256"] == digest(str(value))


async def test_an_app_and_its_slot_can_be_read(web: WebSiteManagementClient) -> None:
    app = await web.web_apps.get(RESOURCE_GROUP, SITE)
    slot = await web.web_apps.get_slot(RESOURCE_GROUP, SITE, SLOT)

    assert app.name == SITE
    assert app.state == "Running"
    assert slot.name == f"{SITE}/{SLOT}"


async def test_an_unknown_app_is_not_found(clients: Clients) -> None:
    web = await clients.web(OPERATOR.id)
    with pytest.raises(ResourceNotFoundError) as refused:
        await web.web_apps.list_application_settings(RESOURCE_GROUP, "nonesuch")

    assert error_code(refused.value) == "ResourceNotFound"


async def test_a_developer_cannot_see_settings(clients: Clients) -> None:
    web = await clients.web(DANA.id)
    with pytest.raises(HttpResponseError) as refused:
        await web.web_apps.list_application_settings(RESOURCE_GROUP, SITE)

    assert refused.value.status_code == 403


async def test_a_put_without_settings_changes_nothing(
    sandbox: Sandbox, web: WebSiteManagementClient
) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await web.web_apps.update_application_settings(RESOURCE_GROUP, SITE, StringDictionary())

    assert refused.value.status_code == 400
    assert len(sandbox.state.sites[(SITE, "")].settings) == 6
