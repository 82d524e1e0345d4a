"""What messages say of the reads on record, once the log has caught up with a grant's end."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cards.access.proof_messages import proof_of
from cards.kit.sentences import plain_text
from domain.access.proof import ProofOfUse
from tests.cards.scenarios import NOW, active

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "shown"),
    [
        (NOW, "The vault's log shows 3 reads, on 21 Nov 2026, 14:05 UTC."),
        (
            NOW + 20 * MINUTE,
            "The vault's log shows 3 reads, from 21 Nov 2026, 14:05 UTC to 14:25 UTC.",
        ),
        (
            NOW + DAY,
            "The vault's log shows 3 reads, from 21 Nov 2026, 14:05 UTC to 22 Nov 2026, 14:05 UTC.",
        ),
    ],
)
def test_a_time_is_said_once(last: datetime, shown: str) -> None:
    proof = ProofOfUse(is_known=True, count=3, first=NOW, last=last)

    assert plain_text(proof_of(replace(active(), proof=proof))) == shown
