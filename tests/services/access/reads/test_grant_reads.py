"""What the vaults' log shows of a grant."""

import asyncio
from collections.abc import Collection, Sequence
from datetime import timedelta

import pytest

from domain.access.grant import AzureAnswer
from domain.access.proof import ProofOfUse, ProvenReads
from domain.access.reads import Logged, LogSpan, Read, ReadsSeen, ReadsUnknown, SecretOfVault
from domain.access.request import Request
from services.access.reads import every_read, grant_reads
from services.access.reads.grant_reads import GrantReads
from services.faults import NotPermitted
from services.progress import ProgressCount
from tests.support.builders import (
    ADA,
    DANA,
    HOUR,
    MINUTE,
    SECRET,
    VAULT,
    a_request,
    an_active_request,
)
from tests.support.clock import NINE, ManualClock
from tests.support.fake_read_log import FakeReadLog
from tests.support.replica import Replica, World


class HangingReadLog(FakeReadLog):
    """A log that never answers."""

    async def reads(
        self,
        places: Sequence[SecretOfVault],
        callers: Sequence[str],
        span: LogSpan,
        most: int,
        assignments: Collection[str] = (),
    ) -> Logged:
        await asyncio.Event().wait()
        raise AssertionError


def a_log(clock: ManualClock) -> FakeReadLog:
    log = FakeReadLog(clock)
    place = SecretOfVault(VAULT.resource_id, SECRET)
    log.note(Read(at=NINE + MINUTE, place=place, version="v1", caller=DANA.object_id))
    return log


async def test_the_log_is_asked_once_for_a_request() -> None:
    clock = ManualClock(NINE + HOUR)
    log = a_log(clock)

    found = await GrantReads(log, clock).of(an_active_request())

    assert isinstance(found, ReadsSeen)
    assert [one.count for one in found.versions] == [1]
    assert len(log.asked) == 1


async def test_nothing_is_asked_about_what_was_never_granted_or_without_a_log() -> None:
    clock = ManualClock(NINE + HOUR)
    log = a_log(clock)

    assert await GrantReads(log, clock).of(a_request()) is None
    assert await GrantReads(None, clock).of(an_active_request()) is None
    assert log.asked == []


async def test_more_reads_than_a_card_looks_at_are_all_there_for_a_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grant_reads, "MOST", 2)
    monkeypatch.setattr(every_read, "PAGE", 2)
    clock = ManualClock(NINE + HOUR)
    log = a_log(clock)
    place = SecretOfVault(VAULT.resource_id, SECRET)
    for minute in range(2, 6):
        log.note(Read(at=NINE + minute * MINUTE, place=place, version="v1", caller=DANA.object_id))

    cut = await GrantReads(log, clock).of(an_active_request())
    whole = await GrantReads(log, clock).all_of(an_active_request(), ProgressCount())

    assert isinstance(cut, ReadsSeen)
    assert isinstance(whole, ReadsSeen)
    assert (len(cut.reads), cut.is_whole) == (2, False)
    assert [each.read.at for each in whole.reads] == [NINE + at * MINUTE for at in (5, 4, 3, 2, 1)]
    assert whole.is_whole


async def test_a_read_that_the_grants_assignment_allowed_counts_without_its_caller() -> None:
    clock = ManualClock(NINE + HOUR)
    log = a_log(clock)
    place = SecretOfVault(VAULT.resource_id, SECRET)
    [own] = an_active_request().assignments
    log.note(Read(at=NINE + 2 * MINUTE, place=place, version="v1", caller="", assignment=own.id))

    found = await GrantReads(log, clock).of(an_active_request())

    assert isinstance(found, ReadsSeen)
    assert [(each.is_by_holder, each.is_by_grant) for each in found.reads] == [
        (False, True),
        (True, None),
    ]


async def test_a_log_that_refuses_gives_no_file_either() -> None:
    clock = ManualClock(NINE + HOUR)
    log = a_log(clock)
    log.faults.order("reads", NotPermitted("Log Analytics", "no", status=403, code="Insufficient"))

    found = await GrantReads(log, clock).all_of(an_active_request(), ProgressCount())

    assert found == ReadsUnknown(AzureAnswer(403, "Insufficient"))


async def test_a_log_that_refuses_is_said_to() -> None:
    clock = ManualClock(NINE + HOUR)
    log = a_log(clock)
    log.faults.order("reads", NotPermitted("Log Analytics", "no", status=403, code="Insufficient"))

    found = await GrantReads(log, clock).of(an_active_request())

    assert found == ReadsUnknown(AzureAnswer(403, "Insufficient"))


async def test_a_log_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grant_reads, "PATIENCE", timedelta(milliseconds=1))
    clock = ManualClock(NINE + HOUR)

    found = await GrantReads(HangingReadLog(clock), clock).of(an_active_request())

    assert found == ReadsUnknown(AzureAnswer())


async def test_after_the_end_the_log_is_asked_until_it_answers_and_then_no_more() -> None:
    world = World()
    log = a_log(world.clock)
    world.reads = log
    replica = Replica(world)
    await replica.ask(DANA, "req-one")
    await replica.access.approve(ADA, "req-one")
    await replica.settle()
    log.faults.order("reads", NotPermitted("Log Analytics", "no", status=403, code="No"))
    await replica.pass_time(HOUR)
    await replica.settle()
    at_the_end = len(log.asked)
    await replica.pass_time(25 * MINUTE)
    await replica.settle()
    first = await replica.workflows.load_as(Request, "req-one")
    await replica.pass_time(15 * MINUTE)
    await replica.settle()
    second = await replica.workflows.load_as(Request, "req-one")
    await replica.pass_time(24 * HOUR)
    await replica.settle()

    assert first
    assert second
    assert (at_the_end, first.head.proof, len(log.asked)) == (0, None, 2)
    assert second.head.proof == ProofOfUse(
        is_known=True,
        count=1,
        first=NINE + MINUTE,
        last=NINE + MINUTE,
        secrets=(
            ProvenReads(
                secret=SECRET,
                count=1,
                first=NINE + MINUTE,
                last=NINE + MINUTE,
                operations=("SecretGet",),
            ),
        ),
        asked_at=NINE + HOUR + 40 * MINUTE,
    )
    assert await world.queued() == []
