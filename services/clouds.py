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
    log_analytics: str
    resource_manager_audience: str
    graph_audience: str
    log_analytics_audience: str
    token_exchange_audience: str
    """For whom a managed identity's token is that stands in for an application's credential."""
    multi_tenant_bots: str
    """The tenant that issues the connector's tokens to bots of the type MultiTenant.

    Source: Microsoft's Bot Framework SDK, and its page about bots in Azure operated by 21Vianet.
    """


CLOUDS: Mapping[str, AzureEndpoints] = {
    "AzureCloud": AzureEndpoints(
        "https://management.azure.com",
        "https://graph.microsoft.com",
        "https://login.microsoftonline.com",
        "vault.azure.net",
        "https://api.loganalytics.io",
        "https://management.azure.com",
        "https://graph.microsoft.com",
        "https://api.loganalytics.io",
        "api://AzureADTokenExchange",
        "botframework.com",
    ),
    "AzureUSGovernment": AzureEndpoints(
        "https://management.usgovcloudapi.net",
        "https://graph.microsoft.us",
        "https://login.microsoftonline.us",
        "vault.usgovcloudapi.net",
        "https://api.loganalytics.us",
        "https://management.usgovcloudapi.net",
        "https://graph.microsoft.us",
        "https://api.loganalytics.us",
        "api://AzureADTokenExchangeUSGov",
        "MicrosoftServices.onmicrosoft.us",
    ),
    "AzureChinaCloud": AzureEndpoints(
        "https://management.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://login.chinacloudapi.cn",
        "vault.azure.cn",
        "https://api.loganalytics.azure.cn",
        "https://management.chinacloudapi.cn",
        "https://microsoftgraph.chinacloudapi.cn",
        "https://api.loganalytics.azure.cn",
        "api://AzureADTokenExchangeChina",
        "microsoftservices.partner.onmschina.cn",
    ),
}
