"""The settings of Azure: who the bot is there, and where Azure answers."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from config.section import Guid, Section, Unset, Url
from services import variables


class IdentityVariables(Section):
    """The bot's identity in Azure, in azure-identity's own variables."""

    azure_client_id: Annotated[str | None, Unset("the system-assigned identity")] = Field(
        None,
        alias="AZURE_CLIENT_ID",
        description="client ID of the bot's identity: a user-assigned managed identity, or an app "
        "registration",
    )
    azure_tenant_id: Guid | None = Field(
        None,
        alias="AZURE_TENANT_ID",
        description="the tenant of that app registration; the bot serves its people if "
        "`MicrosoftAppTenantId` isn't set",
    )
    azure_client_secret: str | None = Field(
        None,
        alias="AZURE_CLIENT_SECRET",
        repr=False,
        description="the client secret of that app registration",
    )
    azure_certificate_path: str | None = Field(
        None,
        alias="AZURE_CLIENT_CERTIFICATE_PATH",
        description="instead of a secret: a PEM or PKCS12 file with that app registration's "
        "certificate and key",
    )
    azure_certificate_password: str | None = Field(
        None,
        alias="AZURE_CLIENT_CERTIFICATE_PASSWORD",
        repr=False,
        description="the password of that file, if it has one",
    )
    azure_federated_token_file: str | None = Field(
        None,
        alias="AZURE_FEDERATED_TOKEN_FILE",
        description="instead of a secret: a file with a token that this identity trusts; "
        "AKS sets it for workload identities",
    )


class EndpointSettings(Section):
    """Which cloud it is; each endpoint can be overridden, for private clouds and the sandbox."""

    cloud: Annotated[str, BeforeValidator(variables.cloud)] = Field(
        "AzureCloud",
        alias="AZURE_CLOUD",
        description="`AzureCloud`, `AzureUSGovernment` or `AzureChinaCloud`",
    )
    resource_manager: Annotated[Url | None, Unset("the cloud's")] = Field(
        None, alias="AZURE_RESOURCE_MANAGER_ENDPOINT", description="Azure Resource Manager"
    )
    graph: Annotated[Url | None, Unset("the cloud's")] = Field(
        None, alias="MICROSOFT_GRAPH_ENDPOINT", description="Microsoft Graph"
    )
    authority: Annotated[Url | None, Unset("the cloud's")] = Field(
        None, alias="AZURE_AUTHORITY_HOST", description="Entra"
    )
    vault_suffix: Annotated[
        Annotated[str, BeforeValidator(variables.domain)] | None, Unset("the cloud's")
    ] = Field(
        None,
        alias="AZURE_KEY_VAULT_SUFFIX",
        description="the vaults' domain, like `vault.azure.net`",
    )
    log_analytics: Annotated[Url | None, Unset("the cloud's")] = Field(
        None, alias="AZURE_LOG_ANALYTICS_ENDPOINT", description="Log Analytics"
    )
    openid_metadata: Annotated[Url | None, Unset("the cloud's")] = Field(
        None,
        alias="ToBotFromChannelOpenIdMetadataUrl",
        description="the Bot Framework's metadata, by which its tokens are checked",
    )
    token_issuer: Annotated[
        Annotated[str, BeforeValidator(variables.issuer)] | None, Unset("the cloud's")
    ] = Field(None, alias="ToBotFromChannelTokenIssuer", description="the issuer of those tokens")
    connector_scope: Annotated[
        Annotated[str, BeforeValidator(variables.scope)] | None, Unset("the cloud's")
    ] = Field(
        None,
        alias="ToChannelFromBotOAuthScope",
        description="the scope of the bot's own tokens for the Bot Framework",
    )
    service_hosts: Annotated[frozenset[str], BeforeValidator(variables.hosts)] = Field(
        frozenset(),
        alias="BOT_SERVICE_HOSTS",
        description="additional hosts (`host` or `host:port`, separated by commas) that are "
        "allowed as a serviceUrl and for file uploads",
    )
    service_url: Annotated[Url | None, Unset("the cloud's")] = Field(
        None,
        alias="BOT_SERVICE_URL",
        description="the connector to use until Teams has sent the region's address",
    )
