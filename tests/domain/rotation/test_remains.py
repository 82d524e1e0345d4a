"""How an abandoned rotation is left."""

from typing import Any

import pytest

from domain.reasons import Reason
from domain.rotation.remains import left_by, remains_of
from domain.rotation.rotation import (
    Rotation,
    RotationState,
    RotationTerms,
    Step,
    StepRecord,
    StepStatus,
)
from tests.support.builders import VAULT
from tests.support.clock import NINE
from tests.support.rotation.builders import LITERAL, PINNED, a_rotation

OLD, NEW, RESTORED = "0123456789abcdef", "89abcdef01234567", "fedcba9876543210"
NAMES = {"dependents": ("checkout-api API_KEY", "billing-worker UPSTREAM_KEY")}
SEEN = Reason("seen")


def left(**changes: Any) -> Rotation:
    """Build a rotation of a secret with two dependents, in its write."""
    terms = RotationTerms(
        vault_name=VAULT.name,
        vault_url=VAULT.url,
        issuer="random",
        dependents=(LITERAL, PINNED),
    )
    known = {"old_version": OLD, "new_version": NEW, "restored_version": RESTORED}
    return a_rotation(**{"terms": terms, "step": Step.WRITE, **known, **changes})


def alone(**changes: Any) -> Rotation:
    """Build the same of a secret without dependents."""
    return left(**{"terms": a_rotation().terms, **changes})


@pytest.mark.parametrize(
    ("current", "which"),
    [(OLD, "old"), (NEW, "new"), (RESTORED, "restored"), ("abcdefghijk", "")],
)
def test_the_current_version_is_named_by_its_beginning(current: str, which: str) -> None:
    named = Reason("current_version", {"version": current[:8], "which": which})

    assert remains_of(alone(), current) == (named,)


def test_a_version_that_could_not_be_read_is_not_guessed() -> None:
    gone = Reason("vault_gone")

    unknown, explained = (remains_of(alone(), None, why) for why in (None, gone))

    assert unknown == (Reason("current_version_unknown"),)
    assert explained == (Reason("current_version_unknown", parts=(gone,)),)


@pytest.mark.parametrize(
    ("step", "status", "expected"),
    [
        (Step.WRITE, None, Reason("settings_unchanged", NAMES)),
        (Step.PROPAGATE, None, Reason("settings_unknown", NAMES)),
        (Step.PROPAGATE, StepStatus.FAILED, Reason("settings_unknown", NAMES)),
        (Step.VERIFY, StepStatus.DONE, Reason("settings_not_put_back", NAMES)),
        (Step.WRITE, StepStatus.UNDONE, Reason("settings_last_seen", parts=(SEEN,))),
    ],
)
def test_the_dependents_are_as_the_last_record_says(
    step: Step, status: StepStatus | None, expected: Reason
) -> None:
    captured = StepRecord(Step.CAPTURE, StepStatus.DONE, NINE)
    propagated = (StepRecord(Step.PROPAGATE, status, NINE, SEEN),) if status else ()

    [_, dependents] = remains_of(left(step=step, records=(captured, *propagated)), OLD)

    assert dependents == expected


def test_dependents_that_were_put_back_without_a_note_have_none() -> None:
    undone = StepRecord(Step.PROPAGATE, StepStatus.UNDONE, NINE)

    [_, dependents] = remains_of(left(records=(undone,)), OLD)

    assert dependents == Reason("settings_last_seen")


def test_an_old_version_that_was_not_retired_is_still_enabled() -> None:
    enabled = Reason("old_version_enabled", {"version": OLD[:8]})
    retiring = alone(step=Step.RETIRE, credential="key2")

    assert remains_of(retiring, NEW)[1:] == (enabled,)
    assert remains_of(retiring, OLD)[1:] == ()
    assert remains_of(alone(step=Step.RETIRE, old_version=None), NEW)[1:] == ()


def test_a_credential_that_was_issued_is_still_valid() -> None:
    assert remains_of(alone(credential="key2"), OLD)[1:] == (
        Reason("issued_valid", {"credential": "key2"}),
    )


def test_an_abandoned_rotation_may_have_left_its_old_version_valid() -> None:
    abandoned = left(state=RotationState.ABANDONED, step=Step.RETIRE)

    assert left_by(abandoned) == Reason(
        "abandoned_while_retiring", {"rotation_id": "rot-one", "version": OLD[:8]}
    )


def test_an_old_version_that_was_never_captured_is_not_named() -> None:
    abandoned = left(state=RotationState.ABANDONED, step=Step.RETIRE, old_version=None)

    assert left_by(abandoned) == Reason(
        "abandoned_while_retiring", {"rotation_id": "rot-one", "version": ""}
    )


@pytest.mark.parametrize(
    ("state", "step"),
    [(RotationState.ABANDONED, Step.WRITE), (RotationState.ROTATED, Step.RETIRE)],
)
def test_only_one_that_was_abandoned_in_its_last_step_has(state: RotationState, step: Step) -> None:
    assert left_by(left(state=state, step=step)) is None
