"""A day's checkpoint, and what its verification can find."""

from dataclasses import replace
from datetime import date

from domain.audit.checkpoint import FIRST, DayFlaw, DayVerdict, FlawedWorkflow, Leaf, take
from domain.checkpoints import checkpoints as rules
from tests.cards.scenarios import NOW

DAY = date(2026, 11, 27)
_TAKEN = take(DAY, (Leaf("req-01jd7q3v9k", 4, "aa"), Leaf("rot-01jd7q3v9k", 9, "bb")), FIRST)

_STORED = replace(_TAKEN, hash="0123456789abcdef" * 4)
DAY_TAKEN = rules.record(rules.first(NOW), _TAKEN, NOW)


def _verdict(
    *flawed: FlawedWorkflow, is_chained: bool = True, is_listed: bool = True
) -> DayVerdict:
    return DayVerdict(_STORED, is_chained, is_listed, flawed)


def verdicts(words: str) -> dict[str, DayVerdict]:
    """Return every kind of verdict, with ``words`` as the ID of an added workflow."""
    removed = [FlawedWorkflow(f"req-{number:010d}", DayFlaw.REMOVED) for number in range(12)]
    return {
        "intact": _verdict(),
        "removed": _verdict(removed[0]),
        "many removed": _verdict(*removed),
        "changed and added": _verdict(
            FlawedWorkflow("req-01jd7q3v9k", DayFlaw.CHANGED), FlawedWorkflow(words, DayFlaw.ADDED)
        ),
        "another list": _verdict(is_listed=False),
        "not chained": _verdict(is_chained=False),
        "archived": replace(_verdict(), archived=(date(2028, 1, 1), date(2028, 1, 2))),
    }
