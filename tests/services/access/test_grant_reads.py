"""What the vaults' log shows of a grant."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from domain.access.reads import Logged, LogSpan, Read, ReadsSeen, ReadsUnknown, SecretOfVault
from domain.access.request import AzureAnswer
from services.access import grant_reads
from services.access.grant_reads import GrantReads
from services.faults import NotPermitted
from tests.support.builders import DANA, HOUR, MINUTE, SECRET, VAULT, a_request, an_active_request
from tests.support.clock import NINE, ManualClock
from tests.support.fake_read_log import FakeReadLog


class HangingReadLog(FakeReadLog):
    """A log that never answers."""

    async def reads(
        self, places: Sequence[SecretOfVault], callers: Sequence[str], span: LogSpan, most: int
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
