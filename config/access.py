"""The settings of access: the vault, and the rules that apply without a policy file."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator

from config.section import Amount, Guid, Names, Section, Unset, VaultUrl
from domain.access.rules.policy import ScopeKind
from services import values, variables

KEY_VAULT_SECRETS_USER = "4633458b-17de-408a-b874-0445c86b69e6"


class AccessSettings(Section):
    """Which vault it is, who can get access to what, for how long, and who decides."""

    key_vault_name: Annotated[str, BeforeValidator(values.vault_name)] | None = Field(
        None,
        alias="KEY_VAULT_NAME",
        description="the vault's name; if its URL is set too, both must be of the same vault: the "
        "name is used for scopes and the URL for calls",
    )
    key_vault_url: Annotated[VaultUrl | None, Unset("follows from the name")] = Field(
        None,
        alias="KEY_VAULT_URL",
        description="the vault's URL",
    )
    subscription_id: Guid = Field(
        alias="AZURE_SUBSCRIPTION_ID",
        description="the subscription that the vault and the dependent apps are in",
    )
    resource_group: Annotated[str, BeforeValidator(values.resource_group)] = Field(
        alias="AZURE_RESOURCE_GROUP",
        description="the resource group that the vault and the dependent apps are in",
    )
    allowed_secrets: Annotated[tuple[str, ...], BeforeValidator(variables.json_list)] = Field(
        (), alias="ALLOWED_SECRETS", description="JSON list of the secrets that people can request"
    )
    max_access_hours: Amount = Field(
        4.0, alias="MAX_ACCESS_HOURS", description="the longest access; decimals allowed"
    )
    min_access_minutes: Amount = Field(
        5.0,
        alias="MIN_ACCESS_MINUTES",
        validate_default=True,
        description="the shortest access; decimals allowed",
    )
    approvers: Names = Field(
        alias="SECRET_APPROVER_EMAIL",
        description="approvers: emails, Entra object IDs, or [groups](policy.md#groups) like "
        "`group:Name`, separated by commas",
    )
    admins: Annotated[Names | None, Unset("the approvers")] = Field(
        None,
        alias="ADMIN_USERS",
        description="admins, who can rotate and administer; in the same format",
    )
    role: Annotated[str, BeforeValidator(values.role)] = Field(
        KEY_VAULT_SECRETS_USER,
        alias="KEY_VAULT_ROLE_DEFINITION_ID",
        description="the role to grant: its GUID or full ID; the default is Key Vault Secrets User",
    )
    scope_kind: Annotated[ScopeKind, BeforeValidator(variables.scope_kind)] = Field(
        ScopeKind.VAULT,
        alias="GRANT_SCOPE",
        description="what the role is granted on: `vault` or `secret`",
    )
    policy_file: Path | None = Field(
        None,
        alias="POLICY_FILE",
        description="rules for each secret, which override those in variables: "
        "[the policy file](policy.md)",
    )

    @field_validator("min_access_minutes")
    @classmethod
    def _leaves_room(cls, minutes: float, info: ValidationInfo) -> float:
        if minutes * 60 < 1:
            raise ValueError("a second or longer, such as 0.02")
        longest = info.data.get("max_access_hours")
        if longest and minutes > longest * 60:
            raise ValueError("no longer than MAX_ACCESS_HOURS")
        return minutes
