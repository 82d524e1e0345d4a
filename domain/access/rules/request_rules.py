"""The rules for one request: for several secrets, the strictest of their policies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.access.rules.deciders import WhoDecide
from domain.access.rules.policy import ALLOWED, Decision, JustificationRule, Policy
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpRule, strictest_step_up
from domain.refusals.requests import NobodyApprovesAll, NoCommonWindow

MOST_SECRETS = 10
"""The most secrets one request can ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRules:
    """The rules for a whole request; its justification must satisfy every rule listed."""

    min_approvals: int
    shortest: timedelta
    longest: timedelta
    pending_for: timedelta
    remind_after: timedelta | None
    escalate_after: timedelta | None
    extend_freely: bool
    justification: tuple[JustificationRule, ...]
    requests_per_hour: int | None
    notify_members: int
    start_within: timedelta
    step_up: StepUpRule = NO_STEP_UP


def distinct(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return each name once, as first written; Key Vault ignores case in names."""
    first: dict[str, str] = {}
    for secret in secrets:
        first.setdefault(secret.casefold(), secret)
    return tuple(first.values())


def strictest(policies: Sequence[Policy]) -> RequestRules:
    """Combine one or more policies.

    Escalation waits for the longest of the times: before that, one of the policies doesn't let
    those people decide.
    """
    return RequestRules(
        min_approvals=max(policy.min_approvals for policy in policies),
        shortest=max(policy.shortest for policy in policies),
        longest=min(policy.longest for policy in policies),
        pending_for=min(policy.pending_for for policy in policies),
        remind_after=min((p.remind_after for p in policies if p.remind_after), default=None),
        escalate_after=max((p.escalate_after for p in policies if p.escalate_after), default=None),
        extend_freely=all(policy.extend_freely for policy in policies),
        justification=tuple(dict.fromkeys(policy.justification for policy in policies)),
        requests_per_hour=min(
            (p.requests_per_hour for p in policies if p.requests_per_hour is not None), default=None
        ),
        notify_members=min(policy.notify_members for policy in policies),
        start_within=min(policy.start_within for policy in policies),
        step_up=strictest_step_up([policy.step_up for policy in policies]),
    )


def in_emergency(policies: Sequence[Policy]) -> RequestRules:
    """Combine policies for break-glass access."""
    rules = strictest(policies)
    longest = min(policy.break_glass_longest for policy in policies)
    return replace(
        rules,
        shortest=min(rules.shortest, longest),
        longest=longest,
        extend_freely=False,
        justification=tuple(replace(rule, required=True) for rule in rules.justification),
    )


def decide_rules(policies: Sequence[Policy], rules: RequestRules) -> Decision:
    """Decide whether there is a window that all the secrets allow."""
    if rules.shortest > rules.longest:
        return Decision(NoCommonWindow([policy.secret for policy in policies]))
    return ALLOWED


def decide_common(policies: Sequence[Policy], who: WhoDecide) -> Decision:
    """Decide whether enough people can approve all the secrets, given each one has enough."""
    if who.are_enough:
        return ALLOWED
    return Decision(NobodyApprovesAll([policy.secret for policy in policies]))
