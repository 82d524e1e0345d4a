"""Whether the days that are over have their checkpoints."""

from datetime import timedelta

from composition.checkpoints import compose_checkpoints
from domain.diagnosis import CheckStatus
from services.operations.checks.checkpoints import checkpoint_checks
from tests.services.operations.checks.fakes import InEnglish, look
from tests.support.builders import HOUR, MINUTE
from tests.support.replica import Replica, World

DAY = timedelta(days=1)
UNTIL_SEALED = timedelta(hours=16)
"""From the morning until the day's checkpoint is due, at one o'clock."""


async def a_replica() -> Replica:
    """Return a replica that has begun with the checkpoints, at nine o'clock."""
    replica = Replica(World())
    await compose_checkpoints(replica.core).moves.begin()
    return replica


async def _look(replica: Replica) -> InEnglish:
    return await look(checkpoint_checks(replica.workflows, replica.clock), "Daily checkpoints")


async def test_checkpoints_that_never_began_are_doubtful() -> None:
    found = await _look(Replica(World()))

    assert (found.health, found.seen) == (CheckStatus.DOUBTFUL, "not begun yet")


async def test_on_the_first_day_it_says_when_the_first_one_comes() -> None:
    found = await _look(await a_replica())

    assert found.health is CheckStatus.GOOD
    assert found.seen == "the first one comes on 3 Mar 2026, 01:00 UTC"


async def test_it_names_the_last_day_that_has_one() -> None:
    replica = await a_replica()
    await replica.pass_time(UNTIL_SEALED + DAY)
    await replica.settle()

    found = await _look(replica)

    assert (found.health, found.seen) == (CheckStatus.GOOD, "the last one is for 2026-03-03")


async def test_one_that_was_not_made_within_an_hour_is_broken() -> None:
    replica = await a_replica()
    replica.clock.advance(UNTIL_SEALED + HOUR)
    late = await _look(replica)
    replica.clock.advance(MINUTE)
    overdue = await _look(replica)

    assert late.health is CheckStatus.GOOD
    assert overdue.health is CheckStatus.BROKEN
    assert overdue.seen == "the one for 2026-03-02 has been due since 3 Mar 2026, 01:00 UTC"
    assert overdue.remedy is not None
    assert "Look for the lines of checkpoints in the log." in overdue.remedy
