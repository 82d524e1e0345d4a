"""What one request costs from asked to revoked: table operations and calls to Teams, by kind.

`python -m pytest tests/outside/test_cost_of_a_life.py -s` prints them.
"""

import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from sandbox import seed
from tests.outside.scenarios import ASKED
from tests.support.clock import ManualClock
from tests.support.deployment import AVERY, DANA, MORGAN
from tests.support.latchkey import Latchkey
from tests.support.tables.counted_table import TableCalls, count_table_calls

pytestmark = pytest.mark.in_memory

MOST_TRANSACTIONS = 22
MOST_READS = 24
MOST_TEAMS_CALLS = 9


@dataclass
class Life:
    """What each step of a life cost."""

    transactions: dict[str, Counter[str]] = field(default_factory=dict)
    reads: dict[str, Counter[str]] = field(default_factory=dict)
    teams: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, step: str, calls: TableCalls, teams: Counter[str]) -> None:
        self.transactions[step] = Counter(calls.transactions)
        self.reads[step] = Counter(calls.reads)
        self.teams[step] = teams
        calls.clear()

    def table(self) -> str:
        """Return the counts by kind, and then as the table in docs/performance.md."""
        kinds = [
            f"{title:12} {step:9} {count:2} {kind}"
            for title, counts in self._titled()
            for step, counted in counts.items()
            for kind, count in counted.items()
        ]
        steps = [
            " | ".join(["", step, *(str(counts[step].total()) for _, counts in self._titled()), ""])
            for step in self.teams
        ]
        return "\n".join([*kinds, *steps])

    def _titled(self) -> list[tuple[str, Mapping[str, Counter[str]]]]:
        return [
            ("transaction", self.transactions),
            ("read", self.reads),
            ("Teams", self.teams),
        ]


async def test_a_life_costs_no_more_than_it_should(
    latchkey: Latchkey, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await latchkey.restart(SECRET_APPROVER_EMAIL=seed.AVERY.mail)
    for person in (DANA, AVERY):
        await latchkey.say(person, "help")
    await _note_the_month(latchkey)
    clock.advance(minutes=1)
    calls, life = count_table_calls(monkeypatch), Life()
    _taken_from(latchkey)

    def note(step: str) -> None:
        life.add(step, calls, _taken_from(latchkey))

    await latchkey.say(DANA, ASKED)
    note("asked")
    await latchkey.tick()
    note("announced")
    clock.advance(minutes=3)
    await latchkey.click(AVERY, latchkey.card_of(AVERY), "Approve")
    await latchkey.tick()
    note("granted")
    clock.advance(minutes=115)
    await latchkey.tick()
    note("warned")
    clock.advance(minutes=5)
    await latchkey.tick()
    note("revoked")
    sys.stdout.write(f"\n{life.table()}\n")

    assert latchkey.assigned(DANA) == []
    assert "ended" in latchkey.sent_to(DANA)[-1].words
    assert total(life.transactions) <= MOST_TRANSACTIONS
    assert total(life.reads) <= MOST_READS
    assert total(life.teams) <= MOST_TEAMS_CALLS


async def _note_the_month(latchkey: Latchkey) -> None:
    """Let somebody else ask before: the first request of a month notes it, once a month."""
    await latchkey.say(MORGAN, ASKED)
    await latchkey.tick()
    await latchkey.click(MORGAN, latchkey.card_of(MORGAN), "Cancel request")
    await latchkey.tick()


def total(counts: Mapping[str, Counter[str]]) -> int:
    return sum(counted.total() for counted in counts.values())


def _taken_from(latchkey: Latchkey) -> Counter[str]:
    """Return the calls to Teams since the last time, by kind."""
    requests = latchkey.teams.requests
    counts = Counter(f"{one.method} {_kind(one.path)}" for one in requests)
    requests.clear()
    return counts


def _kind(path: str) -> str:
    path = path.removeprefix("/emea/v3/").replace("%3A", ":")
    path = re.sub(r"conversations/19:[^/]+", "the audit channel's thread", path)
    path = re.sub(r"conversations/a:[^/]+0001(?=/|$)", "the requester's chat", path)
    path = re.sub(r"conversations/a:[^/]+", "the approver's chat", path)
    return re.sub(r"/\d+$", "/ID", path)
