"""What doctor says about reconciling."""

from datetime import timedelta

from domain.diagnosis import CheckStatus
from domain.reconciliation import reconciliation as rules
from domain.reconciliation.reconciliation import Reconciliation, ReconciliationState
from services.operations.checks.own import reconciling
from tests.support.builders import MINUTE, SECOND
from tests.support.clock import NINE

FRESH = Reconciliation(id="reconcile", state=ReconciliationState.WAITING, next_at=NINE)
BEGUN = rules.begin(FRESH, ["a", "b", "c"], NINE)
UNDER_WAY = rules.look(BEGUN, NINE + MINUTE, unsettled=False)


def test_before_the_first_round_it_is_uncertain() -> None:
    for found in (None, FRESH):
        assert reconciling(found, NINE).health is CheckStatus.DOUBTFUL


def test_a_round_under_way_says_since_when_and_how_far_it_is() -> None:
    finding = reconciling(UNDER_WAY, NINE + MINUTE)

    assert finding.health is CheckStatus.GOOD
    assert str(finding.seen) == (
        "1 of 3 scopes done in the round that has been running since 2 Mar 2026, 09:00 UTC"
    )


def test_a_round_that_does_not_get_on_is_uncertain() -> None:
    limit = NINE + timedelta(minutes=15)

    assert reconciling(UNDER_WAY, limit).health is CheckStatus.GOOD
    assert reconciling(UNDER_WAY, limit + SECOND).health is CheckStatus.DOUBTFUL


def test_a_round_that_is_over_says_when_and_what_it_left_out() -> None:
    rest = rules.look(UNDER_WAY, NINE + MINUTE, unsettled=False)
    whole = rules.look(rest, NINE + 2 * MINUTE, unsettled=False)
    partial = rules.skip(rest, "Azure: 403", NINE + 2 * MINUTE)

    assert str(reconciling(whole, NINE).seen) == "last round finished on 2 Mar 2026, 09:02 UTC"
    assert reconciling(partial, NINE).health is CheckStatus.BROKEN
    assert "without c: Azure: 403" in str(reconciling(partial, NINE).seen)


def test_a_round_that_an_older_version_began_does_not_say_since_when() -> None:
    finding = reconciling(
        Reconciliation(id="r", state=ReconciliationState.LOOKING, next_at=NINE, scopes=("a",)), NINE
    )

    assert str(finding.seen) == "no round has finished yet"
