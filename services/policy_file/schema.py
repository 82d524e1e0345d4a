"""The tables of the policy file. A key that a table omits is None and is inherited."""

from pydantic import BaseModel, ConfigDict

from domain.rotation.policy import USUAL_JITTER
from services.policy_file.fields import (
    ConnectionKey,
    Count,
    Cron,
    Duration,
    Extending,
    Hint,
    Hourly,
    IssuerName,
    Jitter,
    Justification,
    Names,
    Options,
    People,
    Pointer,
    ResourceGroup,
    Role,
    Scope,
    SettingName,
    SiteName,
    Subscription,
    Ticket,
    TimeZone,
    Url,
    VaultName,
)


class TomlTable(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class VaultTable(TomlTable):
    """A key vault other than the default one; its name can be derived from its address."""

    name: VaultName | None = None
    url: Url | None = None
    resource_group: ResourceGroup | None = None
    subscription: Subscription | None = None


class DependentTable(TomlTable):
    app: SiteName
    setting: SettingName
    slot: SiteName | None = None
    resource_group: ResourceGroup | None = None
    subscription: Subscription | None = None
    health_url: Url | None = None
    create: bool | None = None


class ScheduleTable(TomlTable):
    cron: Cron
    timezone: TimeZone = "UTC"
    jitter: Jitter = USUAL_JITTER


class CommonRotationTable(TomlTable):
    """How secrets are rotated unless their own table says otherwise."""

    issuer: IssuerName | None = None
    options: Options | None = None
    overlap: Duration | None = None
    max_age: Duration | None = None
    schedule: ScheduleTable | None = None
    second_admin: bool | None = None
    rotate_after_grant: bool | None = None


class RotationTable(CommonRotationTable):
    field: Pointer | None = None
    key: ConnectionKey | None = None
    dependents: list[DependentTable] | None = None


class AccessTable(TomlTable):
    """Who can get access to what, for how long, and who decides."""

    vault: VaultTable | None = None
    requestable: bool | None = None
    approvers: People | None = None
    min_approvals: Count | None = None
    min_duration: Duration | None = None
    max_duration: Duration | None = None
    pending: Duration | None = None
    role: Role | None = None
    scope: Scope | None = None
    requesters: People | None = None
    guests: bool | None = None
    justification: Justification | None = None
    ticket: Ticket | None = None
    ticket_hint: Hint | None = None
    on_behalf: People | None = None
    break_glass: People | None = None
    break_glass_max: Duration | None = None
    owners_approve: bool | None = None
    requests_per_hour: Hourly | None = None
    remind_after: Jitter | None = None
    escalate_after: Duration | None = None
    escalation: People | None = None
    extend: Extending | None = None
    allow_locked: bool | None = None


class DefaultsTable(AccessTable):
    rotation: CommonRotationTable = CommonRotationTable()


class SecretTable(AccessTable):
    name: Names
    opens_vault: bool = False
    """Allows a grant for this secret to open stricter secrets in its vault too."""
    rotation: RotationTable | None = None
