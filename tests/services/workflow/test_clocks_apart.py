"""Two replicas whose machines' clocks are two minutes apart."""

import copy
from datetime import datetime, timedelta

import pytest

from domain.access.request import RequestState
from services.clock import AgreedClock, Clock
from tests.support.builders import HOUR, MINUTE
from tests.support.clock import NINE, ManualClock
from tests.support.replica import Replica, World

APART = 2 * MINUTE
STEP = timedelta(seconds=20)


class ShiftedClock(ManualClock):
    """A machine's clock that is wrong by a fixed time."""

    def __init__(self, right: Clock, by: timedelta) -> None:
        super().__init__()
        self._right = right
        self._by = by

    def __call__(self) -> datetime:
        return self._right() + self._by


def _shifted(world: World, by: timedelta, *, agreed: bool = False) -> Replica:
    """Return a replica on a machine with a wrong clock, which the table may have corrected."""
    elsewhere = copy.copy(world)
    elsewhere.clock = ShiftedClock(world.clock, by)
    if agreed:
        clock = AgreedClock(elsewhere.clock)
        clock.asking()(world.clock())
        elsewhere.clock = ShiftedClock(clock, timedelta())
    return Replica(elsewhere)


async def _live(world: World, *replicas: Replica, until: datetime) -> datetime | None:
    """Let the replicas work in turns; return when access ended, by the right clock."""
    ended = None
    while world.clock() < until:
        world.clock.advance(STEP)
        for replica in replicas:
            await replica.tick()
        if ended is None and not world.assignments.all():
            ended = world.clock()
    return ended


@pytest.mark.parametrize("by", [APART, -APART])
@pytest.mark.parametrize("agreed", [False, True])
async def test_each_effect_happens_once_and_access_ends_within_the_difference(
    by: timedelta, agreed: bool
) -> None:
    world = World()
    right, wrong = Replica(world), _shifted(world, by, agreed=agreed)
    early = timedelta() if agreed else APART
    await right.ask()
    for replica in (wrong, right):
        await replica.tick()
    await wrong.approve()
    for replica in (right, wrong):
        await replica.tick()
    assert len(world.assignments.all()) == 1

    due = NINE + HOUR
    ended = await _live(world, right, wrong, until=due + 5 * MINUTE)

    request = await right.request()
    posted = [sent.key for sent in world.message_sender.posts]
    kinds = await right.event_kinds()
    assert request.state is RequestState.REVOKED
    assert kinds == ["requested", "approved", "granted", "expires_soon", "ended", "revoked"]
    assert len(set(posted)) == len(posted)
    assert world.assignments.calls.count("create") == 1
    assert world.assignments.calls.count("delete") == 1
    assert ended is not None
    assert due - early <= ended <= due + STEP
