"""The tables of the policy file. A key that a table omits is None and is inherited."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import PlainValidator, ValidationInfo

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
    Members,
    Names,
    Options,
    People,
    Pointer,
    Role,
    Scope,
    StepUp,
    StepUpActs,
    Ticket,
    TimeZone,
    VaultName,
    WeekHours,
)
from services.rotation.dependents.kind import DependentKind, DependentTable
from services.toml import ResourceGroup, Subscription, TomlTable, VaultUrl


class VaultTable(TomlTable):
    """A key vault other than the default one; its name can be derived from its address."""

    name: VaultName | None = None
    url: VaultUrl | None = None
    resource_group: ResourceGroup | None = None
    subscription: Subscription | None = None


def _of_its_kind(given: object, info: ValidationInfo) -> DependentTable:
    """Read a table as that of the kind whose key it has; without one, as the first kind's."""
    kinds: Sequence[DependentKind] = info.context or ()
    keys = given if isinstance(given, dict) else {}
    kind = next((each for each in kinds if each.key in keys), kinds[0])
    return kind.table.model_validate(given)


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
    wait_after_grant: Duration | None = None


class RotationTable(CommonRotationTable):
    field: Pointer | None = None
    key: ConnectionKey | None = None
    dependents: list[Annotated[DependentTable, PlainValidator(_of_its_kind)]] | None = None


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
    notify_members: Members | None = None
    remind_after: Jitter | None = None
    escalate_after: Duration | None = None
    escalation: People | None = None
    extend: Extending | None = None
    allow_locked: bool | None = None
    start_within: Jitter | None = None
    step_up: StepUp | None = None
    step_up_for: StepUpActs | None = None
    step_up_max_age: Duration | None = None


class AutoApproveTable(TomlTable):
    """What must hold for a request to be approved without an approver."""

    requesters: People
    max: Duration
    hours: WeekHours | None = None
    ticket: bool = False


class DefaultsTable(AccessTable):
    rotation: CommonRotationTable = CommonRotationTable()


class SecretTable(AccessTable):
    name: Names
    opens_vault: bool = False
    """Allows a grant for this secret to open stricter secrets in its vault too."""
    auto_approve: AutoApproveTable | None = None
    rotation: RotationTable | None = None
