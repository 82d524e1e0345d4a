"""What is recorded of a request that rules approve."""

from domain.access.approval import RuleApproval
from domain.access.grant import Grant
from domain.access.request import GRANT_PATIENCE, RequestState
from domain.access.rules.auto_approval import AutoApproval
from domain.access.transitions import by_rule
from domain.workflow import Event
from tests.support.builders import HOUR, MINUTE, a_request
from tests.support.clock import NINE

DEMO = AutoApproval(table="demo-*", requesters=("dana@x.y",), longest=HOUR)
APP = AutoApproval(table="app-*", requesters=("dana@x.y",), longest=30 * MINUTE)


def test_access_is_granted_next_and_no_approver_is_reminded() -> None:
    request = a_request(remind_at=NINE + HOUR, escalate_at=NINE + HOUR)

    head = by_rule.submit(request, [DEMO]).head

    assert head == a_request(
        state=RequestState.GRANTING,
        grant=Grant(give_up_at=NINE + GRANT_PATIENCE),
        approved_by_rule=RuleApproval(
            tables=("demo-*",), conditions="requesters, max = 1h", longest=HOUR
        ),
    )


def test_the_rules_of_all_the_secrets_are_recorded_each_once() -> None:
    change = by_rule.submit(a_request(), [DEMO, APP, DEMO])
    _, approved = change.events
    conditions = "requesters, max = 1h; requesters, max = 30m"

    assert change.head.approved_by_rule == RuleApproval(
        tables=("demo-*", "app-*"), conditions=conditions, longest=30 * MINUTE
    )
    facts = {"rule": "demo-*, app-*", "conditions": conditions}
    assert approved == Event("approved_by_rule", NINE, None, facts)
