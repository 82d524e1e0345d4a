"""What is on record of a grant's reads, as messages say it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cards.access.proof_messages import proof_of
from cards.kit.sentences import plain_text
from domain.access.proof import ProofOfUse
from tests.cards.scenarios import NOW
from tests.support.builders import a_request

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def said(proof: ProofOfUse) -> str:
    return plain_text(proof_of(replace(a_request(), proof=proof)))


def test_a_vault_without_a_log_is_named_beside_the_reads_of_another() -> None:
    proof = ProofOfUse(is_known=True, count=1, first=AT, last=AT, silent=("other-vault",))

    assert said(proof) == (
        "The vault's log shows one read, on 2 Mar 2026, 09:30 UTC. The log has nothing at all of "
        "other-vault, so it doesn't show what was read there."
    )


def test_a_count_that_is_not_whole_says_so() -> None:
    proof = ProofOfUse(is_known=True, count=1_000, last=AT)

    assert not proof.is_whole
    assert said(proof) == (
        "The vault's log shows 1,000 reads and more, the last one on 2 Mar 2026, 09:30 UTC."
    )


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        (NOW, "The vault's log shows 3 reads, on 21 Nov 2026, 14:05 UTC."),
        (
            NOW + 20 * timedelta(minutes=1),
            "The vault's log shows 3 reads, from 21 Nov 2026, 14:05 UTC to 14:25 UTC.",
        ),
        (
            NOW + timedelta(days=1),
            "The vault's log shows 3 reads, from 21 Nov 2026, 14:05 UTC to 22 Nov 2026, 14:05 UTC.",
        ),
    ],
)
def test_a_time_is_said_once(last: datetime, shown: str) -> None:
    proof = ProofOfUse(is_known=True, count=3, first=NOW, last=last)

    assert said(proof) == shown
