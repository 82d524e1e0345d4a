"""Requests for which the table doesn't answer, in virtual time."""

import pytest

from services.access.requests import NotKnownIfRequested
from services.faults import Unavailable
from tests.support.processes import virtual_time
from tests.support.replica import Replica, World
from tests.support.tables.silent_table import SilentTable

HEAD = "~head"


@pytest.mark.parametrize("does", [True, False])
def test_a_request_that_is_not_answered_is_stored_once(*, does: bool) -> None:
    replica = Replica(World(SilentTable(HEAD, times=1, does=does)))

    async def live() -> list[str]:
        await replica.ask()
        return await replica.event_kinds()

    assert virtual_time.run(live()) == ["requested"]


def test_a_request_that_stays_unanswered_may_still_come() -> None:
    table = SilentTable(HEAD, times=4)
    replica = Replica(World(table))

    async def live() -> list[str]:
        with pytest.raises(NotKnownIfRequested):
            await replica.ask()
        await table.do_late()
        return await replica.event_kinds()

    assert virtual_time.run(live()) == ["requested"]


@pytest.mark.parametrize("part", ["person-", "history-months"])
def test_a_request_whose_preparation_fails_certainly_does_not_come(part: str) -> None:
    replica = Replica(World(SilentTable(part, times=100)))

    async def live() -> None:
        with pytest.raises(Unavailable) as raised:
            await replica.ask()
        assert not raised.value.outcome_unknown

    virtual_time.run(live())


@pytest.mark.parametrize("does", [True, False])
def test_an_approval_that_is_not_answered_counts_once(*, does: bool) -> None:
    table = SilentTable(HEAD, does=does)
    replica = Replica(World(table))

    async def live() -> list[str]:
        await replica.ask()
        table.times = 1
        await replica.approve()
        return await replica.event_kinds()

    assert virtual_time.run(live()) == ["requested", "approved"]
