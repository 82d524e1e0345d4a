"""What the policy file says about fresh sign-ins."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpAct, StepUpRule
from tests.services.policy_file.files import PLAIN, faults_in, read

WITHOUT = replace(PLAIN, missing_for_sign_in=("PUBLIC_URL", "SIGN_IN_CLIENT_ID"))


def table(keys: str, defaults: str = "") -> str:
    return f"""
        [defaults]
        {defaults}
        [[secret]]
        name = "demo-api-key"
        requestable = true
        {keys}
    """


@pytest.mark.parametrize(
    ("keys", "defaults", "expected"),
    [
        ("", "", NO_STEP_UP),
        ("step_up = true", "", StepUpRule(required=True)),
        ('step_up = "c1"', "", StepUpRule(required=True, contexts=("c1",))),
        ('step_up = "c99"', "", StepUpRule(required=True, contexts=("c99",))),
        ("", 'step_up = "c2"', StepUpRule(required=True, contexts=("c2",))),
        ("step_up = true", 'step_up = "c2"', StepUpRule(required=True)),
        ("step_up = false", 'step_up = "c2"', NO_STEP_UP),
        ("", 'step_up_max_age = "1m"', NO_STEP_UP),
        (
            "step_up = true",
            'step_up_max_age = "1m"\nstep_up_for = ["break_glass", "approve"]',
            StepUpRule(
                required=True,
                acts=(StepUpAct.APPROVE, StepUpAct.BREAK_GLASS),
                max_age=timedelta(minutes=1),
            ),
        ),
    ],
)
def test_each_key_overrides_the_one_it_inherits(
    keys: str, defaults: str, expected: StepUpRule
) -> None:
    policy = read(table(keys, defaults)).of("demo-api-key")

    assert policy
    assert policy.step_up == expected


@pytest.mark.parametrize(
    "value", ['"c0"', '"c100"', '"C1"', '"c1 "', '""', '"true"', "1", '["c1"]']
)
def test_a_context_is_one_of_entras(value: str) -> None:
    [fault] = faults_in(table(f"step_up = {value}"))

    assert fault.endswith(
        'step_up: must be true, false, or an authentication context from "c1" to "c99"'
    )


@pytest.mark.parametrize("value", ["[]", '"approve"', '["deny"]', "[1]", "true"])
def test_the_acts_are_the_ones_that_can_be_confirmed(value: str) -> None:
    [fault] = faults_in(table(f"step_up = true\nstep_up_for = {value}"))

    assert fault.endswith("step_up_for: must be a list of approve, request, break_glass")


def test_a_detail_without_step_up_is_an_error() -> None:
    [fault] = faults_in(table('step_up_max_age = "1m"'))

    assert fault.endswith("step_up_max_age: has no effect without step_up: set it too")


def test_without_a_sign_in_each_rule_that_asks_for_one_is_an_error() -> None:
    faults = faults_in(table('step_up = "c1"', "step_up = true"), WITHOUT)

    expected = "step_up: needs a sign-in, so set PUBLIC_URL and SIGN_IN_CLIENT_ID too"
    assert len(faults) == 2
    assert all(expected in one for one in faults)
    assert read(table("step_up = false"), WITHOUT)


def test_a_rule_cannot_approve_what_people_have_to_confirm() -> None:
    by_rule = 'auto_approve = { requesters = ["dana@contoso.com"], max = "30m" }'
    [fault] = faults_in(table(f"step_up = true\n{by_rule}"))

    assert fault.endswith("auto_approve: can't replace a decision that is confirmed with a sign-in")


def test_a_grant_must_not_open_a_secret_with_a_stricter_sign_in() -> None:
    strict = """
        [[secret]]
        name = "payments-api-key"
        requestable = true
        scope = "secret"
        step_up = "c1"
    """
    [fault] = faults_in(table("step_up = true") + strict)

    assert "payments-api-key (which asks for a stricter sign-in)" in fault
    assert read(table('step_up = "c1"') + strict)
