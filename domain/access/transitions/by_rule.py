"""Requests that a rule of the policy approves: no approver is asked."""

from collections.abc import Sequence
from dataclasses import replace

from domain.access.approval import RuleApproval
from domain.access.request import AccessEvent, Request
from domain.access.rules.auto_approval import AutoApproval
from domain.access.transitions import changes
from domain.names import joined
from domain.workflow import Change, Event, Fact


def submit(request: Request, rules: Sequence[AutoApproval]) -> Change[Request]:
    """Open a request that the rules of all its secrets approve, and state the intent to grant."""
    at = request.requested_at
    opened = changes.submit(request)
    tables = tuple(dict.fromkeys(rule.table for rule in rules))
    conditions = "; ".join(dict.fromkeys(rule.conditions for rule in rules))
    approval = RuleApproval(
        tables=tables, conditions=conditions, longest=min(rule.longest for rule in rules)
    )
    head = replace(request, approved_by_rule=approval, remind_at=None, escalate_at=None)
    facts: dict[str, Fact] = {"rule": joined(list(tables)), "conditions": conditions}
    approved = Event(AccessEvent.APPROVED_BY_RULE, at, None, facts)
    return Change(changes.begin_grant(head, at), (*opened.events, approved))
