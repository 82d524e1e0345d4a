"""Grants that fail after something could be read: it is said, rotated, and looked up in the log."""

from typing import Any

import pytest

from cards.access.event_card import requester_card, requester_summary
from domain.access.assignment import Assignment
from domain.access.reads import LogSpan, Read, SecretOfVault, places_of, span_of
from domain.access.recording_reads import SEEN_AFTER
from domain.access.request import Request, RequestState, assignment_of
from domain.access.target import Target
from domain.access.transitions import changes
from services.faults import Rejected, Unavailable
from services.ports import Assignments
from tests.cards.reading_cards import whole_text
from tests.support.builders import (
    DANA,
    HOUR,
    MINUTE,
    OTHER_SECRET,
    SECRET,
    VAULT,
    a_request,
    a_target_alone,
)
from tests.support.clock import NINE
from tests.support.fake_read_log import FakeReadLog
from tests.support.replica import Replica, World

FAILED, REVOKED = RequestState.FAILED, RequestState.REVOKED
THROTTLED = Unavailable("Azure", "429", outcome_unknown=False, status=429)
BOTH = (SECRET, OTHER_SECRET)


class OneFails:
    """Azure creates every assignment but that of the other secret."""

    def __init__(self, assignments: Assignments, fault: Exception) -> None:
        self._create = assignments.create
        self._fault = fault

    async def create(self, assignment: Assignment, description: str) -> None:
        if assignment.scope.endswith(OTHER_SECRET):
            raise self._fault
        await self._create(assignment, description)


class Rotations:
    """Notes which secrets were to be rotated after a grant."""

    def __init__(self) -> None:
        self.begun: list[str] = []

    async def rotate(self, request: Request, target: Target) -> None:
        assert request.gone_at is None  # before the end is recorded
        self.begun.append(target.secret)


@pytest.fixture
def rotations() -> Rotations:
    return Rotations()


async def approved(
    monkeypatch: pytest.MonkeyPatch,
    rotations: Rotations,
    *secrets: str,
    fault: Exception | None = None,
) -> Replica:
    """Let Ada approve secrets that are rotated after grants; one may not be granted."""
    replica = a_replica(monkeypatch, rotations)
    if fault:
        assignments = replica.world.assignments
        monkeypatch.setattr(assignments, "create", OneFails(assignments, fault).create)
    await ask(replica, *secrets)
    await replica.approve()
    await replica.settle()
    return replica


def a_replica(monkeypatch: pytest.MonkeyPatch, rotations: Rotations) -> Replica:
    world = World()
    world.reads = FakeReadLog(world.clock)
    replica = Replica(world)
    monkeypatch.setattr(replica.access_moves, "_rotate", rotations.rotate)
    return replica


async def ask(replica: Replica, *secrets: str) -> None:
    targets = tuple(a_target_alone(one, rotate_after=True) for one in secrets)
    await replica.engine.open(changes.submit(a_request(targets=targets)))


async def test_what_could_be_read_until_a_grant_was_given_up_is_said_and_rotated(
    monkeypatch: pytest.MonkeyPatch, rotations: Rotations
) -> None:
    replica = await approved(monkeypatch, rotations, *BOTH, fault=THROTTLED)

    await replica.pass_time(12 * MINUTE)

    request, event = await replica.request(), (await replica.events())[-1]
    assert request.state is FAILED
    assert replica.world.assignments.all() == []
    assert rotations.begun == [SECRET]
    said = requester_summary(request, event)
    assert "nothing was granted" not in said
    assert f"{SECRET} could be read between 2 Mar 2026, 09:00 UTC and 09:10 UTC" in said
    assert "that access has been removed" in said


async def test_nothing_is_said_to_be_all_that_was_done_where_another_secret_could_be_read(
    monkeypatch: pytest.MonkeyPatch, rotations: Rotations
) -> None:
    replica = a_replica(monkeypatch, rotations)
    by_others = assignment_of(a_target_alone(OTHER_SECRET), a_request().holder)
    replica.world.assignments.plant(by_others, "0f0f0f0f-0000-4000-8000-000000000000")
    await ask(replica, *BOTH)
    await replica.approve()
    await replica.settle()

    request, event = await replica.request(), (await replica.events())[-1]
    said = whole_text(requester_card(request, event))
    assert "could be read for a moment" in said
    assert "already exists, assigned by someone else. It was left as it is." in said
    assert "nothing was" not in said


async def test_the_log_is_asked_about_the_time_in_which_it_could_be_read(
    monkeypatch: pytest.MonkeyPatch, rotations: Rotations
) -> None:
    replica = await approved(monkeypatch, rotations, *BOTH, fault=THROTTLED)
    log = replica.world.reads
    assert isinstance(log, FakeReadLog)
    for secret in BOTH:
        place = SecretOfVault(VAULT.resource_id, secret)
        log.note(Read(at=NINE + 5 * MINUTE, place=place, version="v1", caller=DANA.object_id))

    await replica.pass_time(12 * MINUTE + SEEN_AFTER)

    request = await replica.request()
    assert request.gone_at is not None
    assert places_of(request) == (SecretOfVault(VAULT.resource_id, SECRET),)
    assert span_of(request, NINE + HOUR) == LogSpan(NINE - MINUTE, request.gone_at + 10 * MINUTE)
    assert request.proof is not None
    assert request.proof.count == 1
    assert (await replica.event_kinds())[-1] == "reads_seen"


async def test_what_a_refusal_of_another_secret_left_for_a_moment_is_rotated_too(
    monkeypatch: pytest.MonkeyPatch, rotations: Rotations
) -> None:
    replica = await approved(monkeypatch, rotations, *BOTH, fault=Rejected("Azure", "400"))

    request, event = await replica.request(), (await replica.events())[-1]
    assert request.state is FAILED
    assert rotations.begun == [SECRET]
    assert "could be read for a moment" in requester_summary(request, event)


async def test_an_assignment_that_only_its_removal_found_may_have_been_read_from_the_approval_on(
    monkeypatch: pytest.MonkeyPatch, rotations: Rotations
) -> None:
    replica = a_replica(monkeypatch, rotations)
    replica.world.assignments.carry_out_late("create", MINUTE, times=1)
    await ask(replica, SECRET)
    await replica.approve()
    await replica.settle()
    await replica.endings.give_back(DANA, "req-one")
    await replica.pass_time(10 * MINUTE)

    assert (await replica.request()).state is REVOKED
    assert rotations.begun == [SECRET]
    event = next(one for one in await replica.events() if one.kind == "revoked")
    assert (event.facts["opened"], event.facts["opened_at"]) == (SECRET, NINE.isoformat())


async def test_a_grant_of_which_nothing_existed_rotates_nothing_and_says_so(
    monkeypatch: pytest.MonkeyPatch, rotations: Rotations
) -> None:
    replica = await approved(monkeypatch, rotations, OTHER_SECRET, fault=THROTTLED)

    await replica.pass_time(12 * MINUTE)

    request, event = await replica.request(), (await replica.events())[-1]
    assert request.state is FAILED
    assert rotations.begun == []
    assert "nothing was granted" in requester_summary(request, event)
    assert span_of(request, NINE + HOUR) is None
    assert await replica.world.queued() == []


async def test_a_grant_that_was_ended_before_anything_existed_rotates_nothing(
    monkeypatch: pytest.MonkeyPatch, rotations: Rotations
) -> None:
    replica = await approved(monkeypatch, rotations, OTHER_SECRET, fault=THROTTLED)

    await replica.endings.give_back(DANA, "req-one")
    await replica.pass_time(12 * MINUTE)

    assert (await replica.request()).state is REVOKED
    assert rotations.begun == []


async def test_what_existed_before_the_rest_was_granted_counts_as_part_of_the_grant(
    monkeypatch: pytest.MonkeyPatch, rotations: Rotations
) -> None:
    fault: Any = THROTTLED
    replica = await approved(monkeypatch, rotations, *BOTH, fault=fault)
    await replica.pass_time(5 * MINUTE)
    monkeypatch.undo()
    monkeypatch.setattr(replica.access_moves, "_rotate", rotations.rotate)
    await replica.pass_time(4 * MINUTE)
    request = await replica.request()
    await replica.pass_time(2 * HOUR)

    assert request.state is RequestState.ACTIVE
    assert request.granted.granted_at != NINE
    span = span_of(request, NINE + HOUR)
    assert span is not None
    assert span.start == NINE - MINUTE
    assert len(places_of(request)) == len(BOTH)
    assert rotations.begun == list(BOTH)
