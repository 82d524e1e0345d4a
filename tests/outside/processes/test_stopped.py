"""The real program, told to stop while it is busy and Azure doesn't answer."""

import sys
from datetime import timedelta

import pytest
import pytest_asyncio

from services.workflow.due.agenda import CLAIM
from tests.outside.crashes import Outcome, a_world, stopped_while_busy
from tests.support.deployment import DANA, Trust

WHOLE_LIFE = ["Access requested", "Approved", "Access granted", "Access expired", "Access revoked"]
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stopped(trust: Trust, azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    async with a_world(trust, azurite, tmp_path_factory.mktemp("stopped")) as world:
        return await stopped_while_busy(world)


def test_within_ten_seconds_it_answers_its_turn_and_exits(stopped: Outcome) -> None:
    [answer] = stopped.answers

    assert stopped.exit_code == 0
    assert stopped.stopped_after is not None
    assert stopped.stopped_after < timedelta(seconds=10)
    assert "isn't responding right now, so nothing was done." in answer.words


def test_its_move_is_carried_on_by_another_before_its_claim_would_end(stopped: Outcome) -> None:
    [_], [removed] = stopped.made(DANA), stopped.removed(DANA)

    assert stopped.approved_at is not None
    assert removed - stopped.approved_at < CLAIM
    assert stopped.sent_to[DANA] == ["Access granted", "Access ended"]
    assert stopped.audit[DANA] == WHOLE_LIFE
