"""Values of secrets end up only in the vault and the apps, however a rotation ends."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.rotation.rotation import RotationState
from services.faults import NotPermitted, Unavailable
from services.workflow.due.agenda import CLAIM
from tests.services.rotation.faults.test_faults import BACK, FORWARD, PORTS, RETIRE, Place
from tests.support.builders import HOUR
from tests.support.rotation.builders import LITERAL, a_rotation_policy
from tests.support.rotation.fakes import FOREVER
from tests.support.rotation.replica import RotationReplica
from tests.support.rotation.world import DEPENDENTS, OLD_VALUE, RotationWorld
from tests.support.tables.crashing_table import EITHER, Crash, Killed, When
from tests.support.tables.memory_table import MemoryTable

HEALTH = "https://checkout.example/health"
CHECKED = replace(LITERAL, health_url=HEALTH)

OTHERS = "canary-other-7c6b5a49382716051423324150617283"


async def _begin(replica: RotationReplica) -> None:
    await replica.rotate()


async def _let_it_end(replica: RotationReplica) -> None:
    await replica.pass_time(2 * HOUR)


class Watched:
    """A world whose traces can all be read."""

    def __init__(self) -> None:
        self.table = MemoryTable()
        policy = a_rotation_policy(dependents=(CHECKED, *DEPENDENTS[1:]), overlap=HOUR)
        self.world = RotationWorld(policy, table=self.table)
        self.world.apps.change(LITERAL.app, OTHER=OTHERS)
        self.raised: list[BaseException] = []

    async def live(self, crash: Crash | None = None) -> None:
        """Rotate and wait; with a crash, die in between."""
        replica = RotationReplica(self.world, crash)
        for step in (_begin, _let_it_end):
            try:
                await step(replica)
            except Killed as killed:
                self.raised.append(killed)
                self.world.clock.advance(CLAIM)
                replica = RotationReplica(self.world)
                await step(replica)

    @property
    def values(self) -> set[str]:
        """Every value that ever existed."""
        return {OLD_VALUE, OTHERS, *self.world.issuer.values}

    def traces(self, logged: list[logging.LogRecord]) -> dict[str, str]:
        """Everything that a rotation leaves outside the vault and the apps."""
        message_sender = self.world.message_sender
        logged_errors = [record.exc_info[1] for record in logged if record.exc_info]
        return {
            "table": repr(self.table.rows()),
            "log": "\n".join(f"{record.getMessage()} {vars(record)!r}" for record in logged),
            "messages": repr((message_sender.posts, message_sender.updates)),
            "exceptions": "\n".join(_dump(one) for one in (*self.raised, *logged_errors) if one),
        }


def _dump(error: BaseException) -> str:
    """Format an exception with all local variables, as a crash dump would."""
    dump = traceback.TracebackException.from_exception(error, capture_locals=True)
    return "".join(dump.format())


def _require_no_trace(watched: Watched, caplog: pytest.LogCaptureFixture) -> None:
    traces = watched.traces(caplog.records)

    assert traces["table"]
    assert traces["messages"]
    # One assertion for all texts: they are long, and pytest takes forever to diff them.
    assert [
        where for where, text in traces.items() for value in watched.values if value in text
    ] == []


def _well(world: RotationWorld) -> None:
    """Do nothing."""


def _sick(world: RotationWorld) -> None:
    world.health.sick.add(HEALTH)


def _drifted(world: RotationWorld) -> None:
    world.apps.change(LITERAL.app, API_KEY=f"{OLD_VALUE}-drifted")


def _helpless(world: RotationWorld) -> None:
    _sick(world)
    world.issuer.faults.order("withdraw", Unavailable("Azure", "503"), times=FOREVER)


def _forbidden(world: RotationWorld) -> None:
    world.apps.faults.order("replace", NotPermitted("Azure", "403"), times=FOREVER)


def _broken(world: RotationWorld) -> None:
    """A bug of ours, with a traceback in the log."""
    world.apps.faults.order("replace", KeyError("API_KEY"), times=FOREVER)


ENDS = {
    "rotated": (_well, RotationState.ROTATED),
    "rolled back": (_sick, RotationState.ROLLED_BACK),
    "drifted": (_drifted, RotationState.ROLLED_BACK),
    "needs a human": (_helpless, RotationState.NEEDS_HUMAN),
    "forbidden": (_forbidden, RotationState.ROLLED_BACK),
    "broken": (_broken, RotationState.ROLLED_BACK),
}


@pytest.mark.parametrize("name", ENDS)
async def test_no_value_is_left_behind_however_the_rotation_ends(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    prepare, expected = ENDS[name]
    caplog.set_level(logging.DEBUG)
    watched = Watched()
    prepare(watched.world)

    await watched.live()

    rotation = await RotationReplica(watched.world).rotation()
    assert rotation.state is expected
    _require_no_trace(watched, caplog)


@pytest.mark.parametrize("place", [*FORWARD, *BACK, *RETIRE], ids=str)
async def test_a_bug_in_any_step_dumps_no_value(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    watched = Watched()
    if place in BACK:
        _sick(watched.world)
    if place in RETIRE:
        PORTS[place.port](watched.world).order(place.operation, KeyError("API_KEY"))
    else:
        place.order(watched.world, KeyError("API_KEY"), When.BEFORE, times=1)

    await watched.live()

    dumped = watched.traces(caplog.records)["exceptions"]
    assert "KeyError" in dumped
    assert "versions = <" in dumped or "rotation = Rotation(" in dumped
    _require_no_trace(watched, caplog)


@pytest.mark.parametrize("when", EITHER)
@pytest.mark.parametrize("prepare", [_well, _sick])
async def test_no_value_is_left_behind_wherever_the_process_dies(
    prepare: Callable[[RotationWorld], None], when: When, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    whole, deaths = Crash(), 0
    first = Watched()
    prepare(first.world)
    await first.live(whole)

    for point in range(1, whole.points + 1, 3):
        watched = Watched()
        prepare(watched.world)
        await watched.live(Crash(point, when))
        deaths += len(watched.raised)
        _require_no_trace(watched, caplog)
        caplog.clear()

    assert deaths > 10
