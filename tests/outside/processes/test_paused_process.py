"""The real program, paused for longer than its claims and its leases last, beside another one."""

import sys

import pytest
import pytest_asyncio

from services.workflow.due.agenda import CLAIM
from tests.outside.crashes import WINDOW_SECONDS, Outcome, a_world, paused_for_long
from tests.support.deployment import DANA, MORGAN, Trust
from tests.support.teams import Person

WHOLE_LIFE = ["Access requested", "Approved", "Access granted", "Access expired", "Access revoked"]
SLACK_SECONDS = 15.0  # for a busy machine
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows can't pause a process")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def paused(trust: Trust, azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    async with a_world(trust, azurite, tmp_path_factory.mktemp("paused")) as world:
        return await paused_for_long(world)


@pytest.mark.parametrize("person", [DANA, MORGAN])
def test_access_that_it_gave_is_ended_by_the_other_within_a_claim(
    paused: Outcome, person: Person
) -> None:
    [made], [removed] = paused.made(person), paused.removed(person)

    late = (removed - made).total_seconds() - WINDOW_SECONDS
    assert 0 <= late < CLAIM.total_seconds() + SLACK_SECONDS


def test_it_does_nothing_more_in_azure_when_it_goes_on(paused: Outcome) -> None:
    assert paused.went_on_at is not None
    changes = [one for one in paused.log if one.method in {"PUT", "DELETE"}]
    assert [one.path for one in changes if one.at >= paused.went_on_at] == []


@pytest.mark.parametrize("person", [DANA, MORGAN])
def test_everyone_is_told_everything_once(paused: Outcome, person: Person) -> None:
    assert paused.sent_to[person] == ["Access granted", "Access ended"]
    assert paused.audit[person] == WHOLE_LIFE
