"""What a retry waives: the problem that the rotation had stopped at, and no other."""

from dataclasses import replace

import pytest

from domain.reasons import Reason
from domain.rotation.changes import retry
from domain.rotation.insistence import is_insisted_on
from domain.rotation.rotation import Rotation, RotationState, Step, StepRecord, StepStatus
from tests.support.builders import BO
from tests.support.clock import NINE
from tests.support.rotation.builders import an_overlapping_rotation

WEB = Reason("setting_without_new_version", {"subject": "web API_KEY"})
WORKER = Reason("setting_without_new_version", {"subject": "worker API_KEY"})
GONE = Reason("gone", {"subject": "Key Vault", "cause": "404 SecretNotFound"})


def stopped_at(problem: Reason, rotation: Rotation | None = None) -> Rotation:
    """Build a rotation that can't retire the old version because of a problem."""
    before = rotation or an_overlapping_rotation()
    record = StepRecord(Step.RETIRE, StepStatus.FAILED, NINE, problem)
    return replace(before, state=RotationState.NEEDS_HUMAN, records=(record,))


def retried(problem: Reason, rotation: Rotation | None = None) -> Rotation:
    return retry(stopped_at(problem, rotation), BO, NINE).head


def test_nothing_is_insisted_on_before_a_retry() -> None:
    assert not is_insisted_on(stopped_at(WEB), WEB)


@pytest.mark.parametrize(
    ("problem", "is_waived"),
    [
        (WEB, True),
        (WORKER, False),
        (replace(WEB, code="setting_changed_by_others"), False),
        (Reason("notes", parts=(WEB, WORKER)), False),
    ],
)
def test_a_retry_insists_on_the_same_problem_of_the_same_subject(
    problem: Reason,
    is_waived: bool,
) -> None:
    assert is_insisted_on(retried(WEB), problem) is is_waived


def test_the_same_problem_may_come_with_other_words_of_azure() -> None:
    again = replace(GONE, params={"subject": "Key Vault", "cause": "404"})

    assert is_insisted_on(retried(GONE), again)
    assert not is_insisted_on(retried(GONE), replace(GONE, params={"subject": "Microsoft Graph"}))


def test_of_several_problems_each_is_insisted_on() -> None:
    both = retried(Reason("notes", {"subject": "app-api-key"}, (WEB, WORKER)))

    assert is_insisted_on(both, WEB)
    assert is_insisted_on(both, Reason("notes", parts=(WORKER, WEB)))


def test_what_was_insisted_on_before_stays_so() -> None:
    both = retried(WORKER, retried(WEB, retried(WEB)))

    assert both.insisted_on == (WEB, WORKER)


def test_a_step_that_did_not_fail_leaves_nothing_to_insist_on() -> None:
    undone = StepRecord(Step.RETIRE, StepStatus.DONE, NINE, WEB)
    rotation = replace(stopped_at(WEB), records=(undone,))

    assert retry(rotation, BO, NINE).head.insisted_on == ()
