"""Lives that are struck at one exchange, compared with the same life undisturbed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tests.chaos.exchanges import Exchange, Exchanges, NumberedAzure, NumberedTable, Strike
from tests.chaos.play import LifeStoppedError, Play
from tests.chaos.records import (
    Record,
    differences,
    posted_late,
    record,
    repeated,
    without_late_effects,
)
from tests.chaos.virtual_bot import POLL, POLL_AS_DEPLOYED, a_stage
from tests.chaos.whole_lives import LIVES, Life
from tests.support import virtual_time
from tests.support.deployment import DANA, Trust
from tests.support.virtual_time import LoopClock


@dataclass(frozen=True)
class Lived:
    """A life that was lived to its end, or as far as it went."""

    exchanges: Sequence[Exchange]
    record: Record
    wrong: Sequence[str]
    was_struck: bool
    may_be_twice: int
    """How many messages had been sent and not recorded at the kill, or were sent late."""


@dataclass(frozen=True)
class Outcome:
    """What came of some strikes at a life."""

    exchanges: int
    strikes: int
    broken: Sequence[str]
    repeated: int
    """How many messages people got twice."""

    def said(self) -> str:
        """Return what came of it, for the table."""
        return f"{self.exchanges}, {self.strikes}, {self.strikes - len(self.broken)}"


def run(trust: Trust, life: str, strikes: Sequence[Strike]) -> Outcome:
    """Live a life once more for each strike, and compare."""
    expected = undisturbed(trust, life)
    broken, twice = list[str](), 0
    for strike in strikes:
        lived = live(trust, LIVES[life], strike)
        left = lived.record
        if not strike.kills:
            left = without_late_effects(left, expected.record)
        wrong = [*lived.wrong, *differences(left, expected.record, lived.may_be_twice)]
        if not lived.was_struck:
            wrong.append("it never came to this exchange")
        if wrong:
            broken.append("\n  ".join((str(strike), *wrong)))
        twice += repeated(lived.record, expected.record)
    return Outcome(len({each.exchange for each in strikes}), len(strikes), broken, twice)


@cache
def undisturbed(trust: Trust, life: str) -> Lived:
    """Live a life without a strike."""
    lived = live(trust, LIVES[life])
    assert not lived.wrong
    return lived


def live(trust: Trust, life: Life, strike: Strike | None = None) -> Lived:
    """Live a life in virtual time, with a strike if it is given."""
    return virtual_time.run(_live(trust, life, strike))


async def _live(trust: Trust, life: Life, strike: Strike | None) -> Lived:
    exchanges = Exchanges(strike)
    clock, table = LoopClock(), NumberedTable(exchanges)
    changed = {"POLICY_FILE": policy_file(trust, life.rules)} if life.rules else {}
    # A row that is late is expected by nobody: how soon it is found is how often replicas look.
    poll = POLL_AS_DEPLOYED if strike and not strike.kills else POLL
    async with a_stage(
        trust, clock, NumberedAzure(exchanges, clock), exchanges.in_teams, poll, **changed
    ) as stage:
        play = Play(stage, table, exchanges)
        await play.start()
        try:
            await life.live(play)
        except LifeStoppedError as stopped:
            play.wrong.append(f"it never came to this: {stopped}")
        left = record(stage.sandbox, table, stage.teams, await play.look(DANA))
        may_be_twice = play.unrecorded + posted_late(stage.teams)
        lived = Lived(
            tuple(exchanges.all), left, tuple(play.wrong), exchanges.was_struck, may_be_twice
        )
        await play.close()
    return lived


def policy_file(trust: Trust, rules: str) -> str:
    """Write a policy file; return where it is."""
    path = trust.bundle.with_name("policy.toml")
    path.write_text(rules, encoding="utf-8")
    return str(path)
