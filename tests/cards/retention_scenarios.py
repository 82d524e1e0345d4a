"""What was archived and removed, and what the verification of that shows."""

from datetime import date

from domain.retention import retention as rules
from domain.retention.retention import ArchivedBatch
from domain.retention.sealed import SealedRecord, SealedVerdict
from tests.cards.scenarios import NOW

_BATCH = ArchivedBatch(
    day=date(2025, 10, 23),
    workflows=812,
    leaves=1_024,
    root="0123456789abcdef" * 4,
    name="2025-10-23/0000-0000-0123456789abcdef.jsonl",
    digest="0123456789abcdef" * 4,
)
ARCHIVED = rules.archived(rules.first(NOW), _BATCH, 812, NOW)
REMOVED = rules.removed(ARCHIVED.head, 812, NOW, is_all=True)
_RECORD = SealedRecord("req-01jd7q3v9k", 6, "0123456789abcdef" * 4, date(2026, 11, 27), _BATCH.root)


def sealed_verdicts(words: str) -> dict[str, SealedVerdict]:
    """Return both kinds of verdict, with ``words`` as the name of the file."""
    return {
        "genuine": SealedVerdict(_RECORD, is_genuine=True, name=words),
        "made up": SealedVerdict(_RECORD, is_genuine=False),
    }
