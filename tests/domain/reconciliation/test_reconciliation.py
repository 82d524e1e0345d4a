"""The rounds of reconciling."""

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


def test_scope_by_scope_is_looked_at_and_then_an_hour_goes_by() -> None:
    begun = rules.begin(FRESH, ["a", "b"], NINE)
    first = rules.look(begun, NINE, unsettled=False)
    second = rules.look(first, NINE, unsettled=False)

    assert rules.next_move(begun, NINE) == Move(ReconciliationEffect.LOOK)
    assert (first.scopes, first.ended_at) == (("b",), None)
    assert (second.state, second.ended_at) == (ReconciliationState.WAITING, NINE)
    assert rules.next_move(second, NINE) == Wait(NINE + EVERY)


def test_a_round_without_scopes_is_over_as_it_begins() -> None:
    assert rules.begin(FRESH, [], NINE).ended_at == NINE


def test_what_is_too_young_brings_the_next_round_forward() -> None:
    begun = rules.begin(FRESH, ["a"], NINE)

    seen = rules.look(begun, NINE, unsettled=True)

    assert rules.next_move(seen, NINE) == Wait(NINE + SETTLED_AFTER)


def test_a_scope_that_could_not_be_looked_at_keeps_none_of_the_others_waiting() -> None:
    begun = rules.begin(FRESH, ["a", "b"], NINE)

    skipped = rules.skip(begun, "503", NINE)
    over = rules.look(skipped, NINE, unsettled=False)

    assert (skipped.scopes, skipped.unseen) == (("b",), (Unseen("a", "503"),))
    assert rules.next_move(over, NINE) == Wait(NINE + SOONER)


def test_the_next_round_begins_with_nothing_unseen() -> None:
    over = rules.skip(rules.begin(FRESH, ["a"], NINE), "503", NINE)

    assert rules.begin(over, ["a"], NINE + HOUR).unseen == ()
