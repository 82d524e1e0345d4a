"""The doctor's report."""

from collections.abc import Sequence

import pytest
from syrupy.assertion import SnapshotAssertion

from cards.kit.elements import Content
from cards.kit.listing import Paging
from cards.operations.doctor_card import doctor_card, worst_first
from domain.diagnosis import Finding, broken
from domain.phrases import phrase
from tests.cards.diagnoses import FINDINGS, WELL, WORTH_A_LOOK
from tests.cards.reading_cards import texts, whole_text
from tests.support.reading import buttons

EXAMINATIONS = {"broken": FINDINGS, "worth a look": WORTH_A_LOOK, "well": WELL, "nothing": ()}


@pytest.mark.parametrize("findings", EXAMINATIONS.values(), ids=EXAMINATIONS)
def test_each_examination_is_drawn_as_before(
    findings: Sequence[Finding], card_snapshot: SnapshotAssertion
) -> None:
    assert _drawn(findings) == card_snapshot


def test_the_worst_comes_first() -> None:
    seen = whole_text(_drawn(FINDINGS))

    assert seen.index("Secrets of kv-demo") < seen.index("Approver") < seen.index("Tables")


def test_failed_checks_are_counted() -> None:
    assert "1 check failed" in texts(_drawn(FINDINGS))
    assert "2 checks failed" in texts(_drawn([*FINDINGS, FINDINGS[-1]]))


def test_a_page_of_a_very_long_examination_fits_into_a_message() -> None:
    finding = broken(*(phrase("{it}", it=it) for it in ("x" * 200, "y" * 1_000, "z" * 100)))

    drawn = doctor_card([finding] * 20, [finding] * 300, Paging("20", "40"))

    assert "300 checks in all, the worst first." in texts(drawn)
    assert list(buttons(drawn)) == ["Check again", "First page", "Next page"]
    assert len(str(drawn)) < 20 * 1024


def _drawn(findings: Sequence[Finding]) -> Content:
    return doctor_card(worst_first(findings), findings)
