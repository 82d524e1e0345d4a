"""What `why` explains, in each of its outcomes."""

from dataclasses import replace
from datetime import timedelta

from domain.access.explanation import Explanation, Offered
from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.auto_decision import AutoDecision, Checked, Condition
from domain.access.rules.hours import parse_hours
from domain.access.rules.policy import JustificationRule
from domain.access.rules.request_rules import RequestRules
from domain.access.rules.step_up_rule import StepUpAct, StepUpRule
from domain.access.target import StandingPermission
from domain.people import Person, Principals
from domain.refusals.requests import MayNotAsk
from domain.refusals.secrets import NotRequestable
from tests.cards.scenarios import ADA, BO, DANA, HOUR, VAULT_ID, a_target

RULE = AutoApproval(
    table="demo-*",
    requesters=("dana@contoso.com",),
    longest=timedelta(minutes=30),
    hours=parse_hours("Mon-Fri 08:00-18:00 Europe/Berlin"),
    ticket=True,
)
RULES = RequestRules(
    min_approvals=1,
    shortest=timedelta(minutes=5),
    longest=4 * HOUR,
    pending_for=8 * HOUR,
    remind_after=None,
    escalate_after=None,
    extend_freely=False,
    start_within=timedelta(days=7),
    justification=(JustificationRule(ticket="CHG", hint="a change, like CHG0004711"),),
    requests_per_hour=None,
    notify_members=10,
)


def checked(**outcomes: bool | None) -> tuple[Checked, ...]:
    """Build all conditions, holding unless said otherwise by their names."""
    return tuple(Checked(each, outcomes.get(each.value, True)) for each in Condition)


OFFERED = Offered(
    target=a_target("demo-api-key", exposes=1, scope=f"{VAULT_ID}/secrets/demo-api-key"),
    rules=RULES,
    approvers=Principals((ADA.as_person(), BO.as_person())),
    standing=(),
    auto=AutoDecision("demo-api-key", RULE, checked(window=None, ticket=None)),
)
EXPLAINED = Explanation(
    secret="demo-api-key", person=DANA.as_person(), table="demo-*", offered=OFFERED
)
PLAIN_RULES = replace(
    RULES,
    min_approvals=2,
    justification=(JustificationRule(required=False),),
    step_up=StepUpRule(required=True, acts=(StepUpAct.APPROVE, StepUpAct.REQUEST)),
)
STANDING = StandingPermission("demo-api-key", "role-id", "/subscriptions/0000/resourceGroups/rg")

EXPLANATIONS: dict[str, Explanation] = {
    "a rule can approve it": EXPLAINED,
    "a condition fails": replace(
        EXPLAINED,
        offered=replace(
            OFFERED,
            auto=AutoDecision("demo-api-key", RULE, checked(hours=False, window=None, ticket=None)),
        ),
    ),
    "two must approve": replace(
        EXPLAINED,
        table="",
        for_others=True,
        break_glass=timedelta(minutes=30),
        offered=replace(
            OFFERED, rules=PLAIN_RULES, auto=AutoDecision("demo-api-key"), standing=(STANDING,)
        ),
    ),
    "refused": replace(EXPLAINED, offered=None, refusal=MayNotAsk("demo-api-key")),
    "not listed": Explanation(
        secret="payments", person=DANA.as_person(), table=None, refusal=NotRequestable("payments")
    ),
    "not listed, for an admin": Explanation(
        secret="payments",
        person=DANA.as_person(),
        table="pay*",
        refusal=NotRequestable("payments"),
    ),
}


def explanation_saying(words: str, found: Explanation) -> Explanation:
    """Return the same explanation with ``words`` for every text that isn't Latchkey's own."""
    offered = found.offered and replace(
        found.offered,
        approvers=Principals((Person("id-1", words), Person("id-2", words))),
        rules=replace(
            found.offered.rules,
            justification=(JustificationRule(ticket="CHG", hint=words),),
        ),
    )
    return replace(
        found,
        secret=words,
        person=Person("id-1", words),
        table=found.table and words,
        refusal=found.refusal and NotRequestable(words),
        offered=offered,
    )
