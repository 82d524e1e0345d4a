"""How the erasing of a name can begin and end."""

from dataclasses import replace

from domain.erasure import erasure as rules
from domain.erasure.erasure import MOST_PASSES, Erasure, Found
from domain.people import Person
from domain.workflow import Change
from tests.cards.scenarios import CY, DANA, NOW

WHO = Person(DANA.object_id, DANA.name, "dana@contoso.example")
ERASURE_ID = "ers-01jd7q3v9k"
_BEGUN = rules.begin(ERASURE_ID, DANA.object_id, CY, NOW)


def _ended(passes: int = 1, **found: int) -> Change[Erasure]:
    return rules.finish_pass(replace(_BEGUN.head, found=Found(**found), passes=passes), NOW)


ERASURES: dict[str, Change[Erasure]] = {
    "begun": _BEGUN,
    "ended": _ended(workflows=1_204),
    "ended, one workflow": _ended(workflows=1),
    "ended, with older events": _ended(workflows=12, older=3, unreadable=1),
    "comes back": _ended(MOST_PASSES, workflows=12, erased=2),
}
