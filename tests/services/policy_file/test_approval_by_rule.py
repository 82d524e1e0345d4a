"""How a policy file says which requests need no approver."""

import pytest

from domain.access.rules.auto_approval import AutoApproval
from domain.access.rules.hours import parse_hours
from services.policy_file.defaults import Defaults
from tests.services.policy_file.files import PLAIN, WITH_VARIABLES, faults_in, read
from tests.support.builders import MINUTE

RULE = 'auto_approve = { requesters = ["dana@contoso.example"], max = "30m" }'
LIKE = "like Mon-Fri 08:00-18:00 Europe/Berlin"


def a_secret(*lines: str, name: str = "a") -> str:
    return "\n".join(["[[secret]]", f'name = "{name}"', "requestable = true", *lines, ""])


def test_a_rule_is_read_with_its_hours() -> None:
    policies = read(
        a_secret(
            "ticket = 'CHG'",
            'auto_approve = { requesters = ["d@x.y", "e@x.y"], max = "30m", ticket = true, '
            'hours = "Mon-Fri 08:00-18:00 Europe/Berlin" }',
        )
    )

    policy = policies.of("a")
    expected = AutoApproval(
        table="a",
        requesters=("d@x.y", "e@x.y"),
        longest=30 * MINUTE,
        hours=parse_hours("Mon-Fri 08:00-18:00 Europe/Berlin"),
        ticket=True,
    )
    assert policy
    assert policy.auto_approve == expected


def test_without_a_rule_approvers_decide() -> None:
    policy = read(a_secret()).of("a")

    assert policy
    assert policy.auto_approve is None


@pytest.mark.parametrize("defaults", [PLAIN, WITH_VARIABLES])
def test_a_pattern_gives_its_rule_its_name(defaults: Defaults) -> None:
    policies = read(a_secret(RULE, 'scope = "secret"', name="demo-*"), defaults)

    policy, rule = policies.of("demo-api-key"), policies.rule_of("demo-api-key")
    assert policy
    assert policy.auto_approve
    assert rule
    assert (policy.auto_approve.table, rule.table) == ("demo-*", "demo-*")


def test_a_secret_from_the_variables_has_no_table() -> None:
    rule = read("", WITH_VARIABLES).rule_of("demo-api-key")

    assert rule
    assert rule.table == ""


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ('max = "30m"', "auto_approve.requesters: is required"),
        ('requesters = ["d@x.y"]', "auto_approve.max: is required"),
        (
            'requesters = [], max = "30m"',
            "auto_approve.requesters: must be a list of emails, Entra object IDs or group:Name",
        ),
        (
            'requesters = ["d@x.y"], max = "soon"',
            "auto_approve.max: must be a duration like 45m, 24h or 90d",
        ),
        (
            'requesters = ["d@x.y"], max = "5h"',
            "auto_approve.max: 5h is longer than max_duration 4h",
        ),
        (
            'requesters = ["d@x.y"], max = "4m"',
            "auto_approve.max: 4m is shorter than min_duration 5m",
        ),
        (
            'requesters = ["d@x.y"], max = "30m", ticket = true',
            "auto_approve.ticket: has no ticket pattern to look for: set ticket in [[secret]] too",
        ),
        (
            'requesters = ["d@x.y"], max = "30m", hours = "Mon-Fri 08:00-18:00"',
            f"auto_approve.hours: must be hours that end with the name of a time zone, {LIKE}",
        ),
        (
            'requesters = ["d@x.y"], max = "30m", hours = "always"',
            f"auto_approve.hours: must be hours of the week, {LIKE}",
        ),
        (
            'requesters = ["d@x.y"], max = "30m", hour = "always"',
            "auto_approve.hour: is not a key of this table; did you mean hours?",
        ),
    ],
)
def test_an_error_in_a_rule_is_reported_with_its_line(keys: str, expected: str) -> None:
    faults = faults_in(a_secret(f"auto_approve = {{ {keys} }}"))

    assert faults == [f"line 4: secret a: {expected}"]


def test_a_rule_cannot_replace_several_approvals() -> None:
    faults = faults_in(a_secret(RULE, "min_approvals = 2"))

    assert faults == ["line 4: secret a: auto_approve: can't replace 2 approvals (min_approvals)"]


def test_a_rule_cannot_replace_a_decision_that_is_confirmed_with_a_sign_in() -> None:
    expected = "auto_approve: can't replace a decision that is confirmed with a sign-in"
    faults = faults_in(a_secret(RULE, "step_up = true"))

    assert f"line 4: secret a: {expected}" in faults


def test_the_defaults_can_have_no_rule() -> None:
    assert faults_in(f"[defaults]\n{RULE}") == [
        "line 2: defaults.auto_approve: is not a key of this table"
    ]


def test_a_rule_that_opens_the_vault_needs_the_same_rule_for_the_others_in_it() -> None:
    other = RULE.replace("30m", "10m")
    faults = faults_in(
        a_secret(RULE)
        + a_secret(name="plain")
        + a_secret(other, 'scope = "secret"', name="other")
        + a_secret(RULE, name="same")
    )

    without = "(which isn't approved by the same auto_approve)"
    opens = (
        f"scope: a grant opens the whole vault kv-demo, including plain {without}, other {without}"
    )
    assert [fault.partition("; set")[0] for fault in faults] == [
        f"line 1: secret a: {opens}",
        f"line 13: secret same: {opens}",
    ]
