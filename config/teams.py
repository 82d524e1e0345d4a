"""The settings of the bot in Teams: its registration, its address, its audit channel."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from config.section import Guid, Section
from services import variables


class TeamsSettings(Section):
    """Who the bot is in Teams, where it listens, and where it reports."""

    app_type: Annotated[str, BeforeValidator(variables.app_type)] = Field(
        "SingleTenant",
        alias="MicrosoftAppType",
        description="the type of the bot's registration: `SingleTenant`, `UserAssignedMSI` or "
        "`MultiTenant`",
    )
    app_id: Guid | None = Field(
        None, alias="MicrosoftAppId", description="the app ID of the bot's registration"
    )
    app_password: str | None = Field(
        None, alias="MicrosoftAppPassword", repr=False, description="the client secret of that app"
    )
    app_tenant_id: Guid | None = Field(
        None,
        alias="MicrosoftAppTenantId",
        description="the tenant whose people can use the bot",
    )
    local: Annotated[bool, BeforeValidator(variables.switch)] = Field(
        False,
        alias="LATCHKEY_LOCAL",
        description="`1` lets the bot start without an app ID: it listens on the loopback "
        "interface, and authenticates nobody",
    )
    host: str = Field(
        "0.0.0.0",  # noqa: S104 - a container listens on all
        alias="HOST",
        description="the address to listen on",
    )
    port: Annotated[int, BeforeValidator(variables.port)] = Field(
        3978, alias="PORT", description="the port to listen on"
    )
    audit_channel_id: Annotated[str, BeforeValidator(variables.channel_id)] | None = Field(
        None,
        alias="ADMIN_TEAMS_CHANNEL_ID",
        description="ID of the audit channel, `19:…@thread.tacv2`; decode it if you copied it "
        "from a link",
    )
    audit_team_id: Annotated[str, BeforeValidator(variables.team_id)] | None = Field(
        None,
        alias="ADMIN_TEAMS_GROUP_ID",
        description="GUID of that channel's team; `doctor` compares the two",
    )
    audit_language: Annotated[str, BeforeValidator(variables.language)] = Field(
        "en",
        alias="AUDIT_LANGUAGE",
        description="language of the audit channel, of other channels and groups, and for people "
        "whose language isn't known yet: `en` or `de`; everybody else reads the language of "
        "their Teams",
    )
