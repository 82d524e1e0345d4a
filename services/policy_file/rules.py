"""Combines the tables of a policy file with the defaults into rules."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlsplit

from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.policy import JustificationRule, Policy
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpRule
from domain.policies.rule import Rule
from domain.rotation.policy import RotationPolicy, Schedule
from domain.rotation.secret_parts import Part, PartKind
from domain.secrets import Vault
from services.policies import Policies
from services.policy_file.defaults import Defaults
from services.policy_file.schema import (
    AccessTable,
    CommonRotationTable,
    DefaultsTable,
    RotationTable,
    SecretTable,
    VaultTable,
)
from services.rotation.dependents.kind import Home

ValueT = TypeVar("ValueT")


class RuleMaker:
    """Makes rules: a table's own value wins, then ``[defaults]``, then the variables."""

    def __init__(self, common: DefaultsTable, defaults: Defaults) -> None:
        self._common = common
        self._defaults = defaults
        self.access = self._with(common, defaults.access)
        """The default policy, which belongs to no particular secret."""
        self.missing_for_sign_in = defaults.missing_for_sign_in

    def policies(self, tables: Sequence[SecretTable], *, four_eyes: bool = False) -> Policies:
        """Return the deployment's rules: exact names come before patterns."""
        exact = (self.rule(table) for table in tables if not is_pattern(table))
        patterns = (self.rule(table) for table in tables if is_pattern(table))
        rules = (*exact, *self.named(tables), *patterns)
        return Policies(self.access, rules, four_eyes=four_eyes)

    def named(self, tables: Sequence[SecretTable]) -> list[Rule]:
        """Return the rules of the secrets that only the variables name."""
        patterns = [table for table in tables if is_pattern(table)]
        covered = {table.name.lower() for table in tables if not is_pattern(table)}
        return [self._named(name, patterns) for name in self._names() if name not in covered]

    def rule(self, table: SecretTable, written_as: str | None = None) -> Rule:
        """Return the rule for a table's secret, or for the secrets that its pattern covers.

        ``written_as`` is the table's name in the file if the secret has another one.
        """
        written_as = table.name if written_as is None else written_as
        access = replace(self.terms(table), auto_approve=_auto_approval(table, written_as))
        requestable = _first(
            table.requestable, self._common.requestable, self._is_listed(table.name)
        )
        return Rule(
            name=table.name,
            access=access if requestable else None,
            rotation=self._rotation(table, access.vault),
            table=written_as,
        )

    def terms(self, table: SecretTable) -> Policy:
        """Return the terms for requests, even if the secret isn't requestable."""
        terms = replace(self._with(table, self.access), secret=table.name)
        # Without step-up, the rest of its rule is only for others to inherit.
        return terms if terms.step_up.required else replace(terms, step_up=NO_STEP_UP)

    def names(self) -> list[str]:
        """Return the names of the secrets in the variables."""
        return list(self._names().values())

    def _names(self) -> dict[str, str]:
        """Map the lower-case names of the secrets in the variables to their spelling."""
        rotated = self._defaults.rotation
        names = [*self._defaults.requestable, *([rotated.secret] if rotated else [])]
        return {name.lower(): name for name in reversed(names)}

    def _named(self, name: str, patterns: Sequence[SecretTable]) -> Rule:
        """Return the rule of a secret without its own table; a pattern may cover it."""
        spelling = self._names()[name]
        about = next((each for each in patterns if Rule(each.name).covers(name)), None)
        table = about or SecretTable(name=spelling)
        written_as = about.name if about else ""
        return self.rule(table.model_copy(update={"name": spelling}), written_as)

    def _is_listed(self, name: str) -> bool:
        return name.lower() in {each.lower() for each in self._defaults.requestable}

    def _with(self, table: AccessTable, base: Policy) -> Policy:
        return replace(
            base,
            vault=self._vault(table.vault) if table.vault else base.vault,
            approvers=_first(table.approvers, base.approvers),
            min_approvals=_first(table.min_approvals, base.min_approvals),
            shortest=_first(table.min_duration, base.shortest),
            longest=_first(table.max_duration, base.longest),
            pending_for=_first(table.pending, base.pending_for),
            role=_first(table.role, base.role),
            scope_kind=_first(table.scope, base.scope_kind),
            requesters=_first(table.requesters, base.requesters),
            guests=base.guests if table.guests is None else table.guests,
            justification=_justified_as(table, base.justification),
            on_behalf=_first(table.on_behalf, base.on_behalf),
            break_glass=_first(table.break_glass, base.break_glass),
            break_glass_longest=_first(table.break_glass_max, base.break_glass_longest),
            owners_approve=_first(table.owners_approve, base.owners_approve),
            requests_per_hour=table.requests_per_hour or base.requests_per_hour,
            notify_members=table.notify_members or base.notify_members,
            remind_after=base.remind_after if table.remind_after is None else table.remind_after,
            escalate_after=table.escalate_after or base.escalate_after,
            escalation=_first(table.escalation, base.escalation),
            extend_freely=_first(table.extend, base.extend_freely),
            allow_locked=_first(table.allow_locked, base.allow_locked),
            start_within=_first(table.start_within, base.start_within),
            step_up=_stepped_up_as(table, base.step_up),
        )

    def _vault(self, table: VaultTable) -> Vault:
        host = urlsplit(table.url or "").hostname or ""
        name = table.name or host.split(".")[0]
        group = table.resource_group or self._defaults.resource_group
        return Vault(
            name=name,
            url=table.url or f"https://{name}.{self._defaults.vault_suffix}",
            resource_id=f"/subscriptions/{table.subscription or self._defaults.subscription}"
            f"/resourceGroups/{group}/providers/Microsoft.KeyVault/vaults/{name}",
        )

    def _rotation(self, table: SecretTable, vault: Vault) -> RotationPolicy | None:
        variables = self._defaults.rotation
        named = variables if variables and Rule(variables.secret).covers(table.name) else None
        if is_pattern(table) or not (named or table.rotation):
            return None
        plain = RotationPolicy(secret=table.name, vault=vault, overlap=self._defaults.overlap)
        base = replace(named, secret=table.name, vault=vault) if named else plain
        own = table.rotation or RotationTable()
        rotation = _rotated_as(own, _rotated_as(self._common.rotation, base))
        rotation = replace(rotation, part=_part(own))
        if own.dependents is None:
            return rotation
        home = Home(self._defaults.subscription, self._defaults.resource_group)
        return replace(rotation, dependents=tuple(one.dependent(home) for one in own.dependents))


def is_pattern(table: SecretTable) -> bool:
    return Rule(table.name).is_pattern


def _auto_approval(table: SecretTable, written_as: str) -> AutoApproval | None:
    own = table.auto_approve
    if own is None:
        return None
    return AutoApproval(
        table=written_as,
        requesters=own.requesters,
        longest=own.max,
        hours=own.hours,
        ticket=own.ticket,
    )


def _justified_as(table: AccessTable, base: JustificationRule) -> JustificationRule:
    """Override a rule with a table's values; a hint belongs to its ticket pattern."""
    inherited = base.hint if table.ticket is None else ""
    return JustificationRule(
        required=_first(table.justification, base.required),
        ticket=_first(table.ticket, base.ticket),
        hint=_first(table.ticket_hint, inherited),
    )


def _stepped_up_as(table: AccessTable, base: StepUpRule) -> StepUpRule:
    """Override a rule with a table's values; a table without a context of its own inherits none."""
    required, contexts = base.required, base.contexts
    if table.step_up is not None:
        required = table.step_up is not False
        contexts = (table.step_up,) if isinstance(table.step_up, str) else ()
    return StepUpRule(
        required=required,
        contexts=contexts,
        acts=_first(table.step_up_for, base.acts),
        max_age=_first(table.step_up_max_age, base.max_age),
    )


def _rotated_as(table: CommonRotationTable, base: RotationPolicy) -> RotationPolicy:
    """Override a rotation policy with a table's values; options belong to their issuer."""
    issuer = _first(table.issuer, base.issuer)
    inherited = base.options if issuer == base.issuer else ()
    schedule = table.schedule
    return replace(
        base,
        issuer=issuer,
        options=_first(table.options, inherited),
        overlap=_first(table.overlap, base.overlap),
        max_age=table.max_age or base.max_age,
        schedule=Schedule(schedule.cron, schedule.timezone, schedule.jitter)
        if schedule
        else base.schedule,
        second_admin=_first(table.second_admin, base.second_admin),
        after_grant=_first(table.rotate_after_grant, base.after_grant),
        wait_after_grant=_first(table.wait_after_grant, base.wait_after_grant),
    )


def _part(table: RotationTable) -> Part | None:
    if table.field is not None:
        return Part(PartKind.FIELD, table.field)
    return Part(PartKind.KEY, table.key) if table.key is not None else None


def _first(*given: ValueT | None) -> ValueT:
    """Return the first value that isn't None; the last one never is."""
    return next(value for value in given if value is not None)
