"""The Microsoft clouds with Teams: who signs requests, and where answers may go."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Cloud:
    """Name one cloud's Bot Framework endpoints and its Teams connector hosts."""

    issuer: str
    metadata_url: str
    scope: str
    service_hosts: frozenset[str]
    service_url: str
    """The connector to use until Teams has sent us the one for our region."""
    file_hosts: frozenset[str] = frozenset()
    """Host suffixes of OneDrive and SharePoint; none if bots can't send files."""


# Hosts as Microsoft's Teams SDK lists them:
# https://microsoft.github.io/teams-sdk/python/essentials/app-configuration/service-url-validation
# *.botframework.com is left out: it serves other channels (Direct Line, web chat, Slack).
PUBLIC = Cloud(
    issuer="https://api.botframework.com",
    metadata_url="https://login.botframework.com/v1/.well-known/openidconfiguration",
    scope="https://api.botframework.com/.default",
    service_hosts=frozenset(
        {
            "smba.trafficmanager.net",
            "smba.onyx.prod.teams.trafficmanager.net",
            "smba.infra.gcc.teams.microsoft.com",
        }
    ),
    service_url="https://smba.trafficmanager.net/teams/",
    file_hosts=frozenset({".sharepoint.com"}),
)

# No file hosts: bots can't send or receive files in GCC High and DoD (Microsoft Learn, "Send and
# receive files through the bot"). GCC is part of the public cloud.
US_GOVERNMENT = Cloud(
    issuer="https://api.botframework.us",
    metadata_url="https://login.botframework.azure.us/v1/.well-known/openidconfiguration",
    scope="https://api.botframework.us/.default",
    service_hosts=frozenset(
        {"smba.infra.gov.teams.microsoft.us", "smba.infra.dod.teams.microsoft.us"}
    ),
    service_url="https://smba.infra.gov.teams.microsoft.us/teams/",
)

CHINA = Cloud(
    issuer="https://api.botframework.azure.cn",
    metadata_url="https://login.botframework.azure.cn/v1/.well-known/openidconfiguration",
    scope="https://api.botframework.azure.cn/.default",
    service_hosts=frozenset({"frontend.botapi.msg.infra.teams.microsoftonline.cn"}),
    service_url="https://frontend.botapi.msg.infra.teams.microsoftonline.cn/teams/",
    file_hosts=frozenset({".sharepoint.cn"}),
)

BOT_CLOUDS = {
    "AzureCloud": PUBLIC,
    "AzureUSGovernment": US_GOVERNMENT,
    "AzureChinaCloud": CHINA,
}
"""The clouds by Azure's names for them."""
