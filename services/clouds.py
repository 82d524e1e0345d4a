"""The Microsoft clouds in which Azure runs: where its services answer, and for whom tokens are."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AzureEndpoints:
    """Where one Azure cloud answers."""

    resource_manager: str
    graph: str
    authority: str
    vault_suffix: str
    resource_manager_audience: str
    graph_audience: str
    token_exchange_audience: str
    """For whom a managed identity's token is that stands in for an application's credential."""


CLOUDS: Mapping[str, AzureEndpoints] = {
    "AzureCloud": AzureEndpoints(
        "https://management.azure.com",
        "https://graph.microsoft.com",
        "https://login.microsoftonline.com",
        "vault.azure.net",
        "https://management.azure.com",
        "https://graph.microsoft.com",
        "api://AzureADTokenExchange",
    ),
    "AzureUSGovernment": AzureEndpoints(
        "https://management.usgovcloudapi.net",
        "https://graph.microsoft.us",
        "https://login.microsoftonline.us",
        "vault.usgovcloudapi.net",
        "https://management.usgovcloudapi.net",
        "https://graph.microsoft.us",
        "api://AzureADTokenExchangeUSGov",
    ),
    "AzureChinaCloud": AzureEndpoints(
        "https://management.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "vault.azure.cn",
        "https://management.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "api://AzureADTokenExchangeChina",
    ),
}
