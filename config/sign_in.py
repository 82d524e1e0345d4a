"""The settings of the page on which people sign in."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from config.section import Guid, Section, Unset
from services import variables


class SignInSettings(Section):
    """Where people's browsers reach the bot, and what they sign in to."""

    public_url: Annotated[str, BeforeValidator(variables.origin)] | None = Field(
        None,
        alias="PUBLIC_URL",
        description="the address by which browsers reach the bot, like "
        "`https://latchkey.contoso.com`; needed for secrets with "
        "[`step_up`](policy.md#confirming-with-a-sign-in)",
    )
    sign_in_id: Annotated[
        Guid | None, Unset("the bot's own registration; required with `UserAssignedMSI`")
    ] = Field(
        None,
        alias="SIGN_IN_CLIENT_ID",
        description="the app registration that people sign in to; with neither a secret nor a "
        "certificate, the bot's identity must be one of its federated credentials",
    )
    sign_in_password: str | None = Field(
        None,
        alias="SIGN_IN_CLIENT_SECRET",
        repr=False,
        description="the client secret of that registration",
    )
    sign_in_certificate_path: str | None = Field(
        None,
        alias="SIGN_IN_CERTIFICATE_PATH",
        description="instead of a secret: a PEM file with that registration's certificate and key",
    )
