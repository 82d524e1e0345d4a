"""The bot's own network: off by default; if it is on, the bot still reaches its storage account."""

import re
from ipaddress import IPv4Network
from itertools import combinations

import pytest

from tests.infra import bicep

APP = bicep.source("modules/app.bicep")
MAIN = bicep.source("main.bicep")
NETWORK = bicep.source("modules/network.bicep")
STORAGE = bicep.source("modules/storage.bicep")


def default(name: str) -> str:
    """Return a parameter's default, as written."""
    [found] = re.findall(rf"^param {name} \S+ = (.+)$", MAIN, re.MULTILINE)
    return str(found)


def subnets(prefix: str) -> list[IPv4Network]:
    """Return what ``cidrSubnet`` makes of the network's addresses."""
    parts = re.findall(r"cidrSubnet\(addressPrefix, (\d+), (\d+)\)", NETWORK)
    return [
        list(IPv4Network(prefix).subnets(new_prefix=int(size)))[int(index)] for size, index in parts
    ]


def test_without_it_the_storage_account_is_open_and_the_app_has_no_subnet() -> None:
    assert default("withNetwork") == "false"
    assert "module network 'modules/network.bicep' = if (withNetwork) {" in MAIN
    assert "isPrivate: withNetwork\n" in MAIN
    assert "subnetId: withNetwork ? network!.outputs.appSubnetId : ''\n" in MAIN
    assert "defaultAction: isPrivate ? 'Deny' : 'Allow'\n" in STORAGE


def test_with_it_nobody_else_reaches_the_account_unless_named() -> None:
    assert default("storageOpenTo") == "[]"
    assert "publicNetworkAccess: isPrivate && empty(openTo) ? 'Disabled' : 'Enabled'" in STORAGE
    assert "bypass: 'None'" in STORAGE


@pytest.mark.parametrize("size", [24, 25])
def test_its_subnets_fit_into_the_network_and_dont_overlap(size: int) -> None:
    network = IPv4Network(default("networkPrefix").strip("'").replace("/24", f"/{size}"))

    app, endpoints = subnets(str(network))
    assert network.is_private  # App Service sends only such addresses into the network
    assert app.prefixlen <= 26  # what App Service recommends
    assert all(one.subnet_of(network) for one in (app, endpoints))
    assert [pair for pair in combinations((app, endpoints), 2) if pair[0].overlaps(pair[1])] == []


def test_what_the_bot_keeps_there_has_an_address_in_it() -> None:
    assert "services: empty(archiveName) ? ['table'] : ['table', 'blob']\n" in MAIN
    # As in Microsoft's list of zones for private endpoints.
    assert "name: 'privatelink.${service}.${environment().suffixes.storage}'" in NETWORK
    assert "groupIds: [service]" in NETWORK


def test_its_addresses_are_made_one_after_the_other() -> None:
    assert "@batchSize(1)\nresource endpoints 'Microsoft.Network/privateEndpoints@" in NETWORK


def test_app_service_may_use_the_apps_subnet_alone() -> None:
    app, endpoints = NETWORK.split("name: 'endpoints'")

    assert "serviceName: 'Microsoft.Web/serverFarms'" in app
    assert "delegations" not in endpoints
    assert "output appSubnetId string = '${network.id}/subnets/app'" in NETWORK
    assert "virtualNetworkSubnetId: empty(subnetId) ? null : subnetId\n" in APP


@pytest.mark.parametrize(
    ("parameter", "prefix"), [("reachableFrom", "ip"), ("deployableFrom", "scmIp")]
)
def test_only_the_addresses_named_reach_it_if_any_are(parameter: str, prefix: str) -> None:
    rules = APP.partition(f"      {prefix}SecurityRestrictions: [\n")[2].partition("]")[0]
    closed = f"{prefix}SecurityRestrictionsDefaultAction: empty({parameter}) ? 'Allow' : 'Deny'\n"

    assert default(parameter) == "[]"
    assert f"    {parameter}: {parameter}\n" in MAIN
    assert closed in APP
    assert f"for (each, index) in {parameter}: {{" in rules
    assert "action: 'Allow'" in rules
    # A range has a slash, and a service tag has none.
    assert "tag: contains(each, '/') ? 'Default' : 'ServiceTag'" in rules


def test_what_limits_the_bot_does_not_limit_deploying() -> None:
    assert "scmIpSecurityRestrictionsUseMain: false\n" in APP


def test_of_all_front_doors_only_the_one_named_reaches_it() -> None:
    rules = APP.partition("      ipSecurityRestrictions: [\n")[2].partition("]")[0]

    assert default("frontDoorId") == "''"
    assert "    frontDoorId: frontDoorId\n" in MAIN
    assert "'x-azure-fdid': [frontDoorId]\n" in APP
    named = "each == 'AzureFrontDoor.Backend' && !empty(frontDoorId)"
    assert f"headers: {named} ? frontDoor : {{}}" in rules


def test_teams_and_browsers_go_by_the_gateway_if_there_is_one() -> None:
    [host] = re.findall(r"var reachedBy = (.+)", APP)
    [endpoint] = re.findall(r"endpoint: (.+)", MAIN)

    assert default("publicHost") == "''"
    assert "    publicHost: publicHost\n" in MAIN
    assert host == "empty(publicHost) ? app.properties.defaultHostName : publicHost"
    assert "PUBLIC_URL: 'https://${reachedBy}'\n" in APP
    assert endpoint == "'https://${empty(publicHost) ? app.outputs.host : publicHost}/api/messages'"


def test_a_variable_without_a_parameter_outlives_a_deployment() -> None:
    assert default("otherSettings") == "{}"
    assert "    otherSettings: otherSettings\n" in MAIN
    assert (
        APP.partition("  properties: union(settings, {\n")[2]
        .partition("\n  }, ")[2]
        .startswith("otherSettings)")
    )
