"""The doctor's report."""

from collections.abc import Sequence

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.operations.doctor_card import doctor_card
from domain.diagnosis import Finding, broken
from tests.cards.diagnoses import FINDINGS, WELL, WORTH_A_LOOK
from tests.cards.reading_cards import texts, whole_text

EXAMINATIONS = {"broken": FINDINGS, "worth a look": WORTH_A_LOOK, "well": WELL, "nothing": ()}


@pytest.mark.parametrize("findings", EXAMINATIONS.values(), ids=EXAMINATIONS)
def test_each_examination_is_drawn_as_before(
    findings: Sequence[Finding], card_snapshot: SnapshotAssertion
) -> None:
    assert doctor_card(findings) == card_snapshot


def test_the_worst_comes_first() -> None:
    seen = whole_text(doctor_card(FINDINGS))

    assert seen.index("Secrets of kv-demo") < seen.index("Approver") < seen.index("Tables")


def test_failed_checks_are_counted() -> None:
    assert "1 check failed" in texts(doctor_card(FINDINGS))
    assert "2 checks failed" in texts(doctor_card([*FINDINGS, FINDINGS[-1]]))


def test_a_very_long_examination_counts_the_rest_and_fits_into_a_message() -> None:
    finding = broken("x" * 200, "y" * 1_000, "z" * 100)

    drawn = doctor_card([finding] * 300)

    assert "… and 270 more, none worse." in texts(drawn)
    assert len(str(drawn)) < 28 * 1024
