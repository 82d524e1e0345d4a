"""Scenarios that are interrupted at one exchange, compared with the same one undisturbed."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from tests.chaos.exchanges import Exchange, Exchanges, Interruption, NumberedAzure, NumberedTable
from tests.chaos.play import Play, ScenarioStoppedError
from tests.chaos.records import (
    Record,
    differences,
    posted_late,
    record,
    repeated,
    without_late_effects,
)
from tests.chaos.scenarios import SCENARIOS, Scenario
from tests.chaos.virtual_bot import POLL, POLL_AS_DEPLOYED, a_stage
from tests.support.deployment import DANA, Trust
from tests.support.processes import virtual_time
from tests.support.processes.virtual_time import LoopClock


@dataclass(frozen=True)
class Result:
    """What came of a scenario that ran to its end, or as far as it went."""

    exchanges: Sequence[Exchange]
    record: Record
    wrong: Sequence[str]
    was_interrupted: bool
    may_be_twice: int
    """How many messages had been sent and not recorded at the kill, or were sent late."""


@dataclass(frozen=True)
class Outcome:
    """What came of some interruptions of a scenario."""

    exchanges: int
    interruptions: int
    broken: Sequence[str]
    repeated: int
    """How many messages people got twice."""

    def said(self) -> str:
        """Return what came of it, for the table."""
        return f"{self.exchanges}, {self.interruptions}, {self.interruptions - len(self.broken)}"


def run(trust: Trust, scenario: str, interruptions: Sequence[Interruption]) -> Outcome:
    """Run a scenario once more for each interruption, and compare."""
    expected = undisturbed(trust, scenario)
    broken, twice = list[str](), 0
    for interruption in interruptions:
        result = run_once(trust, SCENARIOS[scenario], interruption)
        left = result.record
        if not interruption.kills:
            left = without_late_effects(left, expected.record)
        wrong = [*result.wrong, *differences(left, expected.record, result.may_be_twice)]
        if not result.was_interrupted:
            wrong.append("it never came to this exchange")
        if wrong:
            broken.append("\n  ".join((str(interruption), *wrong)))
        twice += repeated(result.record, expected.record)
    return Outcome(
        len({each.exchange for each in interruptions}), len(interruptions), broken, twice
    )


@cache
def undisturbed(trust: Trust, scenario: str) -> Result:
    """Run a scenario without an interruption."""
    result = run_once(trust, SCENARIOS[scenario])
    assert not result.wrong
    return result


def run_once(trust: Trust, scenario: Scenario, interruption: Interruption | None = None) -> Result:
    """Run a scenario in virtual time, with an interruption if it is given."""
    return virtual_time.run(_run_once(trust, scenario, interruption))


async def _run_once(trust: Trust, scenario: Scenario, interruption: Interruption | None) -> Result:
    exchanges = Exchanges(interruption)
    clock, table = LoopClock(), NumberedTable(exchanges)
    changed = {"POLICY_FILE": policy_file(trust, scenario.rules)} if scenario.rules else {}
    # A row that is late is expected by nobody: how soon it is found is how often replicas look.
    poll = POLL_AS_DEPLOYED if interruption and not interruption.kills else POLL
    async with a_stage(
        trust, clock, NumberedAzure(exchanges, clock), exchanges.in_teams, poll, **changed
    ) as stage:
        play = Play(stage, table, exchanges)
        await play.start()
        try:
            await scenario.run(play)
        except ScenarioStoppedError as stopped:
            play.wrong.append(f"it never came to this: {stopped}")
        left = record(stage.sandbox, table, stage.teams, await play.look(DANA))
        may_be_twice = play.unrecorded + posted_late(stage.teams)
        result = Result(
            tuple(exchanges.all), left, tuple(play.wrong), exchanges.was_interrupted, may_be_twice
        )
        await play.close()
    return result


def policy_file(trust: Trust, rules: str) -> str:
    """Write a policy file; return where it is."""
    path = trust.bundle.with_name("policy.toml")
    path.write_text(rules, encoding="utf-8")
    return str(path)
