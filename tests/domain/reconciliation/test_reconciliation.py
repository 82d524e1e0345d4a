"""The rounds of reconciliation."""

from dataclasses import replace

from domain.reconciliation import reconciliation as rules
from domain.reconciliation.reconciliation import (
    EVERY,
    SETTLED_AFTER,
    SOONER,
    Reconciliation,
    ReconciliationEffect,
    ReconciliationState,
    Unseen,
)
from domain.workflow import Move, Wait
from tests.support.builders import HOUR
from tests.support.clock import NINE

FRESH = Reconciliation(id="reconcile", state=ReconciliationState.WAITING, next_at=NINE)


def test_a_round_begins_when_it_is_due() -> None:
    assert rules.next_move(FRESH, NINE) == Move(ReconciliationEffect.BEGIN)


def test_scopes_are_checked_one_by_one_and_then_again_after_an_hour() -> None:
    begun = rules.begin(FRESH, ["a", "b"], NINE)
    first = rules.look(begun, NINE, unsettled=False)
    second = rules.look(first, NINE, unsettled=False)

    assert rules.next_move(begun, NINE) == Move(ReconciliationEffect.LOOK)
    assert (first.scopes, first.ended_at) == (("b",), None)
    assert (second.state, second.ended_at) == (ReconciliationState.WAITING, NINE)
    assert rules.next_move(second, NINE) == Wait(NINE + EVERY)


def test_a_round_without_scopes_ends_at_once() -> None:
    assert rules.begin(FRESH, [], NINE).ended_at == NINE


def test_a_too_new_assignment_brings_the_next_round_forward() -> None:
    begun = rules.begin(FRESH, ["a"], NINE)

    seen = rules.look(begun, NINE, unsettled=True)

    assert rules.next_move(seen, NINE) == Wait(NINE + SETTLED_AFTER)


def test_a_scope_that_cannot_be_checked_does_not_hold_up_the_others() -> None:
    begun = rules.begin(FRESH, ["a", "b"], NINE)

    skipped = rules.skip(begun, "503", NINE)
    over = rules.look(skipped, NINE, unsettled=False)

    assert (skipped.scopes, skipped.unseen) == (("b",), (Unseen("a", "503"),))
    assert rules.next_move(over, NINE) == Wait(NINE + SOONER)


def test_the_next_round_begins_without_unchecked_scopes() -> None:
    over = rules.skip(rules.begin(FRESH, ["a"], NINE), "503", NINE)

    assert rules.begin(over, ["a"], NINE + HOUR).unseen == ()


def test_a_round_says_since_when_it_runs_and_over_how_many_scopes() -> None:
    begun = rules.begin(FRESH, ["a", "b"], NINE)
    later = rules.look(begun, NINE + HOUR, unsettled=False)

    assert (later.began_at, later.total, len(later.scopes)) == (NINE, 2, 1)


def test_a_round_is_one_state_after_the_other() -> None:
    begun = rules.begin(FRESH, ["a", "b"], NINE)
    skipped = rules.skip(begun, "503", NINE + HOUR)
    over = rules.look(skipped, NINE + HOUR, unsettled=True)

    assert begun == Reconciliation(
        id="reconcile",
        state=ReconciliationState.LOOKING,
        next_at=NINE + EVERY,
        scopes=("a", "b"),
        began_at=NINE,
        total=2,
    )
    unseen = (Unseen("a", "503"),)
    assert skipped == replace(begun, scopes=("b",), unseen=unseen, next_at=NINE + EVERY)
    assert over == replace(
        skipped, state=ReconciliationState.WAITING, scopes=(), ended_at=NINE + HOUR
    )


def test_a_round_that_is_not_due_waits() -> None:
    assert rules.next_move(FRESH, NINE - HOUR) == Wait(NINE)
