"""Crash everywhere: whatever write or effect a process crashes at, the next one finishes its work.

Each scenario is a list of steps. A run crashes before or after its n-th write or effect; then
Latchkey is restarted, people without an answer repeat their step, and the scenario continues.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from domain.access.rules.auto_approval import AutoApproval
from domain.reasons import Reason
from domain.refusals.refusal import Refusal
from services.access.requests import RequestLimits
from services.azure.tables import AzureTable
from services.faults import Rejected, Unavailable
from services.storage.table import Table
from tests.support.builders import (
    ADA,
    ASSIGNMENT,
    BO,
    DANA,
    HOUR,
    email_of,
    in_directory,
    policies,
)
from tests.support.clock import NINE
from tests.support.processes import crashing_steps
from tests.support.replica import Replica, World, without_caution
from tests.support.several import ALONE, SEVERAL, SeveralWorld, rules_of_several
from tests.support.tables.crashing_table import EITHER, Crash, When

pytestmark = pytest.mark.usefixtures("few_shards")

APPROVED_BY_RULE = AutoApproval(table="*", requesters=(email_of(DANA),), longest=HOUR)

Step = Callable[[Replica], Awaitable[object]]


async def _settle(replica: Replica) -> None:
    await replica.settle()


async def _approve(replica: Replica) -> None:
    await replica.approve(ADA)


async def _approve_too(replica: Replica) -> None:
    await replica.approve(BO)


async def _ask_for_three(replica: Replica) -> None:
    await replica.ask(secrets=SEVERAL)


async def _approve_less(replica: Replica) -> None:
    chosen = {secret: secret != SEVERAL[0] for secret in SEVERAL}
    limits = RequestLimits(None, given=False, narrowed=False, chosen=chosen)
    await replica.access.approve(ADA, "req-one", limits)


async def _remind(replica: Replica) -> None:
    await replica.reminders.remind(DANA, "req-one", "")


async def _ask_for_later(replica: Replica) -> None:
    await replica.ask(starts_at=NINE + 3 * HOUR)


async def _let_ada_leave(replica: Replica) -> None:
    replica.world.people.disable(in_directory(ADA))


async def _call_off(replica: Replica) -> None:
    await replica.endings.end(BO, "req-one")


async def _let_it_end(replica: Replica) -> None:
    await replica.pass_time(9 * HOUR)


async def _ask_in_vain(replica: Replica) -> None:
    with pytest.raises(Refusal):
        await replica.ask(secret="root-password")


async def _share(replica: Replica) -> None:
    await replica.give(request_id="req-two", window=2 * HOUR)


@dataclass(frozen=True, slots=True)
class Life:
    """A scenario: the steps of a request in a prepared world."""

    steps: tuple[Step, ...]
    prepare: Callable[[World], None] = lambda world: None
    quorum: int = 1
    of_several: bool = False
    auto_approve: AutoApproval | None = None
    requests: tuple[str, ...] = field(default=("req-one",))


def _standing(world: World) -> None:
    world.assignments.plant(ASSIGNMENT, "0f0f0f0f-0000-4000-8000-000000000000")


def _losing_answers(world: World) -> None:
    down = Unavailable("Azure", "503")
    world.assignments.faults.order("create", down, when=When.AFTER, times=1_000_000)


def _down(world: World) -> None:
    world.assignments.faults.order("create", Unavailable("Azure", "503"), times=1_000_000)


def _late(world: World) -> None:
    world.assignments.carry_out_late("create", timedelta(seconds=70))
    world.assignments.carry_out_late("delete", timedelta(seconds=70))


def _refusing(world: World) -> None:
    world.assignments.faults.order("create", Rejected("Azure", "400"), times=1_000_000)


def _out_of_reach(world: World) -> None:
    world.message_sender.unreachable.add(ADA.object_id)


def _standing_in_part(world: World) -> None:
    world.assignments.plant(ALONE, "0f0f0f0f-0000-4000-8000-000000000000")


def _refusing_in_part(world: World) -> None:
    assert isinstance(world, SeveralWorld)
    world.assignments.trouble["create", ALONE.id] = Rejected("Azure", "400")


LIVES = {
    "revoked": Life((Replica.ask, _settle, _approve, _settle, _let_it_end)),
    "revoked, decided at once": Life((Replica.ask, _approve, _let_it_end)),
    "revoked, approved by rule": Life(
        (Replica.ask, _settle, _let_it_end), auto_approve=APPROVED_BY_RULE
    ),
    "revoked, by two": Life(
        (Replica.ask, _settle, _approve, _settle, _approve_too, _let_it_end), quorum=2
    ),
    "revoked, started later": Life((_ask_for_later, _settle, _approve, _let_it_end)),
    "cancelled, called off before the start": Life(
        (_ask_for_later, _approve, _settle, _call_off, _let_it_end)
    ),
    "failed, an approver left before the start": Life(
        (_ask_for_later, _approve, _settle, _let_ada_leave, _let_it_end)
    ),
    "revoked, shared": Life(
        (Replica.ask, _approve, _settle, _share, _let_it_end), requests=("req-one", "req-two")
    ),
    "revoked, an approver out of reach": Life(
        (Replica.ask, _settle, _approve_too, _let_it_end), _out_of_reach
    ),
    "denied, after a reminder": Life(
        (Replica.ask, _settle, _remind, _settle, Replica.deny, _let_it_end)
    ),
    "denied": Life((Replica.ask, _settle, Replica.deny, _let_it_end)),
    "lapsed": Life((Replica.ask, _let_it_end)),
    "denied, as not on the list": Life((_ask_in_vain, _let_it_end)),
    "failed, standing access": Life((Replica.ask, _approve, _let_it_end), _standing),
    "failed, given up": Life((Replica.ask, _approve, _let_it_end), _down),
    "revoked, all answers lost": Life((Replica.ask, _approve, _let_it_end), _losing_answers),
    "revoked, carried out late": Life((Replica.ask, _approve, _settle, _let_it_end), _late),
    "failed, refused": Life((Replica.ask, _approve, _let_it_end), _refusing),
    "revoked, three secrets": Life(
        (_ask_for_three, _settle, _approve, _settle, _let_it_end), of_several=True
    ),
    "revoked, three secrets, one of them left out": Life(
        (_ask_for_three, _settle, _approve_less, _settle, _approve_too, _settle, _let_it_end),
        quorum=2,
        of_several=True,
    ),
    "failed, three secrets, one of them standing": Life(
        (_ask_for_three, _approve, _let_it_end), _standing_in_part, of_several=True
    ),
    "failed, three secrets, one of them refused": Life(
        (_ask_for_three, _approve, _let_it_end), _refusing_in_part, of_several=True
    ),
}


async def _live(life: Life, crash: Crash, world: World) -> World:
    """Run a scenario in which the first process crashes."""
    life.prepare(world)
    replica = Replica(world, crash)
    await crashing_steps.take(life.steps, replica, lambda: Replica(world), world.clock)
    return world


@dataclass(frozen=True, slots=True)
class Ending:
    """The outcome of a scenario that a crash must not change."""

    heads: list[tuple[str, Reason | None]]
    events: list[list[str]]
    secrets: list[tuple[str, ...]]
    assignments: list[str]
    leases: list[str]
    queued: list[str]
    audited: set[str]
    told: set[str]
    outcomes: set[str]


async def _ending(life: Life, world: World) -> Ending:
    replica = Replica(world)
    heads = [await replica.request(request_id) for request_id in life.requests]
    return Ending(
        heads=[(str(head.state), head.failure) for head in heads],
        events=[
            without_caution(await replica.event_kinds(request_id)) for request_id in life.requests
        ],
        secrets=[head.secrets for head in heads],
        assignments=world.assignments.names(),
        leases=await world.leases(),
        queued=await world.queued(),
        audited=set(without_caution(world.message_sender.audited())),
        told=set(world.message_sender.sent_to(DANA.object_id)),
        outcomes=set(world.message_sender.outcomes()),
    )


def _world(life: Life, table: Table | None = None) -> World:
    rules: dict[str, Any] = {
        "approvers": (email_of(ADA), email_of(BO)),
        "min_approvals": life.quorum,
        "auto_approve": life.auto_approve,
    }
    if life.of_several:
        return SeveralWorld(rules_of_several(**rules), table)
    return World(table, policies(**rules))


@pytest.mark.parametrize("name", LIVES)
async def test_a_run_without_a_crash_ends_cleanly(name: str) -> None:
    life = LIVES[name]

    ending = await _ending(life, await _live(life, Crash(), _world(life)))

    assert {name.partition(",")[0]} == {state for state, _ in ending.heads}
    assert ending.queued == []
    assert ending.leases == []
    for events in ending.events:
        assert set(events) <= ending.audited


@pytest.mark.parametrize("when", EITHER)
@pytest.mark.parametrize("name", LIVES)
async def test_wherever_the_process_crashes_the_outcome_is_the_same(name: str, when: When) -> None:
    life = LIVES[name]
    whole = Crash()
    expected = await _ending(life, await _live(life, whole, _world(life)))

    assert whole.points > 4
    for point in range(1, whole.points + 1):
        world = await _live(life, Crash(point, when), _world(life))
        assert await _ending(life, world) == expected, f"died {when.name} point {point}"


@pytest.mark.parametrize(
    "seconds",
    [pytest.param(5, marks=pytest.mark.chaos), 20, pytest.param(70, marks=pytest.mark.chaos)],
)
@pytest.mark.parametrize(
    "name", ["revoked", "revoked, started later", "revoked, shared", "revoked, three secrets"]
)
async def test_late_effects_of_a_crashed_process_change_no_outcome(name: str, seconds: int) -> None:
    life = LIVES[name]
    whole = Crash()
    expected = await _ending(life, await _live(life, whole, _world(life)))

    for point in range(1, whole.points + 1):
        world = _world(life)
        world.lands_after = timedelta(seconds=seconds)
        await _live(life, Crash(point, When.BEFORE), world)
        assert await _ending(life, world) == expected, f"died at point {point}"


@pytest.mark.parametrize("when", list(When))
@pytest.mark.parametrize("point", [4, 15, 37])
async def test_the_outcome_is_the_same_on_the_real_table(
    azurite_table: AzureTable, point: int, when: When
) -> None:
    life = LIVES["revoked"]
    expected = await _ending(life, await _live(life, Crash(), _world(life)))

    world = await _live(life, Crash(point, when), _world(life, azurite_table))

    assert await _ending(life, world) == expected
