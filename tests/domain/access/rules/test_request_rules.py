"""Rules for several secrets at once: the strictest of their policies."""

from dataclasses import replace
from typing import Any

import pytest

from cards.reasons.sentences import sentence_of
from domain.access.rules.deciders import WhoDecide
from domain.access.rules.policy import ALLOWED, JustificationRule, decide_justification
from domain.access.rules.request_rules import (
    decide_common,
    decide_rules,
    distinct,
    in_emergency,
    strictest,
)
from domain.access.rules.step_up_rule import NO_STEP_UP, StepUpRule
from domain.refusals.requests import NobodyApprovesAll, NoCommonWindow, OfSeveral
from domain.refusals.secrets import NotASecretName, NotRequestable, UnknownSecret
from tests.support.builders import (
    ADA,
    BO,
    CY,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    a_policy,
    in_directory,
)

ADA_, BO_, CY_ = in_directory(ADA), in_directory(BO), in_directory(CY)


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        ("min_approvals", 1, 2, 2),
        ("shortest", MINUTE, 5 * MINUTE, 5 * MINUTE),
        ("longest", HOUR, 4 * HOUR, HOUR),
        ("pending_for", 8 * HOUR, 2 * HOUR, 2 * HOUR),
        ("remind_after", HOUR, 30 * MINUTE, 30 * MINUTE),
        ("remind_after", None, HOUR, HOUR),
        ("remind_after", None, None, None),
        ("escalate_after", HOUR, 2 * HOUR, 2 * HOUR),
        ("escalate_after", None, HOUR, HOUR),
        ("extend_freely", True, False, False),
        ("extend_freely", True, True, True),
        ("start_within", 2 * HOUR, HOUR, HOUR),
        ("start_within", 0 * HOUR, HOUR, 0 * HOUR),
        ("requests_per_hour", 3, None, 3),
        ("requests_per_hour", 3, 0, 0),
        ("notify_members", 10, 3, 3),
        ("step_up", NO_STEP_UP, StepUpRule(required=True), StepUpRule(required=True)),
    ],
)
def test_the_stricter_rule_counts(name: str, one: Any, other: Any, expected: Any) -> None:
    policies = [a_policy(**{name: one}), a_policy(secret=OTHER_SECRET, **{name: other})]

    assert getattr(strictest(policies), name) == expected
    assert getattr(strictest(policies[::-1]), name) == expected


def test_one_secret_keeps_its_own_rules() -> None:
    policy = a_policy(remind_after=HOUR, requests_per_hour=4)

    rules = strictest([policy])

    assert (rules.longest, rules.remind_after, rules.requests_per_hour) == (4 * HOUR, HOUR, 4)
    assert rules.justification == (policy.justification,)


def test_a_justification_must_satisfy_every_policy() -> None:
    free = JustificationRule(required=False)
    change, incident = JustificationRule(ticket=r"CHG\d+"), JustificationRule(ticket=r"INC\d+")
    rules = strictest([a_policy(justification=rule) for rule in (free, change, incident, change)])

    assert rules.justification == (free, change, incident)
    assert decide_justification("CHG1 because of INC2", rules.justification) == ALLOWED
    for text in ("", "CHG1", "INC2"):
        assert not decide_justification(text, rules.justification).allowed


def test_break_glass_access_uses_the_shortest_window_and_requires_a_justification() -> None:
    brief = a_policy(break_glass_longest=3 * MINUTE, extend_freely=True)
    free = a_policy(justification=JustificationRule(required=False), extend_freely=True)

    rules = in_emergency([brief, free])

    assert (rules.shortest, rules.longest) == (3 * MINUTE, 3 * MINUTE)
    assert rules.extend_freely is False
    assert all(rule.required for rule in rules.justification)


def test_a_request_needs_enough_people_who_can_approve_all_of_it() -> None:
    policies = [a_policy(), a_policy(secret=OTHER_SECRET, min_approvals=2)]
    enough = WhoDecide(approvers=(in_directory(ADA), in_directory(BO)))
    too_few = replace(enough, are_enough=False)

    assert decide_common(policies, enough) == ALLOWED
    reason = decide_common(policies, too_few).reason
    assert isinstance(reason, NobodyApprovesAll)
    assert f"all of {SECRET} and {OTHER_SECRET}" in sentence_of(reason)
    assert "Ask for them separately." in sentence_of(reason)


def test_secrets_without_a_common_window_must_be_requested_separately() -> None:
    long = a_policy(shortest=2 * HOUR)
    brief = a_policy(secret=OTHER_SECRET, longest=HOUR)

    assert decide_rules([long], strictest([long])) == ALLOWED
    exactly = [a_policy(shortest=HOUR), brief]
    assert decide_rules(exactly, strictest(exactly)) == ALLOWED
    reason = decide_rules([long, brief], strictest([long, brief])).reason
    assert isinstance(reason, NoCommonWindow)
    assert f"all of {SECRET} and {OTHER_SECRET}" in sentence_of(reason)


def test_names_that_differ_only_in_case_count_once() -> None:
    assert distinct(["b-Key", "a-key", "B-KEY", "a-key"]) == ("b-Key", "a-key")


def test_one_answer_names_every_refused_secret_and_why() -> None:
    reason = OfSeveral(
        {
            "a-key": NotRequestable("a-key"),
            "b-key": UnknownSecret("b-key", "kv"),
            "c_key": NotASecretName(),
        }
    )

    first, *said = sentence_of(reason).split("\n")
    assert first == "Nothing was requested because of a-key, b-key and c_key."
    assert [one.split()[0] for one in said] == ["a-key", "There's", "c_key:"]
    assert reason.blocks


def test_a_wrong_name_alone_is_not_reported_to_the_audit_channel() -> None:
    assert not OfSeveral({"b-key": UnknownSecret("b-key", "kv")}).blocks
