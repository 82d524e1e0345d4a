"""Connection strings and their Key Vault references as azure-mgmt-web sees them."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.web.aio import WebSiteManagementClient
from azure.mgmt.web.models import ConnectionStringDictionary, ConnStringValueTypePair

from sandbox.seed import BOT, DEMO_DB_PASSWORD, RESOURCE_GROUP, SITE, SLOT, VAULT
from tests.sandbox.conftest import Clients, error_code
from tests.support.sandbox import Sandbox


@pytest.fixture
async def web(clients: Clients) -> WebSiteManagementClient:
    return await clients.web(BOT.id)


async def replace(web: WebSiteManagementClient, **strings: tuple[str, str]) -> None:
    await web.web_apps.update_connection_strings(
        RESOURCE_GROUP,
        SITE,
        ConnectionStringDictionary(
            properties={
                name: ConnStringValueTypePair(value=value, type=kind)
                for name, (value, kind) in strings.items()
            }
        ),
    )


async def strings_of(web: WebSiteManagementClient) -> dict[str, tuple[str, str]]:
    listed = await web.web_apps.list_connection_strings(RESOURCE_GROUP, SITE)
    return {
        name: (one.value, getattr(one.type, "value", ""))
        for name, one in (listed.properties or {}).items()
    }


async def test_a_put_replaces_all_and_restarts_the_app_but_not_its_slot(
    sandbox: Sandbox, web: WebSiteManagementClient
) -> None:
    await replace(web, Old=("old", "Custom"))
    await replace(web, Db=("Server=x", "SQLAzure"))

    assert await strings_of(web) == {"Db": ("Server=x", "SQLAzure")}
    assert sandbox.state.sites[SITE, ""].restarts == 2
    assert sandbox.state.sites[SITE, SLOT].connection_strings == {}


async def test_a_type_that_does_not_exist_is_refused(web: WebSiteManagementClient) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await replace(web, Db=("Server=x", "Oracle"))

    assert refused.value.status_code == 400


async def test_two_spellings_of_one_name_conflict(web: WebSiteManagementClient) -> None:
    with pytest.raises(HttpResponseError) as refused:
        await replace(web, Db=("a", "Custom"), DB=("b", "Custom"))

    assert refused.value.status_code == 409


async def test_references_have_a_status_under_their_own_address(
    web: WebSiteManagementClient,
) -> None:
    reference = f"@Microsoft.KeyVault(VaultName={VAULT};SecretName={DEMO_DB_PASSWORD})"
    await replace(web, Db=(reference, "SQLAzure"), Plain=("x", "Custom"))
    found = await web.web_apps.get_site_connection_string_key_vault_reference(
        RESOURCE_GROUP, SITE, "db"
    )
    listed = [
        one.name
        async for one in web.web_apps.get_site_connection_string_key_vault_references(
            RESOURCE_GROUP, SITE
        )
    ]

    assert (found.status, found.secret_name) == ("Resolved", DEMO_DB_PASSWORD)
    assert listed == ["Db"]
    with pytest.raises(ResourceNotFoundError) as missing:
        await web.web_apps.get_site_connection_string_key_vault_reference(
            RESOURCE_GROUP, SITE, "Plain"
        )
    assert error_code(missing.value) == "NotFound"
