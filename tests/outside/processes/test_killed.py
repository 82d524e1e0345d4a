"""The real program, killed at the worst moments, and with two instances running at once."""

import signal

import pytest
import pytest_asyncio

from services.workflow.due.agenda import CLAIM
from services.workflow.worker import POLL
from tests.outside.crashes import (
    WINDOW_SECONDS,
    Outcome,
    a_world,
    killed_at_the_start,
    killed_halfway,
    two_at_once,
)
from tests.support.deployment import DANA, MORGAN, ROBIN, Trust
from tests.support.teams import Person

WHOLE_LIFE = ["Access requested", "Approved", "Access granted", "Access expired", "Access revoked"]
MAKING_SURE = "Making sure access is gone"
SLACK_SECONDS = 15.0  # for a busy machine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def killed(trust: Trust, azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    async with a_world(trust, azurite, tmp_path_factory.mktemp("killed")) as world:
        return await killed_halfway(world)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def twice(trust: Trust, azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    async with a_world(trust, azurite, tmp_path_factory.mktemp("twice")) as world:
        return await two_at_once(world)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def planned(trust: Trust, azurite: str, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    async with a_world(trust, azurite, tmp_path_factory.mktemp("planned")) as world:
        return await killed_at_the_start(world)


def test_access_whose_checks_a_kill_interrupted_starts_once_and_not_early(planned: Outcome) -> None:
    [made], [removed] = planned.made(DANA), planned.removed(DANA)

    assert planned.exit_code == -signal.SIGKILL
    assert planned.starts_at is not None
    late = (made - planned.starts_at).total_seconds()
    assert 0 <= late < CLAIM.total_seconds() + POLL.total_seconds() + SLACK_SECONDS
    assert (removed - made).total_seconds() >= WINDOW_SECONDS
    assert planned.audit[DANA] == [
        *("Access requested", "Approved", "Approved, starts later", "Start reached"),
        *("Access granted", "Access expired", "Access revoked"),
    ]
    assert planned.sent_to[DANA] == ["Approved, starts later", "Access granted", "Access ended"]


def test_it_was_killed_without_warning(killed: Outcome) -> None:
    assert killed.exit_code == -signal.SIGKILL


def test_an_unrecorded_assignment_is_removed_on_time(killed: Outcome) -> None:
    [made], [removed] = killed.made(DANA), killed.removed(DANA)

    # The dead bot's claims are respected for that long, then picked up by the next poll.
    late = max(WINDOW_SECONDS, CLAIM.total_seconds()) + POLL.total_seconds()
    assert WINDOW_SECONDS <= (removed - made).total_seconds() < late + SLACK_SECONDS


def test_an_unrecorded_removal_is_recorded_and_announced(killed: Outcome) -> None:
    assert len(killed.removed(MORGAN)) == 1
    assert killed.sent_to[MORGAN] == ["Access granted", "Access ended"]


def test_an_answered_approval_is_granted_for_its_whole_window(killed: Outcome) -> None:
    [made], [removed] = killed.made(ROBIN), killed.removed(ROBIN)

    late = WINDOW_SECONDS + POLL.total_seconds()
    assert WINDOW_SECONDS <= (removed - made).total_seconds() < late + SLACK_SECONDS


@pytest.mark.parametrize("person", [DANA, MORGAN, ROBIN])
def test_each_step_is_announced_once_and_in_order(killed: Outcome, person: Person) -> None:
    told = [status for status in killed.audit[person] if status != MAKING_SURE]

    assert told == WHOLE_LIFE


def test_the_dead_bots_unanswered_requests_are_waited_for(killed: Outcome) -> None:
    assert MAKING_SURE in killed.audit[ROBIN]
    assert MAKING_SURE not in killed.audit[MORGAN]


def test_two_bots_create_one_assignment_and_remove_it_once(twice: Outcome) -> None:
    assert (len(twice.made(DANA)), len(twice.removed(DANA))) == (1, 1)


def test_two_bots_announce_each_step_once(twice: Outcome) -> None:
    assert twice.audit[DANA] == WHOLE_LIFE
    assert twice.sent_to[DANA] == ["Access granted", "Access ended"]


def test_of_two_answers_at_two_bots_one_counts_and_the_other_is_refused(twice: Outcome) -> None:
    [loser] = [answer for answer in twice.answers if answer.sentence]
    [winner] = [answer for answer in twice.answers if not answer.sentence]

    assert winner.status == "Approved, granting access"
    assert "This request was already approved by" in loser.sentence
